"""The photo store, the same on a local folder and on a real S3 API server."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from incident_service.foundation.database import new_id
from incident_service.foundation.files import sync
from incident_service.photos.stores import Bucket, Folder, StoreAway
from tests.photos.conftest import access_to
from tests.servers.s3 import BUCKET

PHOTO = UUID("01890000-0000-7000-8000-000000000001")


def bucket_at(url, incoming):
    return Bucket(BUCKET, f"city/{new_id()}", access_to(url), incoming)


@pytest.fixture(params=["folder", "s3"])
def kept(request, tmp_path):
    """An empty store of either kind."""
    if request.param == "folder":
        return Folder(tmp_path / "photos")
    return bucket_at(request.getfixturevalue("s3_url"), tmp_path / "incoming")


@pytest.fixture
def an_upload(tmp_path):
    """Puts bytes where an upload lies; gives its path and digest."""
    def put(content):
        path = tmp_path / f"upload-{new_id()}"
        path.write_bytes(content)
        return path, hashlib.sha256(content).hexdigest()

    return put


@pytest.mark.parametrize("content", [b"a picture", os.urandom(6 * 1024 * 1024)], ids=["small", "large"])
def test_an_original_comes_back_byte_for_byte(kept, an_upload, content):
    path, sha256 = an_upload(content)
    assert not kept.has_original(sha256)
    kept.put_original(path, sha256)
    assert kept.has_original(sha256)
    with kept.original(sha256) as lent:
        assert lent.read_bytes() == content


def test_the_same_picture_sent_twice_lies_there_once(kept, an_upload):
    for _ in range(2):
        kept.put_original(*an_upload(b"the same picture"))
    assert [each.byte_count for each in kept.walk()] == [16]


def test_a_walk_tells_every_original_with_its_size_and_age(kept, an_upload):
    digests = sorted(put(kept, an_upload, content) for content in (b"one", b"three", b"seventeen"))
    found = list(kept.walk())
    assert sorted(each.sha256 for each in found) == digests
    assert kept.parts() == sorted({each[:2] for each in digests})
    assert sorted(each.byte_count for each in found) == [3, 5, 9]
    assert all(abs(each.modified_at - datetime.now(UTC)) < timedelta(minutes=5) for each in found)


def put(kept, an_upload, content):
    path, sha256 = an_upload(content)
    kept.put_original(path, sha256)
    return sha256


def test_what_is_deleted_is_gone_and_deleting_again_does_no_harm(kept, an_upload):
    sha256 = put(kept, an_upload, b"one")
    kept.put_copy(PHOTO, "thumb", b"small", lasting=False)
    for _ in range(2):
        kept.delete_original(sha256)
        kept.delete_copies(PHOTO)
    assert not kept.has_original(sha256)
    assert kept.read_copy(PHOTO, "thumb") is None
    assert list(kept.walk()) == []


def test_an_original_that_is_not_there_is_said_to_be_missing(kept):
    with pytest.raises(FileNotFoundError), kept.original("ab" * 32):
        pass


@pytest.mark.parametrize("lasting", [True, False])
def test_a_copy_is_replaced_as_a_whole(kept, lasting):
    assert kept.read_copy(PHOTO, "thumb") is None
    for content in (b"a long first copy", b"short"):
        kept.put_copy(PHOTO, "thumb", content, lasting=lasting)
        assert kept.read_copy(PHOTO, "thumb") == content
    assert kept.read_copy(PHOTO, "screen") is None


def test_a_store_at_work_says_so(kept):
    kept.check()


@pytest.fixture(params=["folder", "s3"])
def away(request, tmp_path):
    """A store that cannot be reached."""
    if request.param == "folder":
        (tmp_path / "in the way").write_text("a file where the folder should be")
        return Folder(tmp_path / "in the way")
    return bucket_at("http://127.0.0.1:1", tmp_path / "incoming")


@pytest.mark.parametrize("ask", [
    lambda store, upload: store.put_original(*upload),
    lambda store, _: store.put_copy(PHOTO, "thumb", b"x", lasting=True),
    lambda store, _: store.check(),
    lambda store, _: store.delete_original("ab" * 32),
], ids=["seal", "copy", "check", "delete"])
def test_a_store_that_is_away_is_said_to_be_away(away, an_upload, ask):
    with pytest.raises(StoreAway):
        ask(away, an_upload(b"a picture"))


def test_a_bucket_that_does_not_exist_is_away(s3_url, tmp_path, an_upload):
    nowhere = Bucket("nowhere", "", access_to(s3_url), tmp_path)
    with pytest.raises(StoreAway):
        nowhere.put_original(*an_upload(b"a picture"))


def test_a_local_original_is_on_the_disk_before_its_name_is(tmp_path, an_upload, monkeypatch):
    path, sha256 = an_upload(b"a picture")
    steps = []
    monkeypatch.setattr("incident_service.photos.stores.folder.sync", lambda each: steps.append(each) or sync(each))
    Folder(tmp_path / "photos").put_original(path, sha256)
    originals = tmp_path / "photos" / "originals"
    leaf = originals / sha256[:2] / sha256[2:4]
    assert steps == [path, leaf, tmp_path, originals.parent, originals, leaf.parent]
    steps.clear()
    leaf.joinpath(sha256).rename(path)
    Folder(tmp_path / "photos").put_original(path, sha256)
    assert steps == [path, leaf]


def test_a_local_original_cannot_be_written_again_and_a_damaged_one_is_healed(tmp_path, an_upload):
    folder = Folder(tmp_path / "photos")
    sha256 = put(folder, an_upload, b"a picture")
    with folder.original(sha256) as path:
        assert path.stat().st_mode & 0o777 == 0o400
        path.chmod(0o640)
        path.write_bytes(b"a PICTURE")
    put(folder, an_upload, b"a picture")
    with folder.original(sha256) as path:
        assert path.read_bytes() == b"a picture"


def test_a_thumbnail_lost_in_a_power_cut_counts_as_not_made(tmp_path):
    folder = Folder(tmp_path / "photos")
    folder.put_copy(PHOTO, "thumb", b"", lasting=False)
    assert folder.read_copy(PHOTO, "thumb") is None
