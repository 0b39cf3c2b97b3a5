"""What a picture's EXIF block claims: turned how, taken when, where and by which device.

Claims are hints. Whatever is missing, broken, looping, 0/0 or out of range is None, and never fails a good picture.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

Value = TypeVar("Value")
TIME = "%Y:%m:%d %H:%M:%S"
OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
DEVICE_CHARACTERS_MAX = 80


@dataclass(frozen=True, slots=True)
class Claims:
    """`captured` is ISO 8601 and carries a zone only where the picture states one; degrees are WGS-84."""

    orientation: int = 1
    captured: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    device: str | None = None


def claims_of(picture: Image.Image) -> Claims:
    """Everything the picture claims of itself."""
    exif = _or_none(picture.getexif)
    if not exif:
        return Claims()
    longitude, latitude = _or_none(lambda: position(exif.get_ifd(IFD.GPSInfo))) or (None, None)
    return Claims(
        orientation=_or_none(lambda: orientation(exif)) or 1,
        captured=_or_none(lambda: captured(exif.get_ifd(IFD.Exif))),
        longitude=longitude,
        latitude=latitude,
        device=_or_none(lambda: device(exif)),
    )


def orientation(exif: Image.Exif) -> int:
    """One of the eight ways a stored picture may be turned; 1, upright, for anything else."""
    value = exif.get(Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def captured(tags: dict[int, Any]) -> str | None:
    """The camera's own time, as the camera tells it. Raises ValueError when it is none."""
    for time, offset in ((Base.DateTimeOriginal, Base.OffsetTimeOriginal),
                         (Base.DateTimeDigitized, Base.OffsetTimeDigitized)):
        if text := str(tags.get(time) or "").strip("\0 "):
            return datetime.strptime(text, TIME).isoformat() + _zone(tags.get(offset))      # noqa: DTZ007
    return None


def position(tags: dict[int, Any]) -> tuple[float, float] | None:
    """Longitude and latitude; None without a fix (0, 0), without hemispheres, or in another datum than WGS-84."""
    if "84" not in str(tags.get(GPS.GPSMapDatum) or "WGS-84"):
        return None
    longitude = _degrees(tags[GPS.GPSLongitude], 180) * {"E": 1, "W": -1}[tags[GPS.GPSLongitudeRef]]
    latitude = _degrees(tags[GPS.GPSLatitude], 90) * {"N": 1, "S": -1}[tags[GPS.GPSLatitudeRef]]
    return (longitude, latitude) if longitude or latitude else None


def device(exif: Image.Exif) -> str | None:
    """Make and model, said once and fit to be stored and shown."""
    make, model = (_printable(exif.get(tag)) for tag in (Base.Make, Base.Model))
    name = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    return name.strip()[:DEVICE_CHARACTERS_MAX] or None


def _degrees(triple: Any, bound: int) -> float:
    """Degrees from degrees, minutes and seconds. Raises ValueError when they are none."""
    degrees, minutes, seconds = map(float, triple)
    value = degrees + minutes / 60 + seconds / 3600
    if not (math.isfinite(value) and min(degrees, minutes, seconds) >= 0 and value <= bound
            and minutes < 60 and seconds <= 60):
        raise ValueError("not a position")
    return value


def _zone(offset: Any) -> str:
    stated = str(offset or "").rstrip("\0 ")
    return stated if OFFSET.fullmatch(stated) else ""


def _printable(value: Any) -> str:
    return "".join(filter(str.isprintable, value)).strip() if isinstance(value, str) else ""


def _or_none(read: Callable[[], Value]) -> Value | None:
    """What `read` gives; None when it stumbles, over whatever: EXIF comes from strangers and breaks in every way."""
    try:
        return read()
    except Exception:
        return None
