"""How fast and how small it is, measured: one script for each claim in docs/performance.md.

Each prints its figure, the floor measured in the same run, and the ratio. Everything listens on loopback or unix
sockets, lives in folders of its own, and is gone afterwards.
"""
