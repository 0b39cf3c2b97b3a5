"""What a press does: pure functions on a path, which give a picture (or its copy) or raise Refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from PIL.Image import Resampling

from incident_service.photos.press.boxes import Box, fill
from incident_service.photos.press.claims import Claims, claims_of
from incident_service.photos.press.decoding import jpeg, opened, plain, shrunk
from incident_service.photos.press.fingerprint import looks_of
from incident_service.photos.press.limits import Limits

THUMB_SIDE = 320
SCREEN_SIDE = 1280
# Fingerprints come from the thumbnail and are compared over years: it stays as it is. The screen copy may be made by
# what is as sharp for a smaller picture, at two thirds of the time.
FILTERS = {THUMB_SIDE: Resampling.BICUBIC, SCREEN_SIDE: Resampling.HAMMING}


@dataclass(frozen=True, slots=True)
class Picture:
    """What one look at a picture tells. Width and height are upright; `captured` and the position are its claims.

    The fingerprint of a picture too plain to be told from others is 0, and so is the bare one of a picture without
    even borders; sketches are written in hexadecimal digits.
    """

    media_type: str
    width: int
    height: int
    orientation: int
    captured: str | None
    longitude: float | None
    latitude: float | None
    device: str | None
    fingerprint: int
    sketch: str
    bare_fingerprint: int
    bare_sketch: str
    thumb: bytes


def inspect(path: Path, limits: Limits) -> Picture:
    """Verdict, claims, fingerprint and thumbnail from one decode at reduced size. Raises Refused."""
    with opened(path, limits) as (kind, picture):
        width, height = picture.size
        small, claims = _cut(picture, THUMB_SIDE)
        if claims.orientation >= 5:
            width, height = height, width
        whole, bare = looks_of(small)
        return Picture(kind.media_type, width, height, claims.orientation, claims.captured, claims.longitude,
                       claims.latitude, claims.device, *whole, *bare, jpeg(small))


def make_copy(path: Path, limits: Limits, *, side: int, boxes: Sequence[Mapping[str, float]] = ()) -> bytes:
    """A copy that fits a square of `side`, as JPEG, nothing of what lay in the boxes left. Raises Refused."""
    with opened(path, limits) as (_, picture):
        return jpeg(fill(_cut(picture, side)[0], [Box(**box) for box in boxes]))


def make_screen(path: Path, limits: Limits) -> bytes:
    """The copy for screens, as JPEG. Raises Refused."""
    return make_copy(path, limits, side=SCREEN_SIDE)


def _cut(picture: Image.Image, side: int) -> tuple[Image.Image, Claims]:
    """The picture plain and small, and its claims; these after the decode, as PNG may keep EXIF behind the pixels."""
    small = shrunk(picture, side, FILTERS[side])
    claims = claims_of(picture)
    return plain(small, claims.orientation, picture.info.get("icc_profile")), claims
