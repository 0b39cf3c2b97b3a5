"""What is kept for how long (config/tables/retention.toml), and how it goes.

Always true here: a rule is applied to a case once and leaves a tombstone; figures are the same before and after; the
history's chain still verifies; what is erased is erased in the store too.
"""
