"""What is not exactly what was written is refused in one sentence, and changes nothing."""

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from incident_service.operations import backup
from incident_service.operations.backup import Damaged, Refused
from incident_service.operations.backup.reading import opened
from tests.operations.backup.installations import an_installation, everything, live, migrate

BLOCK_BYTES = 512
Entry = tuple[tarfile.TarInfo, bytes]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup of a town that has lived."""
    folder = tmp_path_factory.mktemp("whole")
    city = an_installation(folder / "city", f"sqlite:///{folder / 'city' / 'incidents.sqlite3'}")
    migrate(city)
    live(city)
    with city.app_context():
        backup.create(folder / "backup.tar")
    return (folder / "backup.tar").read_bytes()


@pytest.fixture
def empty(build) -> Flask:
    """An installation in which nothing has happened yet."""
    return build("sqlite")


def refused(app: Flask, file: Path, content: bytes, *, kind: type[Refused] = Damaged) -> str:
    """What a restore says of `content`; it must have changed nothing."""
    file.write_bytes(content)
    before = everything(app)
    with app.app_context(), pytest.raises(kind) as refusal:
        backup.restore(file)
    assert everything(app) == before
    return str(refusal.value)


def entries(content: bytes) -> Iterator[Entry]:
    """Every file of an archive."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for entry in tar:
            file = tar.extractfile(entry)
            yield entry, file.read() if file else b""


def packed(files: list[Entry]) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with tarfile.TarFile(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for entry, content in files:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def resealed(content: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The archive with another manifest, and a seal that fits it."""
    files = list(entries(content))
    manifest = json.loads(files[-2][1])
    change(manifest)
    text = json.dumps(manifest).encode()
    files[-2:] = [(files[-2][0], text), (files[-1][0], f"{hashlib.sha256(text).hexdigest()}  manifest.json\n".encode())]
    return packed(files)


def test_an_archive_that_was_cut_off_anywhere(empty: Flask, file: Path, whole: bytes):
    end = max(entry.offset_data + entry.size for entry, _ in entries(whole))
    places = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, end - 1, *random.Random(1).sample(range(end), 60)]
    for place in places:
        assert "cut off" in refused(empty, file, whole[:place]), place


def test_an_archive_in_which_a_bit_has_changed_anywhere(file: Path, whole: bytes):
    written = [place for entry, _ in entries(whole) for place in range(entry.offset, entry.offset_data + entry.size)]
    for place in random.Random(2).sample(written, 150):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        with pytest.raises(Damaged), opened(file):
            pass


@pytest.mark.parametrize("content", [b"", b"\0" * 10240, b"SQLite format 3\0" * 100, b"\xff" * 5000, b"{}"])
def test_what_never_was_a_backup(empty: Flask, file: Path, content: bytes):
    assert "it is no backup" in refused(empty, file, content)


def test_an_archive_that_somebody_has_packed(empty: Flask, file: Path, whole: bytes):
    assert "it is no backup" in refused(empty, file, gzip.compress(whole, 1))


@pytest.mark.parametrize("name", ["../../etc/cron.d/evil", "/etc/passwd", "keys/../../evil.key", "keys/.hidden.key",
                                  "photos/originals/evil", "tables/account/1.jsonl", "readme.txt"])
def test_a_file_that_does_not_belong_there(empty: Flask, file: Path, whole: bytes, name: str):
    answer = refused(empty, file, packed([(tarfile.TarInfo(name), b"evil"), *entries(whole)]))
    assert repr(name) in answer


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_what_is_no_file_at_all(empty: Flask, file: Path, whole: bytes, kind: bytes):
    entry = tarfile.TarInfo("keys/secret.key")
    entry.type, entry.linkname = kind, "/etc/passwd"
    refused(empty, file, packed([(entry, b""), *entries(whole)]))


def test_a_file_after_the_end(empty: Flask, file: Path, whole: bytes):
    refused(empty, file, packed([*entries(whole), (tarfile.TarInfo("keys/other.key"), b"evil")]))


def test_a_file_that_is_missing_or_there_twice(empty: Flask, file: Path, whole: bytes):
    files = list(entries(whole))
    for number in (0, len(files) // 2, len(files) - 3):
        assert "manifest lists" in refused(empty, file, packed(files[:number] + files[number + 1:]))
        assert "manifest lists" in refused(empty, file, packed([files[number], *files]))


def test_a_photo_under_another_name(empty: Flask, file: Path, whole: bytes):
    files = list(entries(whole))
    original = next(entry for entry, _ in files if entry.name.startswith("photos/originals/"))
    original.name = f"photos/originals/{'0' * 64}"
    assert "was changed" in refused(empty, file, packed(files))


def test_a_manifest_that_says_other_than_what_is_there(empty: Flask, file: Path, whole: bytes):
    for change in (lambda said: said["tables"]["account"].update(rows=5), lambda said: said["files"].pop("keys"),
                   lambda said: said["tables"].pop("account")):
        assert "manifest lists" in refused(empty, file, resealed(whole, change))


def test_a_manifest_that_cannot_be_understood(empty: Flask, file: Path, whole: bytes):
    for change in (lambda said: said.pop("tables"), lambda said: said.update(made_at="once"),
                   lambda said: said.update(more=1), lambda said: said.update(format="another"),
                   lambda said: said["tables"]["account"].update(columns=None)):
        assert "manifest cannot be read" in refused(empty, file, resealed(whole, change))


def test_columns_that_this_release_does_not_know(empty: Flask, file: Path, whole: bytes):
    for kind, answer in (("colour", "unknown kind"), ("bytes", "not those of its schema")):
        def change(said: dict[str, Any], kind: str = kind) -> None:
            said["tables"]["account"]["columns"]["name"] = kind
        assert answer in refused(empty, file, resealed(whole, change))


def test_another_version_of_the_format(empty: Flask, file: Path, whole: bytes):
    answer = refused(empty, file, resealed(whole, lambda said: said.update(version=2)), kind=Refused)
    assert answer == "The backup has format version 2; this release reads version 1"
