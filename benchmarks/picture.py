"""Photos like a phone's: 12 megapixels, some 2 MB, each showing something else, and cheap to make while measuring.

One is drawn and compressed, the same on every run. Others are made of its strips in another order: a JPEG with
restart markers may be cut at them. So no store takes one for another, and none looks like another.
"""

import re
from functools import cache
from io import BytesIO
from random import Random
from typing import Any

import numpy as np
from PIL import Image
from PIL.Image import Resampling

SIZE = (4000, 3000)
OCTAVES = ((4, 60), (8, 44), (16, 34), (40, 26), (100, 20), (250, 14), (500, 9), (1000, 6))     # cells across, strength
GRAIN = 5.0
QUALITY = 83
STRIP_ROWS = 4                                  # of blocks: 47 strips of equal height
START_OF_SCAN, END = b"\xff\xda", b"\xff\xd9"
RESTART = re.compile(rb"\xff[\xd0-\xd7]")
RESTARTS = [bytes((0xFF, 0xD0 + number)) for number in range(8)]


@cache
def photo() -> bytes:
    """The photo as a JPEG file: soft shapes, fine texture and a sensor's grain, as light leaves them."""
    chance = np.random.default_rng(20211219)
    light = sum(_octave(chance, across, strength) for across, strength in OCTAVES)
    grain = chance.normal(0, GRAIN, (SIZE[1], SIZE[0], 1)).astype(np.float32)
    tint = np.stack([_octave(chance, 12, 22) for _ in range(3)], axis=-1)
    pixels = np.clip(118 + light[..., None] + tint + grain, 0, 255).astype(np.uint8)
    written = BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=QUALITY, subsampling="4:2:0", restart_marker_rows=STRIP_ROWS)
    return written.getvalue()


def _octave(chance: np.random.Generator, across: int, strength: float) -> Any:
    """Noise of one coarseness, drawn small and enlarged."""
    cells = chance.normal(0, strength, (across * 3 // 4, across)).astype(np.float32)
    return np.asarray(Image.fromarray(cells).resize(SIZE, Resampling.BICUBIC))


def another(chance: Random) -> bytes:
    """The photo with its strips in an order drawn by lot."""
    head, strips = _strips()
    drawn = chance.sample(strips, len(strips))
    marks = (RESTARTS[place % 8] for place in range(len(drawn) - 1))
    return b"".join([head, drawn[0], *(part for pair in zip(marks, drawn[1:], strict=True) for part in pair), END])


@cache
def _strips() -> tuple[bytes, list[bytes]]:
    """Everything before the pixels, and the pixels in strips."""
    file = photo()
    scan = file.index(START_OF_SCAN)
    begin = scan + 2 + int.from_bytes(file[scan + 2:scan + 4], "big")
    return file[:begin], RESTART.split(file[begin:].removesuffix(END))
