"""`flask photos move`: from the folder into the bucket and back, resumable, every digest compared."""

from pathlib import Path

import pytest

from incident_service import photos
from incident_service.foundation.database import new_id
from incident_service.foundation.transaction import transaction
from incident_service.photos import Box, BoxKind
from incident_service.photos.commands import photos_commands
from tests.photos.conftest import access_to
from tests.photos.pictures import a_jpeg
from tests.servers.s3 import BUCKET


@pytest.fixture
def move(app):
    """Runs the command; gives its exit code and its last line."""
    def run(target, *options):
        result = app.test_cli_runner().invoke(photos_commands, ["move", "--to", target, "--language", "en", *options])
        return result.exit_code, result.output.splitlines()

    return run


@pytest.fixture
def elsewhere(app, store, s3_url, monkeypatch, tmp_path):
    """The address of an empty bucket's folder, and the way to it."""
    monkeypatch.setitem(app.config, "PHOTO_STORE_ACCESS", access_to(s3_url))
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)
    return f"s3://{BUCKET}/{new_id()}"


@pytest.fixture
def three(store, received):
    """Three photos of which two share an original, with their copies."""
    taken = received(a_jpeg((100, 80)), a_jpeg((80, 60)), a_jpeg((100, 80)))
    for photo in taken:
        photos.cut_sizes(photo.id)
    return taken


def contents(kept, taken):
    """What a store keeps of these photos."""
    found = {}
    for photo in taken:
        with kept.original(photo.sha256) as path:
            found[photo.sha256] = Path(path).read_bytes()
        found |= {(photo.id, name): kept.read_copy(photo.id, name) for name in kept.copies(photo.id)}
    return found


def test_into_the_bucket_and_back_nothing_is_lost(move, store, three, elsewhere, tmp_path):
    code, lines = move(elsewhere)
    assert (code, lines[-1]) == (0, "2 originals and 6 copies brought; 0 faults")
    assert elsewhere in lines[-2]
    assert contents(photos.stores.store_at(elsewhere), three) == contents(store, three)
    back = f"file://{tmp_path / 'back'}"
    assert move(back, "--from", elsewhere)[1][-1] == "2 originals and 6 copies brought; 0 faults"
    assert contents(photos.stores.store_at(back), three) == contents(store, three)


def test_a_second_run_brings_only_what_came_meanwhile(move, three, elsewhere, received):
    move(elsewhere)
    assert move(elsewhere)[1][-1] == "0 originals and 0 copies brought; 0 faults"
    received(a_jpeg((40, 30)))
    assert move(elsewhere)[1][-1] == "1 originals and 1 copies brought; 0 faults"


def test_a_run_that_was_stopped_is_taken_up_again(move, store, three, elsewhere):
    with pytest.MonkeyPatch.context() as outage:
        put = photos.stores.Bucket.put_original

        def fails_at_the_second(kept, path, sha256):
            if sha256 == three[1].sha256:
                raise photos.StoreAway()
            put(kept, path, sha256)

        outage.setattr(photos.stores.Bucket, "put_original", fails_at_the_second)
        assert move(elsewhere)[0] == 1
    assert move(elsewhere)[1][-1].endswith("; 0 faults")
    assert contents(photos.stores.store_at(elsewhere), three) == contents(store, three)
    assert list(store.incoming.glob("*")) == []


def test_after_an_interruption_the_rest_is_brought(app, move, three, elsewhere):
    target = photos.stores.store_at(elsewhere)
    move(elsewhere)
    target.delete_original(three[1].sha256)
    target.delete_copies(three[0].id)
    assert move(elsewhere)[1][-1] == "1 originals and 2 copies brought; 0 faults"


def test_a_changed_and_a_missing_original_are_named_and_not_moved(move, store, three, elsewhere):
    with store.original(three[0].sha256) as path:
        path.chmod(0o600)
        path.write_bytes(b"changed")
    store.delete_original(three[1].sha256)
    code, lines = move(elsewhere)
    assert (code, lines[-1].rpartition("; ")[2]) == (1, "3 faults")         # two photos share the changed one
    target = photos.stores.store_at(elsewhere)
    assert not any(target.has_original(photo.sha256) for photo in three)


def test_copies_of_an_earlier_revision_do_not_stay_in_the_target(move, three, elsewhere, run_jobs):
    move(elsewhere)
    with transaction():
        photos.redact(three[0].id, [(BoxKind.FACE, Box(0, 0, 0.5, 0.5))], by_id=three[0].sent_by_id)
    run_jobs()
    move(elsewhere)
    assert photos.stores.store_at(elsewhere).copies(three[0].id) == ["screen-1", "thumb-1"]


@pytest.mark.parametrize("target", ["ftp://somewhere", "s3://"])
def test_a_target_that_is_none_is_said_in_one_line(move, store, target):
    code, lines = move(target)
    assert code in (1, 2)
    assert not any("Traceback" in line for line in lines)
