"""`python -m benchmarks [name ...]`: run the named benchmarks, or all of them, and print what they found."""

import argparse
import sys
import time
from importlib import import_module

from benchmarks.telling import machine

NAMES = ("footprint", "screen_copy", "push_latency", "burst", "intake", "chain", "photo_intake", "web_memory",
         "lookalikes", "collusion", "lookup", "figures", "supervision", "live_price", "history", "due_scan",
         "points_balances", "points_awards", "finding", "moves", "decision", "exports")


def main() -> int:
    """Run what is asked for, one after the other: 0."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; all when none is given")
    asked.add_argument("--repeats", type=int, default=3, help="how often each figure is taken; medians are printed")
    given = asked.parse_args()
    if unknown := set(given.names) - set(NAMES):
        asked.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print(machine())
    for name in given.names or NAMES:
        began = time.monotonic()
        module = import_module(f"benchmarks.{name}")
        print(f"\n== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        module.run(given.repeats)
        print(f"   ({time.monotonic() - began:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
