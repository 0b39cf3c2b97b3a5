"""`flask backup create` and `flask backup restore`: one summary line last, and an exit code one can rely on."""

import os
import re
import signal
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from incident_service import photos
from incident_service.foundation.database import db
from incident_service.operations.backup.writing import Writer
from incident_service.operations.commands import backup_commands
from tests.operations.backup.installations import live, pictures


def run(app: Flask, *arguments: object) -> Result:
    """What the command says."""
    return app.test_cli_runner().invoke(backup_commands, [*map(str, arguments), "--language", "en"])


@pytest.fixture
def city(build) -> Flask:
    """A small installation whose town has lived."""
    app = build("sqlite")
    live(app)
    return app


def test_create_and_restore_say_what_they_did(city: Flask, build, file: Path):
    made = run(city, "create", file)
    assert made.exit_code == 0
    assert re.fullmatch(r"\d+ rows and 4 originals backed up, \d\.\d MB; 0 originals lost\n", made.output)
    restored = run(build("sqlite"), "restore", file)
    assert restored.exit_code == 0
    assert restored.output.splitlines()[0] == "The keys are restored; if the service runs, restart it to use them"
    assert re.fullmatch(r"\d+ rows and 4 originals restored as of 20\S+; 0 are not in the backup",
                        restored.output.splitlines()[-1])


def test_a_lost_original_is_named_and_the_exit_says_so(city: Flask, file: Path):
    gone = min(name for name in pictures(city) if "/" not in name)
    with city.app_context():
        photos.store().delete_original(gone)
    made = run(city, "create", file)
    assert made.exit_code == 1
    assert made.output.splitlines()[0] == f"original {gone} is missing"
    assert made.output.endswith("; 1 originals lost\n")


def test_whatever_goes_wrong_is_one_line(city: Flask, build, file: Path, tmp_path: Path):
    run(city, "create", file)
    (tmp_path / "no.tar").write_bytes(b"no")
    missing = tmp_path / "nowhere" / "backup.tar"
    with city.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    for answer, result in (
            ("The database is not empty (", run(city, "restore", file)),
            ("The backup is incomplete or damaged: it is no backup", run(city, "restore", tmp_path / "no.tar")),
            ("It cannot be read or written: [Errno 2]", run(city, "restore", missing)),
            ("It cannot be read or written: [Errno 2]", run(build("sqlite"), "create", missing)),
            ("The database has schema -, this release needs", run(city, "create", file))):
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(answer)
        assert result.stderr.count("\n") == 1


def test_a_backup_that_is_stopped_leaves_nothing(city: Flask, file: Path, monkeypatch):
    put = Writer.add

    def put_and_be_stopped(writer: Writer, name: str, content: bytes) -> None:
        put(writer, name, content)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Writer, "add", put_and_be_stopped)
    assert run(city, "create", file).exit_code == 1
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == []


def test_a_database_that_is_away_is_one_line(build, file: Path):
    app = build("sqlite", migrated=False, SQLALCHEMY_DATABASE_URI="postgresql+psycopg://nobody@/x?host=/nonexistent")
    result = run(app, "create", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("The database is away or busy, try again: connection ")
    assert result.stderr.count("\n") == 1
    assert not file.exists()
