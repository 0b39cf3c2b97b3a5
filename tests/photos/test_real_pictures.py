"""The real photos of ../shared/data/photos, each against what its manifest expects."""

import csv
import hashlib
from io import BytesIO

import pytest
from PIL import Image

from incident_service.photos.press import Reason, Refused
from tests.photos.pictures import REAL, needs_real_pictures

pytestmark = needs_real_pictures

# name: (width, height upright, longitude, latitude, time taken as claimed)
TAKEN = {
    "exif-gps-malformed.jpg": (8, 8, None, None, "2099-09-29T10:10:10"),
    "exif-invalid.jpg": (200, 200, None, None, None),
    "exif.png": (512, 512, None, None, None),
    "gps-iphone11.heic": (3024, 4032, 106.243105, 47.207124, "2020-05-04T18:39:11-04:00"),
    "gps-null-island.jpg": (640, 512, None, None, None),
    "gps-orient3-iphone5.jpg": (3264, 2448, -122.337333, 47.627167, "2012-09-29T16:11:25"),
    "gps-orient6.webp": (240, 320, -122.040969, 37.392678, "2018-08-27T12:20:23"),
    "gps-paris.jpg": (600, 400, 2.297, 48.857833, "2002-08-24T13:59:08"),
    "gps-phone-htc.jpg": (776, 909, 9.110333, 45.500667, "2011-05-06T09:59:48"),
    "orient1.jpg": (1800, 1200, None, None, None),
    "orient3.jpg": (1800, 1200, None, None, None),
    "orient5-mirrored.jpg": (1800, 1200, None, None, None),
    "orient6.jpg": (1200, 1800, None, None, None),
    "orient8.jpg": (1200, 1800, None, None, None),
    "plain.png": (128, 128, None, None, None),
}
REFUSED = {
    "corrupted.heic": Reason.BROKEN, "decompression-bomb.gif": Reason.TYPE, "empty.heic": Reason.EMPTY,
    "truncated.jpg": Reason.BROKEN, "truncated.png": Reason.BROKEN,
}


def test_every_file_of_the_manifest_is_tested_as_it_was_described():
    with (REAL / "MANIFEST.csv").open(newline="") as manifest:
        rows = list(csv.DictReader(manifest))
    assert {row["file"] for row in rows} == {*TAKEN, *REFUSED}
    for row in rows:
        assert hashlib.sha256((REAL / row["file"]).read_bytes()).hexdigest() == row["sha256"]


@pytest.mark.parametrize("name", TAKEN)
def test_a_real_picture_is_understood(press, name):
    width, height, longitude, latitude, captured = TAKEN[name]
    picture = press.inspect(REAL / name)
    assert (picture.width, picture.height, picture.captured) == (width, height, captured)
    assert picture.longitude == (longitude and pytest.approx(longitude, abs=1e-6))
    assert picture.latitude == (latitude and pytest.approx(latitude, abs=1e-6))


@pytest.mark.parametrize("name", TAKEN)
def test_its_copies_are_upright_jpegs_without_its_metadata(press, name):
    width, height, *_ = TAKEN[name]
    for copy, side in ((press.inspect(REAL / name).thumb, 320), (press.screen(REAL / name), 1280)):
        picture = Image.open(BytesIO(copy))
        assert max(picture.size) == min(side, max(width, height))
        assert picture.width / picture.height == pytest.approx(width / height, rel=0.01)
        assert not picture.getexif() and not {"exif", "icc_profile", "xmp", "photoshop", "comment"} & set(picture.info)


@pytest.mark.parametrize("name", REFUSED)
def test_a_real_file_that_is_no_picture_is_refused(press, name):
    with pytest.raises(Refused) as refused:
        press.inspect(REAL / name)
    assert refused.value.reason is REFUSED[name]


def test_one_scene_held_in_different_ways_looks_alike():
    from incident_service.photos.press import INLINE, Limits, Press

    press = Press(INLINE, Limits())
    upright = press.inspect(REAL / "orient1.jpg").fingerprint
    for name in ("orient3.jpg", "orient5-mirrored.jpg"):
        assert ((press.inspect(REAL / name).fingerprint ^ upright) & (2**64 - 1)).bit_count() <= 4
