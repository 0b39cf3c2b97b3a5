"""One 12-megapixel photo taken in (verdict, EXIF, fingerprint, thumbnail, sealed), and its screen copy.

The floor is Pillow's own shrink-on-load decode and thumbnail, one SHA-256 and one write of the file. CPU time, in this
process: the way to the press and back is measured by `intake`. The screen copy's floor is plain `draft`, resize, save;
that of a look at a picture is the same look without its fingerprint.
"""

import hashlib
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from unittest.mock import patch
from uuid import uuid4

from PIL import Image

from benchmarks import installations
from benchmarks.picture import another, photo
from benchmarks.telling import claim, median, table
from incident_service.photos.incoming import Spool
from incident_service.photos.press import work
from incident_service.photos.press.fingerprint import NONE
from incident_service.photos.press.limits import Limits
from incident_service.photos.press.work import SCREEN_SIDE, THUMB_SIDE, inspect, make_screen
from incident_service.photos.stores import Folder

PICTURES = 10
CHUNK_BYTES = 64 * 1024
ALLOWED, ALLOWED_SCREEN, ALLOWED_LOOK = 1.5, 1.2, 1.3


def run(repeats: int) -> None:
    """Time all of them, in turns."""
    with installations.folder() as home:
        ways: dict[str, Callable[[Path, bytes], object]] = {
            "taken in": _taken_in, "floor": _floor, "screen copy": _screen, "plain screen copy": _plain_screen,
            "look": _look, "look without fingerprint": _bare_look}
        seen: dict[str, list[float]] = {name: [] for name in ways}
        chance = Random()
        for _ in range(repeats * PICTURES):
            content = another(chance)
            for name, way in ways.items():
                seen[name].append(_ms(way, home, content))
    table(("", "CPU ms"), [(name, median(ms)) for name, ms in seen.items()])
    ratio = median(seen["taken in"]) / median(seen["floor"])
    screen = median(seen["screen copy"]) / median(seen["plain screen copy"])
    claim(f"{len(photo()) / 1e6:.1f} MB, 12 megapixels: {ratio:.2f} of the floor (at most {ALLOWED})",
          holds=ratio <= ALLOWED)
    claim(f"screen copy: {screen:.2f} of plain draft, resize, save (at most {ALLOWED_SCREEN})",
          holds=screen <= ALLOWED_SCREEN)
    look = median(seen["look"]) / median(seen["look without fingerprint"])
    claim(f"look: {look:.2f} of one without its fingerprint (at most {ALLOWED_LOOK})", holds=look <= ALLOWED_LOOK)


def _ms(way: Callable[[Path, bytes], object], home: Path, content: bytes) -> float:
    began = time.process_time()
    way(home, content)
    return (time.process_time() - began) * 1000


def _taken_in(home: Path, content: bytes) -> None:
    """As a request does it: spooled and hashed piece by piece, looked at, sealed, its thumbnail put down."""
    store = Folder(home / "photos")
    store.incoming.mkdir(parents=True, exist_ok=True)
    with Spool(store.incoming / uuid4().hex, number=1, bytes_max=2 * len(content)) as spool:
        for at in range(0, len(content), CHUNK_BYTES):
            spool.write(content[at:at + CHUNK_BYTES])
        picture = inspect(spool.path, Limits())
        store.put_original(spool.path, spool.sha256)
        store.put_copy(uuid4(), "thumb", picture.thumb, lasting=False)


def _look(home: Path, content: bytes) -> None:
    """What the press finds out about a picture."""
    path = home / "look"
    path.write_bytes(content)
    inspect(path, Limits())


def _bare_look(home: Path, content: bytes) -> None:
    """The same without what tells look-alike pictures."""
    with patch.object(work, "looks_of", lambda _: (NONE, NONE)):
        _look(home, content)


def _floor(home: Path, content: bytes) -> None:
    """The least anybody must do."""
    path = home / uuid4().hex
    path.write_bytes(content)
    hashlib.sha256(content).hexdigest()
    with Image.open(path) as picture:
        picture.draft(None, (THUMB_SIDE, THUMB_SIDE))
        picture.thumbnail((THUMB_SIDE, THUMB_SIDE))
        picture.save(BytesIO(), "JPEG", quality=82)


def _screen(home: Path, content: bytes) -> None:
    """As the media worker's press does it."""
    path = home / "screen"
    path.write_bytes(content)
    make_screen(path, Limits())


def _plain_screen(home: Path, content: bytes) -> None:
    """As anybody would do it who knows `draft`."""
    path = home / "screen"
    path.write_bytes(content)
    with Image.open(path) as picture:
        size = (SCREEN_SIDE, round(SCREEN_SIDE * picture.height / picture.width))
        picture.draft(None, size)
        picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0).save(BytesIO(), "JPEG", quality=82)
