"""Pictures made on the spot, good and bad: the least that shows what a test is about."""

import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

REAL = Path(__file__).parents[3] / "shared" / "data" / "photos"
needs_real_pictures = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real photos of ../shared/data/photos are not here; generated twins are tested")

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 30), (30, 30, 200), (240, 240, 240)
CORNERS = (RED, GREEN, BLUE, WHITE)                 # upright: top left, top right, bottom left, bottom right
POINT = (115.93, 28.69)

# How upright pixels are turned before they are stored, so that the orientation flag turns them back.
STORED = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def a_scene(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """Four quarters, each of its own colour: shows which side is up."""
    quarters = Image.new("RGB", (2, 2))
    quarters.putdata(CORNERS)
    return quarters.resize(size, Image.Resampling.NEAREST).convert(mode)


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A picture that does not compress."""
    return Image.frombytes(mode, size, os.urandom(size[0] * size[1] * len(Image.new(mode, (1, 1)).getbands())))


def file_of(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file of this kind."""
    written = BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def degrees(value: float) -> tuple[float, float, float]:
    """Degrees as EXIF's triple."""
    whole, rest = divmod(abs(value), 1)
    minutes, rest = divmod(rest * 60, 1)
    return whole, minutes, rest * 60


def an_exif(*, orientation: int | None = None, position: tuple[float, float] | None = None, gps: Any = None,
            taken: str | None = None, zone: str | None = None, device: tuple[str, str] | None = None) -> bytes:
    """An EXIF block that claims what is given and nothing else; `gps` is a raw block instead of a `position`."""
    exif = Image.Exif()
    if orientation is not None:
        exif[Base.Orientation] = orientation
    if device is not None:
        exif[Base.Make], exif[Base.Model] = device
    if position is not None:
        longitude, latitude = position
        gps = {GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S", GPS.GPSLatitude: degrees(latitude),
               GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W", GPS.GPSLongitude: degrees(longitude)}
    if gps is not None:
        exif.get_ifd(IFD.GPSInfo).update(gps)
    if taken is not None:
        exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = taken
    if zone is not None:
        exif.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] = zone
    return exif.tobytes()


def a_jpeg(size: tuple[int, int] = (640, 480), **claims: Any) -> bytes:
    """A JPEG as a phone sends it."""
    return file_of(a_scene(size), exif=an_exif(**claims)) if claims else file_of(a_scene(size))


def a_turned(orientation: int, kind: str = "JPEG") -> bytes:
    """The scene, stored turned, with the flag that turns it upright again."""
    turn = STORED[orientation]
    stored = a_scene() if turn is None else a_scene().transpose(turn)
    return file_of(stored, kind, exif=an_exif(orientation=orientation))


def png_that_claims(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises that many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def png_chunk(name: bytes, data: bytes) -> bytes:
    """One piece of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A small JPEG whose header promises that many pixels."""
    data = a_jpeg((16, 16))
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4:]


def webp_that_claims(width: int, height: int) -> bytes:
    """A small lossless WebP whose header promises that many pixels."""
    data = bytearray(file_of(a_scene((16, 16)), "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    bits = int.from_bytes(data[at:at + 4], "little") >> 28 << 28 | (height - 1) << 14 | (width - 1)
    data[at:at + 4] = bits.to_bytes(4, "little")
    return bytes(data)


def heic_that_claims(width: int, height: int, real: bytes) -> bytes:
    """A real HEIC whose every stated size is another one."""
    data, at = bytearray(real), real.find(b"ispe")
    while at >= 0:
        data[at + 8:at + 16] = struct.pack(">II", width, height)
        at = real.find(b"ispe", at + 4)
    return bytes(data)
