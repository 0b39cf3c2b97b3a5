"""What a city may do about whoever reports: suspend who abuses it, open who it was.

Always true here: staff begin with a case and see a pseudonym; nobody decides alone; whoever it concerns is told.
"""
