"""What a picture claims of itself: read where it makes sense, and never a reason to refuse a good picture."""

import struct
from io import BytesIO

import pytest
from PIL import Image
from PIL.ExifTags import GPS
from PIL.TiffImagePlugin import IFDRational

from tests.photos.pictures import POINT, a_jpeg, a_scene, an_exif, file_of, png_chunk

FULL = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (28, 41, 24),
        GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (115, 55, 48)}
NO_POSITION = {
    "0, 0 is a camera without a fix": FULL | {GPS.GPSLatitude: (0, 0, 0), GPS.GPSLongitude: (0, 0, 0)},
    "0/0": FULL | {GPS.GPSLatitude: (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))},
    "latitude beyond the pole": FULL | {GPS.GPSLatitude: (90, 0, 1)},
    "longitude beyond the date line": FULL | {GPS.GPSLongitude: (180, 30, 0)},
    "61 minutes": FULL | {GPS.GPSLatitude: (28, 61, 0)},
    "one number instead of three": FULL | {GPS.GPSLatitude: 4294967295.0},
    "no hemisphere": {name: value for name, value in FULL.items() if name != GPS.GPSLongitudeRef},
    "a hemisphere nobody knows": FULL | {GPS.GPSLatitudeRef: "X"},
    "no longitude": {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (28, 41, 24)},
    "text": FULL | {GPS.GPSLatitudeRef: "28,41,24 north"},
    "another datum": FULL | {GPS.GPSMapDatum: "TOKYO"},
    "nothing": {},
}


@pytest.fixture
def look(press, on_disk):
    """Looks at a file's bytes."""
    return lambda data: press.inspect(on_disk(data))


@pytest.mark.parametrize("point", [POINT, (-122.337333, 47.627167), (151.2, -33.86), (0.0, 51.48), (-179.9, 0.0)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_position_is_read_with_its_hemispheres(look, kind, point):
    picture = look(file_of(a_scene(), kind, exif=an_exif(position=point)))
    assert (picture.longitude, picture.latitude) == pytest.approx(point, abs=1e-6)


@pytest.mark.parametrize("gps", NO_POSITION.values(), ids=list(NO_POSITION))
def test_a_position_that_cannot_be_is_none(look, gps):
    picture = look(a_jpeg(gps=gps, device=("Make", "Model")))
    assert (picture.longitude, picture.latitude, picture.device) == (None, None, "Make Model")


@pytest.mark.parametrize(("taken", "zone", "captured"), [
    ("2026:01:02 03:04:05", None, "2026-01-02T03:04:05"),
    ("2026:01:02 03:04:05", "+08:00", "2026-01-02T03:04:05+08:00"),
    ("2026:01:02 03:04:05\0", "-03:30\0", "2026-01-02T03:04:05-03:30"),
    ("2026:01:02 03:04:05", "+99:00", "2026-01-02T03:04:05"),
    ("2026:01:02 03:04:05", "Z", "2026-01-02T03:04:05"),
    ("2026:13:45 99:99:99", "+08:00", None),
    ("0000:00:00 00:00:00", None, None),
    ("    :  :     :  :  ", None, None),
    ("yesterday", None, None),
    (None, None, None),
])
def test_the_time_taken_has_a_zone_only_where_the_picture_states_one(look, taken, zone, captured):
    assert look(a_jpeg(taken=taken, zone=zone, device=("A", "B"))).captured == captured


@pytest.mark.parametrize(("make", "model", "device"), [
    ("Apple", "iPhone 11", "Apple iPhone 11"), ("HUAWEI", "HUAWEI P40", "HUAWEI P40"), ("", "", None),
    ("Evil\0", "\x1b[31m\nPhone", "Evil [31mPhone"), ("M" * 500, "", "M" * 80),
])
def test_a_device_is_named_once_and_in_printable_letters(look, make, model, device):
    assert look(a_jpeg(device=(make, model))).device == device


@pytest.mark.parametrize("orientation", [0, 9, 65535, 255])
def test_an_orientation_that_does_not_exist_turns_nothing(look, orientation):
    picture = look(a_jpeg(orientation=orientation))
    assert (picture.orientation, picture.width, picture.height) == (1, 640, 480)


def looping():
    """An EXIF block whose directories point at themselves."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8), struct.pack("<HHII", 0x8825, 4, 1, 8)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + b"".join(entry) + struct.pack("<I", 8)


def endless():
    """An EXIF block whose one entry says that it is four gigabytes long."""
    return b"Exif\0\0MM\0*" + struct.pack(">IHHHII", 8, 1, 0x010F, 2, 0xFFFFFFFF, 0xFFFFFF00) + bytes(4)


@pytest.mark.parametrize("exif", [
    looping(), endless(), b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0" + b"\xff" * 200, b"Exif\0\0MM\0*\xff\xff\xff\xff",
    an_exif(orientation=6, position=POINT)[:40],
], ids=["looping", "endless", "empty", "header only", "noise", "points outside", "cut off"])
def test_a_broken_block_never_fails_a_good_picture(look, exif):
    picture = look(file_of(a_scene(), exif=exif))
    assert (picture.longitude, picture.latitude, picture.captured) == (None, None, None)
    assert Image.open(BytesIO(picture.thumb)).size in ((320, 240), (240, 320))


def test_claims_behind_a_pngs_pixels_are_read(look):
    pixels, end = file_of(a_scene(), "PNG")[:-12], png_chunk(b"IEND", b"")
    claims = an_exif(orientation=6, position=POINT).removeprefix(b"Exif\0\0")
    picture = look(pixels + png_chunk(b"eXIf", claims) + end)
    assert (picture.orientation, picture.width, picture.height) == (6, 480, 640)
    assert (picture.longitude, picture.latitude) == pytest.approx(POINT)
