"""A photo like a phone's: 12 megapixels, some 2 MB, the same on every run; and as many unlike copies as are wanted."""

import os
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image
from PIL.Image import Resampling

SIZE = (4000, 3000)
OCTAVES = ((4, 60), (8, 44), (16, 34), (40, 26), (100, 20), (250, 14), (500, 9), (1000, 6))     # cells across, strength
GRAIN = 5.0
QUALITY = 83
START = b"\xff\xd8"
COMMENT = b"\xff\xfe\x00\x12"               # a JPEG comment of 16 bytes follows


@cache
def photo() -> bytes:
    """The photo as a JPEG file: soft shapes, fine texture and a sensor's grain, as light leaves them."""
    chance = np.random.default_rng(20211219)
    light = sum(_octave(chance, across, strength) for across, strength in OCTAVES)
    grain = chance.normal(0, GRAIN, (SIZE[1], SIZE[0], 1)).astype(np.float32)
    tint = np.stack([_octave(chance, 12, 22) for _ in range(3)], axis=-1)
    pixels = np.clip(118 + light[..., None] + tint + grain, 0, 255).astype(np.uint8)
    written = BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return written.getvalue()


def _octave(chance: np.random.Generator, across: int, strength: float) -> Any:
    """Noise of one coarseness, drawn small and enlarged."""
    cells = chance.normal(0, strength, (across * 3 // 4, across)).astype(np.float32)
    return np.asarray(Image.fromarray(cells).resize(SIZE, Resampling.BICUBIC))


def unlike_all_others() -> tuple[bytes, memoryview]:
    """The photo with a comment nobody else has, as two parts: no store takes it for one it has already."""
    return START + COMMENT + os.urandom(16), memoryview(photo())[len(START):]
