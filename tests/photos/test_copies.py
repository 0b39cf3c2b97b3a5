"""A photo's copies: made once, harmless to make again, and visibly given up where they cannot be made."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from incident_service import photos
from incident_service.foundation.database import db, new_id
from incident_service.foundation.outbox import Promise
from incident_service.foundation.problems import NotFound
from incident_service.photos import Photo, Size, Status
from incident_service.photos.stores import Bucket
from tests.photos.conftest import access_to
from tests.photos.pictures import a_jpeg, file_of, noise
from tests.servers.s3 import BUCKET

LARGE = a_jpeg((2000, 1500), orientation=6)


@pytest.fixture(params=["store", "bucket"])
def kept(request):
    """The application's photo store, of either kind."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def photo(kept, received):
    """A photo just received."""
    return received(LARGE)[0]


def seen(photo, size):
    return Image.open(BytesIO(photos.read(photo, size))).size


def test_the_thumbnail_is_there_at_once_and_the_screen_copy_after_its_job(photo):
    assert seen(photo, Size.THUMB) == (240, 320)
    with pytest.raises(photos.PhotoNotReady):
        photos.read(photo, Size.SCREEN)
    photos.cut_sizes(photo.id)
    assert (seen(photo, Size.SCREEN), db.session.get(Photo, photo.id).status) == ((960, 1280), Status.READY)


def test_cutting_again_changes_nothing(photo):
    photos.cut_sizes(photo.id)
    copies = [photos.read(photo, size) for size in (Size.THUMB, Size.SCREEN)]
    photos.cut_sizes(photo.id)
    assert [photos.read(photo, size) for size in (Size.THUMB, Size.SCREEN)] == copies
    assert photo.status is Status.READY


def test_copies_that_were_lost_are_made_again(kept, photo):
    photos.cut_sizes(photo.id)
    copies = [photos.read(photo, size) for size in (Size.THUMB, Size.SCREEN)]
    kept.delete_copies(photo.id)
    photos.cut_sizes(photo.id)
    assert [photos.read(photo, size) for size in (Size.THUMB, Size.SCREEN)] == copies


def test_a_photo_whose_copy_cannot_be_made_is_visibly_unreadable_and_stops_nobody_else(store, received):
    rotten, good = received(file_of(noise((1500, 1500))), LARGE)
    with store.original(rotten.sha256) as path:
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:100_000])
    for photo in (rotten, good):
        photos.cut_sizes(photo.id)
    assert (rotten.status, good.status) == (Status.UNREADABLE, Status.READY)
    assert seen(rotten, Size.THUMB) == (320, 320)
    with pytest.raises(photos.PhotoUnreadable):
        photos.read(rotten, Size.SCREEN)
    photos.cut_sizes(rotten.id)
    assert rotten.status is Status.UNREADABLE


def test_a_missing_original_is_no_verdict_on_the_photo(kept, photo):
    kept.delete_original(photo.sha256)
    with pytest.raises(FileNotFoundError):
        photos.cut_sizes(photo.id)
    assert db.session.get(Photo, photo.id).status is Status.SEALED


def test_a_photo_nobody_knows_is_not_found(app):
    with pytest.raises(NotFound):
        photos.cut_sizes(new_id())


def test_the_promised_job_makes_the_copies(photo, run_jobs):
    assert run_jobs() == 1
    assert db.session.get(Photo, photo.id).status is Status.READY


def test_a_job_that_finds_the_store_away_is_tried_again(app, photo, run_jobs, monkeypatch, tmp_path):
    away = Bucket(BUCKET, "", access_to("http://127.0.0.1:1"), tmp_path / "incoming")
    with monkeypatch.context() as outage:
        outage.setitem(app.extensions, "photo_store", away)
        run_jobs()
    assert db.session.execute(select(Promise.attempts, Promise.failed_at)).one() == (1, None)
    assert db.session.get(Photo, photo.id).status is Status.SEALED


def answered(app, photo, size, **headers):
    with app.test_request_context("/", headers=headers):
        return photos.answer(photo, size)


def test_a_copy_is_answered_privately_and_only_once(app, photo):
    first = answered(app, photo, "thumb")
    assert (first.status_code, first.mimetype, first.data) == (200, "image/jpeg", photos.read(photo, Size.THUMB))
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert (first.cache_control.private, first.cache_control.public) == (True, False)
    assert answered(app, photo, "thumb", **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert answered(app, photo, "thumb", **{"If-None-Match": '"of another picture"'}).status_code == 200


def test_a_copy_not_made_yet_is_told_with_when_to_come_back(app, photo):
    with pytest.raises(photos.PhotoNotReady) as problem:
        answered(app, photo, "screen")
    assert (problem.value.status, problem.value.slug) == (404, "photo-not-ready")
    assert timedelta(seconds=int(problem.value.headers["Retry-After"])) > timedelta(0)


def test_the_original_is_not_answered(app, photo):
    with pytest.raises(photos.OriginalSealed):
        answered(app, photo, "original")
