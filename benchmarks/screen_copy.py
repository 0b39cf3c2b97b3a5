"""The copy for screens: cut from an explicit draft, with the thumbnail cut from it, against plain Pillow.

Plain Pillow is the floor here: the whole picture decoded at full size, then made small twice. CPU time, one picture
of 12 megapixels, in this process.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PIL.Image import Resampling

from benchmarks import installations
from benchmarks.picture import photo
from benchmarks.telling import median, table
from incident_service.photos.press.decoding import jpeg, opened, plain, shrunk
from incident_service.photos.press.limits import Limits
from incident_service.photos.press.work import FILTERS, SCREEN_SIDE, THUMB_SIDE, inspect, make_screen

PICTURES = 8


def run(repeats: int) -> None:
    """Time each way, in turns."""
    ways: dict[str, Callable[[Path], object]] = {
        "screen from a draft": lambda path: make_screen(path, Limits()),
        "and the thumbnail from it": _screen_and_thumb,
        "plain Pillow, both": _by_plain_pillow,
        "first look at intake": lambda path: inspect(path, Limits()),
    }
    with installations.folder() as home:
        path = home / "photo.jpg"
        path.write_bytes(photo())
        seen: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(repeats * PICTURES):
            for name, way in ways.items():
                seen[name].append(_ms(way, path))
    plain = median(seen["plain Pillow, both"])
    table(("", "CPU ms", "of plain"), [(name, median(ms), median(ms) / plain) for name, ms in seen.items()])


def _ms(way: Callable[[Path], object], path: Path) -> float:
    began = time.process_time()
    way(path)
    return (time.process_time() - began) * 1000


def _screen_and_thumb(path: Path) -> tuple[bytes, bytes]:
    """Both copies from one decode: the small one is cut from the larger one."""
    with opened(path, Limits()) as (_, picture):
        screen = plain(shrunk(picture, SCREEN_SIDE, FILTERS[SCREEN_SIDE]), 1, None)
        return jpeg(screen), jpeg(shrunk(screen, THUMB_SIDE, FILTERS[THUMB_SIDE]))


def _by_plain_pillow(path: Path) -> tuple[bytes, bytes]:
    """Both copies as anybody would make them."""
    with Image.open(path) as picture:
        return jpeg(_fit(picture, SCREEN_SIDE)), jpeg(_fit(picture, THUMB_SIDE))


def _fit(picture: Image.Image, side: int) -> Image.Image:
    scale = side / max(picture.size)
    return picture.resize((round(picture.width * scale), round(picture.height * scale)), Resampling.BICUBIC)
