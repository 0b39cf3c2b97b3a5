"""Figures in words: percentiles, tables, and on which machine they were seen."""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import psutil


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 100) of the values lie, interpolated."""
    return float(np.percentile(list(values), share))


def median(values: Iterable[float]) -> float:
    """The value in the middle."""
    return percentile(values, 50)


def machine() -> str:
    """One line about the machine, for comparing figures."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return (f"{len(os.sched_getaffinity(0))} cores {cpu[1] if cpu else platform.machine()}, "
            f"{psutil.virtual_memory().total / 2**30:.0f} GB, Linux {platform.release().split('-')[0]}, "
            f"Python {platform.python_version()}; {load()}")


def load() -> str:
    """How busy the machine is, others included: figures taken beside other work are worse than they should be."""
    return "load average " + " ".join(f"{each:.1f}" for each in os.getloadavg())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below their head."""
    lines = [[str(each) for each in head], *([_written(each) for each in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ", "  ".join(cells), flush=True)


def claim(words: str, *, holds: bool) -> None:
    """Print a target and whether it was met."""
    print(f"   {'met ' if holds else 'MISSED'}  {words}", flush=True)


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"
    return str(value)
