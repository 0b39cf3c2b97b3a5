"""A picture's fingerprint: pictures that look alike differ in few of its 64 bits."""

from PIL import Image
from PIL.Image import Resampling

SIDE = 8


def fingerprint(picture: Image.Image) -> int:
    """The difference hash (dHash), as a signed 64-bit number.

    Each bit says whether one of 8 × 8 cells is brighter than its left neighbour.
    """
    cells = picture.convert("L").resize((SIDE + 1, SIDE), Resampling.BICUBIC).tobytes()
    bits = 0
    for at in range(SIDE * (SIDE + 1)):
        if at % (SIDE + 1):
            bits = bits << 1 | (cells[at] > cells[at - 1])
    return bits - (1 << 64) if bits >> 63 else bits
