"""What a picture looks like, in few bits: enough to find it again after it was compressed, resized, brightened,
mirrored, cropped a little, or photographed off a screen with bars around it.

A fingerprint is the signs of the 64 lowest frequencies of the picture (pHash): look-alikes differ in few of them.
A sketch is the picture in 32 × 32 greys, by which a find is confirmed (`photos/likeness.py`).
"""

from math import pi
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Resampling

SIDE = 32
BITS = 64
EVEN_GREYS = 2.0            # a line of pixels that varies less is part of an even border
CORE_SHARE_MIN = 0.35       # what is left between borders must be at least this much of a side
WORDS_SHARE_MAX = 0.06      # of a side: how high words in a bar may be
BORDER_SHARE_MIN = 0.03     # less than this is no border but an edge
PLAIN_GREYS = 2.5           # a picture with less in it than this, gradients aside, is like too many others

COSINES = np.cos(pi / (2 * SIDE) * np.outer(np.arange(SIDE), 2 * np.arange(SIDE) + 1)).astype(np.float32)
LOWEST = sorted(((row, column) for row in range(SIDE) for column in range(SIDE) if row or column),
                key=lambda place: (place[0] ** 2 + place[1] ** 2, place))[:BITS]
ROWS, COLUMNS = (np.array(each) for each in zip(*LOWEST, strict=True))
MIRRORED = sum(1 << bit for bit, column in enumerate(COLUMNS) if column % 2)       # signs that turn in a mirror
Greys = NDArray[np.float32]


class Look(NamedTuple):
    """A fingerprint (64 bits, signed; 0 when there is none), and a sketch in hexadecimal digits."""

    fingerprint: int
    sketch: str


NONE = Look(0, "")


def looks_of(picture: Image.Image) -> tuple[Look, Look]:
    """The look of a picture, and of what is left of it without even borders."""
    grey = picture.convert("L")
    box = within_borders(np.asarray(grey, dtype=np.float32))
    return look_of(grey), look_of(grey.crop(box)) if box else NONE


def look_of(grey: Image.Image) -> Look:
    """Fingerprint and sketch of a grey picture; none of one that is too plain."""
    sketch = grey.resize((SIDE, SIDE), Resampling.BILINEAR)
    greys = np.asarray(sketch, dtype=np.float32)
    return NONE if is_plain(greys) else Look(fingerprint(greys), sketch.tobytes().hex())


def fingerprint(greys: Greys) -> int:
    """The signs of the lowest frequencies, as a signed 64-bit number."""
    signs = (COSINES @ greys @ COSINES.T)[ROWS, COLUMNS] > 0
    return int(np.packbits(signs, bitorder="little").view("<i8")[0])


def is_plain(greys: Greys) -> bool:
    """Whether hardly anything is left of a picture once its mean and its slopes are taken away."""
    slope, ones = np.linspace(-1, 1, SIDE, dtype=np.float32), np.ones(SIDE, dtype=np.float32)
    norm = float(SIDE * (slope @ slope))
    rest = greys - greys.mean()
    rest = rest - np.outer(slope, ones) * (slope @ rest.sum(1) / norm)
    rest = rest - np.outer(ones, slope) * (rest.sum(0) @ slope / norm)
    return float(rest.std()) < PLAIN_GREYS


def within_borders(greys: Greys) -> tuple[int, int, int, int] | None:
    """The box (left, top, right, bottom) that even bars surround, words in the bars aside; None without bars."""
    top, bottom = core(greys)
    left, right = core(greys[top:bottom].T)
    share = (bottom - top) * (right - left) / greys.size
    return (left, top, right, bottom) if share <= 1 - BORDER_SHARE_MIN else None


def core(lines: Greys) -> tuple[int, int]:
    """Where the picture between bars begins and ends; everything when that is too little to be a picture."""
    outermost = int(WORDS_SHARE_MAX * len(lines)) + 1
    if not (are_even(lines[:outermost]).any() or are_even(lines[-outermost:]).any()):
        return 0, len(lines)                # as most pictures are: there is no need to look at all of their lines
    even, levels = are_even(lines), lines.mean(axis=1)
    start, end = bar(even, levels), len(lines) - bar(even[::-1], levels[::-1])
    return (start, end) if end - start >= CORE_SHARE_MIN * len(lines) else (0, len(lines))


def are_even(lines: Greys) -> NDArray[np.bool_]:
    """Which lines are of one grey."""
    return lines.std(axis=1) < EVEN_GREYS


def bar(even: NDArray[np.bool_], levels: Greys) -> int:
    """How many lines from the edge belong to a bar: even lines of one grey, words written across them included."""
    words_max = int(WORDS_SHARE_MAX * len(levels))
    lines = np.flatnonzero(even)
    if not len(lines) or lines[0] > words_max:
        return 0
    lines = lines[np.abs(levels[lines] - levels[lines[0]]) <= EVEN_GREYS]
    breaks = np.flatnonzero(np.diff(lines) > words_max + 1)
    return int(lines[breaks[0]] if len(breaks) else lines[-1]) + 1
