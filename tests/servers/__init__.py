"""Real servers for tests and benchmarks: PostgreSQL and Redis from their packages, started by us, gone with us."""
