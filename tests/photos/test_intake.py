"""Taking photos in: all or none, sealed before they are named, and a clear word about what is not taken."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from incident_service import photos
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.photos import Photo, Status
from incident_service.photos.intake import moment_of
from incident_service.photos.stores import Bucket, Folder
from tests.factories import an_account
from tests.photos.conftest import access_to
from tests.photos.pictures import POINT, a_jpeg, a_scene, file_of, png_that_claims
from tests.servers.s3 import BUCKET

GOOD = a_jpeg(orientation=6, position=POINT, taken="2026:01:02 03:04:05", zone="+08:00", device=("Apple", "iPhone 11"))


@pytest.fixture(params=["store", "bucket"])
def kept(request):
    """The application's photo store, of either kind."""
    return request.getfixturevalue(request.param)


def originals(store):
    return [each.sha256 for each in store.walk()]


def test_photos_are_sealed_byte_for_byte_and_understood(kept, received):
    contents = [GOOD, file_of(a_scene(), "PNG"), file_of(a_scene((300, 200)), "WEBP")]
    with clock.stopped(datetime(2026, 1, 3, tzinfo=UTC)):
        first, png, webp = received(*contents)
    for photo, content in zip((first, png, webp), contents, strict=True):
        assert (photo.sha256, photo.byte_count) == (hashlib.sha256(content).hexdigest(), len(content))
        with kept.original(photo.sha256) as path:
            assert path.read_bytes() == content
        assert photos.read(photo, photos.Size.THUMB)[:2] == b"\xff\xd8"
    db.session.expire_all()
    assert (first.media_type, first.width, first.height, first.orientation) == ("image/jpeg", 480, 640, 6)
    assert (first.exif_longitude, first.exif_latitude) == pytest.approx(POINT)
    assert (first.captured_claim, first.device) == ("2026-01-02T03:04:05+08:00", "Apple iPhone 11")
    assert first.captured_at == datetime(2026, 1, 1, 19, 4, 5, tzinfo=UTC)
    assert first.received_at == datetime(2026, 1, 3, tzinfo=UTC)
    assert (png.media_type, png.exif_longitude, png.captured_at) == ("image/png", None, None)
    assert (webp.media_type, webp.width, webp.status) == ("image/webp", 300, Status.SEALED)


def test_nothing_is_left_of_the_request_but_what_is_sealed(kept, received):
    photo, = received(GOOD)
    assert list(kept.incoming.glob("*")) == []
    assert originals(kept) == [photo.sha256]


def test_the_same_picture_sent_twice_is_two_photos_and_one_original(kept, received):
    one, two = received(GOOD, GOOD)
    assert one.id != two.id
    assert originals(kept) == [one.sha256] == [two.sha256]


@pytest.mark.parametrize(("bad", "status", "said"), [
    (b"", 422, "第 2 张照片是空文件，请重新选择。可用格式：JPEG、PNG、WebP、HEIC、AVIF。"),
    (b"words", 415, "第 2 个文件不是可用的照片。可用格式：JPEG、PNG、WebP、HEIC、AVIF。"),
    (b"GIF89a", 415, "第 2 个文件不是可用的照片（看起来是 GIF）。可用格式：JPEG、PNG、WebP、HEIC、AVIF。"),
    (GOOD[:2000], 422, "第 2 张照片不完整或已损坏，请重新拍摄或选择。可用格式：JPEG、PNG、WebP、HEIC、AVIF。"),
    (png_that_claims(9000, 9000), 422,
     "第 2 张照片超过 50 百万像素，请缩小后再上传。可用格式：JPEG、PNG、WebP、HEIC、AVIF。"),
], ids=["empty", "text", "gif", "cut off", "bomb"])
def test_one_bad_photo_refuses_all_and_leaves_nothing(store, received, bad, status, said):
    with pytest.raises(photos.PhotosRefused if status == 422 else photos.PhotoTypeRefused) as problem:
        received(GOOD, bad)
    told = problem.value.as_json(language="zh", instance="")
    assert (told["status"], told["detail"]) == (status, said)
    assert told["errors"] == [{"pointer": "#/photos/1", "detail": said}]
    assert "JPEG, PNG, WebP, HEIC or AVIF" in problem.value.as_json(language="en", instance="")["detail"]
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    assert db.session.scalar(select(func.count(Photo.id))) == 0


def test_every_bad_photo_is_named(store, received):
    with pytest.raises(photos.PhotosRefused) as problem:
        received(b"words", GOOD, b"", GOOD, b"%PDF-")
    told = problem.value.as_json(language="en", instance="")
    assert [error["pointer"] for error in told["errors"]] == ["#/photos/0", "#/photos/2", "#/photos/4"]
    assert told["errors"][2]["detail"].startswith("File 5 is no photo that can be taken (it seems to be PDF).")


@pytest.mark.parametrize("number", [0, 10])
def test_one_to_nine_photos_are_taken(store, received, number):
    assert len(received(*[GOOD] * 9)) == 9
    with pytest.raises(photos.PhotoCountRefused) as problem:
        received(*[GOOD] * number)
    assert problem.value.as_json(language="zh", instance="")["detail"] == "请上传 1 到 9 张照片"


def test_without_a_press_nothing_is_kept_and_nothing_is_said_of_the_photo(app, store, received, monkeypatch):
    monkeypatch.setitem(app.config, "PHOTO_PRESS", str(store.root / "no-press.sock"))
    with pytest.raises(photos.PressUnreachable) as problem:
        received(GOOD)
    assert (problem.value.status, problem.value.headers["Retry-After"]) == (503, "2")
    assert originals(store) == []


@pytest.fixture(params=["folder", "bucket"])
def away(app, request, store, tmp_path, monkeypatch):
    """The application's photo store, gone."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "originals").write_text("a file where the folder should be")
    gone = {"folder": Folder(tmp_path / "broken"),
            "bucket": Bucket(BUCKET, "", access_to("http://127.0.0.1:1"), tmp_path / "incoming")}[request.param]
    monkeypatch.setitem(app.extensions, "photo_store", gone)
    return gone


def test_with_the_store_away_nothing_is_half_made(away, received):
    with pytest.raises(photos.StoreAway) as problem:
        received(GOOD)
    assert (problem.value.status, problem.value.headers["Retry-After"]) == (503, "2")
    assert db.session.scalar(select(func.count(Photo.id))) == db.session.scalar(select(func.count(Promise.id))) == 0
    assert list(away.incoming.glob("*")) == []


def test_photos_are_named_and_their_copies_promised_in_one_transaction(store, uploaded):
    sender = an_account()
    with uploaded(GOOD) as files:
        sealed = photos.take_in(files)
    with pytest.raises(RuntimeError):
        photos.keep(sealed, by_id=sender.id)
    db.session.rollback()
    with pytest.raises(ZeroDivisionError), transaction():
        photos.keep(sealed, by_id=sender.id)
        raise ZeroDivisionError
    assert db.session.scalar(select(func.count(Photo.id))) == db.session.scalar(select(func.count(Promise.id))) == 0
    with transaction():
        photo, = photos.keep(sealed, by_id=sender.id)
    assert db.session.execute(select(Promise.job, Promise.arguments)).all() == [
        ("workers.media.cut_sizes", {"photo_id": str(photo.id)})]


RECEIVED = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(("claim", "moment"), [
    (None, None),
    ("2026-01-02T03:04:05+08:00", datetime(2026, 1, 1, 19, 4, 5, tzinfo=UTC)),
    ("2026-01-02T03:04:05", datetime(2026, 1, 1, 19, 4, 5, tzinfo=UTC)),         # by the clocks of the city
    ("2026-01-03T11:59:00+00:00", datetime(2026, 1, 3, 11, 59, tzinfo=UTC)),     # a clock that runs ahead
    ("2026-01-03T12:01:00+00:00", None),
    ("2099-09-29T10:10:10", None),
    ("0001-01-01T00:00:00", None),
])
def test_a_camera_is_believed_unless_its_time_is_yet_to_come(app, claim, moment):
    assert moment_of(claim, received_at=RECEIVED) == moment
