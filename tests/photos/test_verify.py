"""`flask photos verify`: every missing, changed or orphaned file is named, and a sound store is said to be sound."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from incident_service import photos
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.photos import Photo, Status
from incident_service.photos.commands import photos_commands
from incident_service.photos.stores.names import original_name
from tests.photos.pictures import a_jpeg


@pytest.fixture(params=["store", "bucket"])
def kept(request):
    """The application's photo store, of either kind."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def verify(app):
    """Runs the command a day later; gives its exit code and its lines."""
    def run(*options, later=timedelta(days=1)):
        with clock.stopped(datetime.now(UTC) + later):
            result = app.test_cli_runner().invoke(photos_commands, ["verify", "--language", "en", *options])
        return result.exit_code, result.output.splitlines()

    return run


@pytest.fixture
def two(kept, received):
    """Two photos with their copies."""
    taken = received(a_jpeg((100, 80)), a_jpeg((80, 60)))
    for photo in taken:
        photos.cut_sizes(photo.id)
    return taken


def put(kept, tmp_path, content=b"nobody's", sha256="ab" * 32):
    path = tmp_path / "upload"
    path.write_bytes(content)
    kept.put_original(path, sha256)
    return sha256


def test_a_sound_store_is_said_to_be_sound(verify, two):
    assert verify() == (0, ["2 photos (0 unreadable), 2 originals; 0 faults"])


def test_an_empty_store_is_sound(verify, kept):
    assert verify() == (0, ["0 photos (0 unreadable), 0 originals; 0 faults"])


def test_a_missing_a_changed_and_an_orphaned_original_are_named(verify, kept, two, tmp_path):
    missing, changed = two
    kept.delete_original(missing.sha256)
    kept.delete_original(changed.sha256)
    put(kept, tmp_path, b"another picture", changed.sha256)
    orphan = put(kept, tmp_path)
    code, lines = verify()
    assert code == 1
    assert sorted(lines[:-1]) == sorted([
        f"missing original {original_name(missing.sha256)}", f"changed original {original_name(changed.sha256)}",
        f"orphaned original {original_name(orphan)}"])
    assert lines[-1] == "2 photos (0 unreadable), 1 originals; 3 faults"


def test_missing_and_orphaned_copies_are_named(verify, kept, two):
    kept.delete_copy(two[0].id, "screen")
    stranger = new_id()
    kept.put_copy(stranger, "thumb", b"x", lasting=True)
    kept.put_copy(two[1].id, "screen-0", b"x", lasting=True)
    with db.engine.begin() as connection:
        connection.execute(update(Photo).where(Photo.id == two[1].id).values(revision=1, status=Status.SEALED))
    code, lines = verify()
    assert (code, sorted(lines[:-1])) == (1, sorted([
        f"missing copy copies/{two[0].id}/screen.jpg", f"orphaned copy copies/{stranger}/thumb.jpg",
        *(f"orphaned copy copies/{two[1].id}/{name}.jpg" for name in ("screen", "screen-0", "thumb"))]))


def test_missing_copies_are_made_again_when_asked_for(verify, kept, two, run_jobs):
    run_jobs()
    kept.delete_copies(two[0].id)
    assert verify("--remake", later=timedelta(0))[0] == 1
    run_jobs()
    assert verify()[0] == 0


def test_what_a_running_request_has_just_put_there_is_left_in_peace(verify, kept, two, tmp_path):
    put(kept, tmp_path)
    kept.put_copy(new_id(), "thumb", b"x", lasting=False)
    assert verify(later=timedelta(minutes=50))[0] == 0
    assert verify("--grace-minutes", "0", later=timedelta(minutes=50))[0] == 1


def test_an_unreadable_photo_is_counted_and_is_no_fault(verify, kept, two):
    with db.engine.begin() as connection:
        connection.execute(update(Photo).where(Photo.id == two[0].id).values(status=Status.UNREADABLE))
    assert verify() == (0, ["2 photos (1 unreadable), 2 originals; 0 faults"])
    assert db.session.scalar(select(Photo.status).where(Photo.id == two[0].id)) is Status.UNREADABLE


def test_a_store_that_is_away_is_said_in_one_line(app, verify, two, tmp_path, monkeypatch):
    from incident_service.photos.stores import Bucket
    from tests.photos.conftest import access_to

    monkeypatch.setitem(app.extensions, "photo_store",
                        Bucket("photos", "", access_to("http://127.0.0.1:1"), tmp_path / "incoming"))
    code, lines = verify()
    assert (code, len(lines)) == (1, 1)
