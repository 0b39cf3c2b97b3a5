"""Pictures through the real API: what is taken gets a case and links, what is not leaves nothing behind."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from incident_service.cases import Case
from incident_service.foundation.database import db
from incident_service.photos import Photo
from tests.photos.pictures import (
    POINT,
    REAL,
    a_jpeg,
    a_scene,
    a_turned,
    an_exif,
    file_of,
    needs_real_pictures,
    png_that_claims,
)
from tests.photos.test_real_pictures import REFUSED, TAKEN

TWINS_TAKEN = {
    "from a phone": a_turned(6), "progressive": file_of(a_scene(), progressive=True),
    "CMYK": file_of(a_scene(mode="CMYK")), "PNG": file_of(a_scene(), "PNG"), "WebP": file_of(a_scene(), "WEBP"),
    "AVIF": file_of(a_scene(), "AVIF"),
    "MPO": file_of(a_scene(), "MPO", save_all=True, append_images=[a_scene((64, 48))]),
    "no fix": a_jpeg(position=(0.0, 0.0)), "with a position": a_jpeg(position=POINT),
}
TWINS_REFUSED = {
    "empty": (b"", 422), "text named .jpg": (b"words", 415), "GIF": (file_of(a_scene(mode="P"), "GIF"), 415),
    "cut off": (a_jpeg()[:3000], 422), "bomb": (png_that_claims(40_000, 40_000), 422),
    "HEIC of nothing": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000), 422),
}


@pytest.fixture
def resident(store, town, phone_of):
    """A resident's phone, and an empty photo store."""
    return phone_of(town.resident)


def files_in(store):
    return [path for path in Path(store.root).rglob("*") if path.is_file()]


def is_taken(resident, run_jobs, content):
    """Whether the picture is reported, shown as a thumbnail at once, and on screens after its job."""
    answer = resident.report(content)
    assert answer.status_code == 201, answer.json
    urls = answer.json["photos"][0]["urls"]
    assert resident.client.get(urls["screen"]).json["type"] == "/problems/photo-not-ready"
    run_jobs()
    sides = [max(Image.open(BytesIO(resident.client.get(urls[size]).data)).size) for size in ("thumb", "screen")]
    return sides[0] <= 320 and sides[0] <= sides[1] <= 1280


def is_refused(resident, store, content):
    """With which status a report is refused for this picture; asserts that nothing of it is left."""
    answer = resident.report(a_jpeg(), content)
    assert answer.json["errors"][0]["pointer"] == "#/photos/1"
    assert "JPEG" in answer.json["detail"]
    assert files_in(store) == []
    assert db.session.scalar(select(func.count(Photo.id))) == db.session.scalar(select(func.count(Case.id))) == 0
    return answer.status_code


@pytest.mark.parametrize("name", TWINS_TAKEN)
def test_a_good_picture_is_taken(resident, run_jobs, name):
    assert is_taken(resident, run_jobs, TWINS_TAKEN[name])


@pytest.mark.parametrize("name", TWINS_REFUSED)
def test_a_bad_picture_is_refused_and_leaves_nothing(resident, store, name):
    content, status = TWINS_REFUSED[name]
    assert is_refused(resident, store, content) == status


@needs_real_pictures
@pytest.mark.parametrize("name", TAKEN)
def test_a_real_picture_is_taken(resident, run_jobs, name):
    assert is_taken(resident, run_jobs, (REAL / name).read_bytes())


@needs_real_pictures
@pytest.mark.parametrize("name", REFUSED)
def test_a_real_file_that_is_no_picture_is_refused_and_leaves_nothing(resident, store, name):
    assert is_refused(resident, store, (REAL / name).read_bytes()) in (415, 422)


def test_a_picture_over_the_limit_is_413(app, resident, store, monkeypatch):
    monkeypatch.setitem(app.config, "PHOTO_BYTES_MAX", 5000)
    answer = resident.report(a_jpeg((16, 16)), a_jpeg())
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (413, "#/photos/1")
    assert files_in(store) == []


@pytest.mark.parametrize("number", [0, 10])
def test_no_picture_and_ten_pictures_are_refused(resident, store, number):
    answer = resident.send("/reports", {"longitude": POINT[0], "latitude": POINT[1], "coordinate_system": "wgs84"},
                           [a_jpeg()] * number)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/photos")
    assert files_in(store) == []


def test_a_report_sent_twice_with_one_key_is_one_report_and_one_picture(resident, store):
    picture = a_jpeg()
    first, again = (resident.report(picture, key="tunnel-0001") for _ in range(2))
    assert (first.status_code, again.status_code, first.json["id"]) == (201, 201, again.json["id"])
    assert len(list(store.walk())) == db.session.scalar(select(func.count(Photo.id))) == 1
    assert resident.report(a_jpeg((64, 64)), key="tunnel-0001").status_code == 422


def test_without_a_store_or_a_press_a_report_is_503_and_nothing_is_half_made(app, resident, store, monkeypatch):
    with monkeypatch.context() as outage:
        outage.setitem(app.config, "PHOTO_PRESS", str(store.root / "no-press.sock"))
        assert resident.report(a_jpeg()).status_code == 503
    store.root.mkdir(exist_ok=True)
    (store.root / "originals").write_text("a file where the folder should be")
    answer = resident.report(a_jpeg())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert db.session.scalar(select(func.count(Case.id))) == 0
    (store.root / "originals").unlink()
    assert resident.report(a_jpeg()).status_code == 201


XMP = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">secret-xmp</x:xmpmeta>'
IPTC = b"\x1c\x02\x78\x00\x0bsecret-iptc"
TRACES = (b"Exif", b"exif", b"xmpmeta", b"xpacket", b"adobe:ns", b"Photoshop", b"8BIM", b"secret",
          b"ICC_PROFILE", b"eXIf")


def jpeg_with_everything():
    """A JPEG with EXIF, its position, XMP and IPTC."""
    jpeg = a_jpeg(position=POINT, taken="2026:01:02 03:04:05", device=("secret", "phone"))
    parts = ((b"\xff\xe1", b"http://ns.adobe.com/xap/1.0/\0" + XMP), (b"\xff\xfe", b"secret comment"),
             (b"\xff\xed", b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + len(IPTC).to_bytes(4, "big") + IPTC))
    return jpeg[:2] + b"".join(mark + (len(data) + 2).to_bytes(2, "big") + data for mark, data in parts) + jpeg[2:]


WITH_POSITION = {
    "JPEG": jpeg_with_everything(),
    "WebP": file_of(a_scene(), "WEBP", exif=an_exif(position=POINT), xmp=XMP),
    "PNG": file_of(a_scene(), "PNG", exif=an_exif(position=POINT)),
    "AVIF": file_of(a_scene(), "AVIF", exif=an_exif(position=POINT), xmp=XMP),
}


def published(resident, run_jobs, content):
    """Both copies as anybody gets them, upright and small."""
    answer = resident.report(content).json
    run_jobs()
    return [resident.client.get(answer["photos"][0]["urls"][size]).data for size in ("thumb", "screen")]


def has_trace(jpeg):
    """Whether the head of a JPEG, before its pixels, holds any metadata or an application's own segment."""
    head = jpeg[:jpeg.index(b"\xff\xda")]
    return any(trace in head for trace in TRACES) or any(
        bytes([0xFF, mark]) in head for mark in (0xE1, 0xE2, 0xED, 0xFE))


@pytest.mark.parametrize("name", WITH_POSITION)
def test_published_copies_carry_no_metadata(resident, run_jobs, name):
    assert any(trace in WITH_POSITION[name] for trace in TRACES)
    assert not any(has_trace(jpeg) for jpeg in published(resident, run_jobs, WITH_POSITION[name]))


@needs_real_pictures
@pytest.mark.parametrize("name", [name for name in TAKEN if name.startswith("gps-")])
def test_published_copies_of_real_pictures_carry_no_metadata(resident, run_jobs, name):
    assert not any(has_trace(jpeg) for jpeg in published(resident, run_jobs, (REAL / name).read_bytes()))
