"""Pages for people, documents for programmers, and what a monitor asks: the answers that belong to no single room.

Always true here: a page works without any outside network and without script (script only keeps it fresh), and runs
no script that is not a file of ours; figures about the inside are for callers on this machine or with METRICS_TOKEN.
"""
