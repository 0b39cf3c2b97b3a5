"""Storey 0: what every room stands on, without a word of incidents.

Database and transaction, promised jobs, problems, clock, languages, HTTP manners, logs, keys.
"""
