"""Files that are no pictures, and pictures that are traps: refused, for a reason, quickly and without much memory."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_service.photos.press import INLINE, Limits, Picture, Press, Reason, Refused
from tests.photos.pictures import (
    POINT,
    REAL,
    a_jpeg,
    a_scene,
    an_exif,
    file_of,
    heic_that_claims,
    jpeg_that_claims,
    needs_real_pictures,
    noise,
    png_that_claims,
    webp_that_claims,
)

OTHER_TYPES = {
    "GIF": file_of(a_scene(mode="P"), "GIF"), "BMP": file_of(a_scene(), "BMP"), "TIFF": file_of(a_scene(), "TIFF"),
    "JPEG 2000": file_of(a_scene(), "JPEG2000"), "PDF": file_of(a_scene(), "PDF"),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>', "XML": b'\xef\xbb\xbf<?xml version="1.0"?><svg/>',
    "HTML": b"\n <!DOCTYPE html><script>alert(1)</script>", "ZIP": b"PK\3\4" + bytes(30),
    "video": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(30),
    "": b"just words in a file called photo.jpg",
}
CUT_OFF = {
    "JPEG": file_of(noise((300, 300))), "progressive JPEG": file_of(noise((300, 300)), progressive=True),
    "PNG": file_of(noise((300, 300)), "PNG"), "WebP": file_of(noise((300, 300)), "WEBP"),
    "AVIF": file_of(noise((300, 300)), "AVIF"),
}
BOMBS = {
    "PNG": png_that_claims(40_000, 40_000), "one pixel over": png_that_claims(50_000_001, 1),
    "PNG above every warning": png_that_claims(2**31 - 1, 2**31 - 1), "JPEG": jpeg_that_claims(65_000, 65_000),
    "WebP": webp_that_claims(16_383, 16_383),
}


def refusal(press, path):
    with pytest.raises(Refused) as refused:
        press.inspect(path)
    return refused.value


@pytest.mark.parametrize("seems", OTHER_TYPES)
def test_other_files_are_refused_by_what_they_are_not_by_what_they_are_called(press, on_disk, seems):
    refused = refusal(press, on_disk(OTHER_TYPES[seems]))
    assert (refused.reason, refused.seems) == (Reason.TYPE, seems)


def test_an_empty_file_is_refused(press, on_disk):
    assert refusal(press, on_disk(b"")).reason is Reason.EMPTY


@pytest.mark.parametrize("kind", CUT_OFF)
@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_picture_that_was_cut_off_is_refused(press, on_disk, kind, part):
    data = CUT_OFF[kind]
    assert press.inspect(on_disk(data)).width == 300
    path = on_disk(data[:int(len(data) * part)])
    assert refusal(press, path).reason is Reason.BROKEN
    with pytest.raises(Refused):
        press.screen(path)


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_before_it_is_unpacked(press, on_disk, kind):
    path = on_disk(BOMBS[kind])
    tracemalloc.start()
    assert refusal(press, path).reason is Reason.PIXELS
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_a_bomb_in_avif_is_refused(press, on_disk):
    bomb = heic_that_claims(30_000, 30_000, file_of(a_scene(), "AVIF"))
    assert refusal(press, on_disk(bomb)).reason in (Reason.PIXELS, Reason.BROKEN)


@needs_real_pictures
def test_a_bomb_in_heic_is_refused(press, on_disk):
    real = (REAL / "gps-iphone11.heic").read_bytes()
    assert refusal(press, on_disk(heic_that_claims(30_000, 30_000, real))).reason in (Reason.PIXELS, Reason.BROKEN)


def test_the_number_of_pixels_is_a_setting(on_disk):
    small = Press(INLINE, Limits(pixels_max=640 * 480 - 1))
    assert refusal(small, on_disk(a_jpeg((640, 480)))).reason is Reason.PIXELS
    assert small.inspect(on_disk(a_jpeg((640, 479)))).height == 479


SEEDS = {
    "JPEG": a_jpeg((64, 48), orientation=6, position=POINT, taken="2026:01:02 03:04:05", device=("A", "B")),
    "progressive": file_of(a_scene((64, 48)), progressive=True),
    "CMYK": file_of(a_scene((64, 48), "CMYK")),
    "MPO": file_of(a_scene((64, 48)), "MPO", save_all=True, append_images=[a_scene((32, 24))]),
    "PNG": file_of(a_scene((64, 48), "P"), "PNG", exif=an_exif(orientation=8)),
    "WebP": file_of(a_scene((64, 48), "RGBA"), "WEBP", exif=an_exif(orientation=3, position=POINT)),
    "lossless WebP": file_of(a_scene((64, 48)), "WEBP", lossless=True),
    "AVIF": file_of(a_scene((64, 48)), "AVIF", exif=an_exif(orientation=6, position=POINT)),
    "HEIC": (REAL / "corrupted.heic").read_bytes() if REAL.is_dir() else b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" * 9,
}


@st.composite
def mutated(draw):
    """A picture with some bytes changed, and perhaps a piece cut out or doubled."""
    data = bytearray(SEEDS[draw(st.sampled_from(sorted(SEEDS)))])
    places = st.integers(0, len(data) - 1)
    for at, byte in draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=12)):
        data[at] = byte
    start, end = sorted(draw(st.tuples(places, places)))
    return bytes(draw(st.sampled_from([data, data[:end], data[:start] + data[end:], data[:end] + data[start:]])))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=mutated())
def test_whatever_bytes_come_the_press_gives_a_picture_or_a_refusal(tmp_path: Path, data: bytes):
    path = tmp_path / "mutated"
    path.write_bytes(data)
    press = Press(INLINE, Limits(pixels_max=1_000_000))
    try:
        picture = press.inspect(path)
        copy = press.screen(path)
    except Refused as refused:
        assert refused.reason in Reason
    else:
        assert isinstance(picture, Picture)
        assert picture.thumb[:2] == copy[:2] == b"\xff\xd8"
        assert picture.longitude is None or -180 <= picture.longitude <= 180
