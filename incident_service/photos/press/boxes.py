"""Boxes on a picture whose pixels are destroyed: relative to the upright picture, so that they fit every size."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from PIL import Image, ImageDraw

FILL = (0, 0, 0)
MARGIN = 1                          # shrinking mixes neighbours: the pixel around a box may carry a little of it


@dataclass(frozen=True, slots=True)
class Box:
    """From 0 to 1: where it begins at the left and the top, how wide and how high it is."""

    left: float
    top: float
    width: float
    height: float


def fill(picture: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """The RGB picture, solid where the boxes lie; rounded outwards, so that no edge of what they hide is left."""
    pen = ImageDraw.Draw(picture)
    for box in boxes:
        pen.rectangle((floor(box.left * picture.width) - MARGIN, floor(box.top * picture.height) - MARGIN,
                       ceil((box.left + box.width) * picture.width) + MARGIN - 1,
                       ceil((box.top + box.height) * picture.height) + MARGIN - 1), fill=FILL)
    return picture
