"""A restore that is cut short leaves the installation as it was, or closed until it was run again."""

import os
import stat
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

import workers
from incident_service import accounts, cases
from incident_service.accounts import Account, Role
from incident_service.cases import Case
from incident_service.cases.reporters.suspension_models import ReporterSuspension
from incident_service.foundation import files, keys, outbox, unfinished
from incident_service.foundation.database import db
from incident_service.foundation.gate import RestoreUnfinished
from incident_service.operations import premises
from incident_service.operations.backup import replacing, restoring
from incident_service.operations.premises import StartRefused
from incident_service.operations.scheduler_process import Duty, while_open
from tests.factories import CITY, Phone, an_account
from tests.operations.backup.installations import everything, live
from tests.operations.backup.test_commands import run

BEFORE_ROWS = ((restoring, "put_photos_back"), (replacing, "_keep_others_out"), (replacing, "_owe_erasures"))
AFTER_ROWS = ((restoring, "put_keys_back"), (cases, "erase_again"), (unfinished, "strike_out"))
STAYS_CLOSED = "The restore is not finished and the service stays closed"


@pytest.fixture
def city(request, build, file: Path) -> Flask:
    """An installation of which there is a backup, and whose suspended reporter had their account removed since."""
    app = build(request.param)
    live(app)
    with app.app_context():
        number = db.session.scalars(select(Case.number).order_by(Case.id)).first()
        suspended = Phone(app.test_client(), an_account(Role.SUPERVISOR, CITY)).post(
            f"/cases/{number}/reporter-suspensions", {"reason": "spam", "note": "多次虚假上报"})
        assert suspended.status_code == 201
        assert run(app, "create", file).exit_code == 0
        reporter_id = db.session.scalar(select(ReporterSuspension.reporter_id))
        app.config["LEAVER"] = (reporter_id, accounts.find(reporter_id).phone)
        cases.remove_account(by=accounts.find(reporter_id))
    return app


def is_open(app: Flask) -> bool:
    """Whether anybody comes in, and whether anything is done: both or neither."""
    answer = app.test_client().get("/api/v1/categories")
    assert answer.status_code == 401 or answer.json["type"] == "/problems/restore-unfinished"
    done: list[bool] = []
    Duty("a-duty", 1, while_open(lambda: done.append(True))).do(app)
    assert bool(done) == (answer.status_code == 401)
    return bool(done)


def knows(app: Flask, leaver: tuple) -> bool:
    """Whether who left is gone, but would be known by their phone under the key of the disk."""
    with app.app_context():
        app.config["SECRET_KEY"] = (app.config["KEYS_DIR"] / "secret.key").read_text().strip()
        seal = db.session.scalar(select(ReporterSuspension.phone_seal))
        return db.session.get_one(Account, leaver[0]).phone is None and seal == keys.seal("suspended-phone", leaver[1])


@pytest.mark.parametrize("city", ["sqlite", "postgresql"], indirect=True)
def test_wherever_it_is_cut_short_nobody_meets_half_of_it(city: Flask, file: Path, monkeypatch):
    before = everything(city)
    for steps, changes in ((BEFORE_ROWS, False), (AFTER_ROWS, True)):
        for place, name in steps:
            with monkeypatch.context() as for_now:
                for_now.setattr(place, name, _fails)
                cut_short = run(city, "restore", file, "--replace")
            assert cut_short.exit_code == 1
            assert (STAYS_CLOSED in cut_short.stderr) == changes, name
            assert is_open(city) != changes, name
            if not changes:
                assert everything(city) == before, name
    assert run(city, "restore", file, "--replace").exit_code == 0
    assert is_open(city)
    assert knows(city, city.config["LEAVER"])


def _fails(*_: object, **__: object) -> None:
    raise OSError("No space left on device")


@pytest.mark.parametrize("city", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("fault", ["of the commit", "of the note"])
def test_rows_that_were_rolled_back_after_all_leave_everything_open(city: Flask, file: Path, fault, monkeypatch):
    before, data_dir = everything(city), city.config["DATA_DIR"]
    with monkeypatch.context() as for_now, city.app_context():
        if fault == "of the note":
            for_now.setattr(files, "sync", _fails_once(files.sync, lambda: True, OSError("disk full")))
        else:
            at_last = _fails_once(db.engine.dialect.do_commit, lambda: unfinished.noted(data_dir) is not None,
                                  db.engine.dialect.dbapi.OperationalError("disk full"))
            for_now.setattr(db.engine.dialect, "do_commit", at_last)
        cut_short = run(city, "restore", file, "--replace")
    assert (cut_short.exit_code, STAYS_CLOSED in cut_short.stderr) == (1, False)
    assert "disk full" in cut_short.stderr
    assert is_open(city)
    assert everything(city) == before


def _fails_once(call, when, error):
    """The same, but the first time that `when` says so it raises."""
    left = [error]

    def instead(*arguments):
        if left and when():
            raise left.pop()
        return call(*arguments)

    return instead


@pytest.mark.parametrize("city", ["postgresql"], indirect=True)
def test_where_the_connection_goes_with_the_commit_it_stays_closed(city: Flask, file: Path, monkeypatch):
    def commit_and_go(connection):
        do_commit(connection)
        if unfinished.noted(city.config["DATA_DIR"]) is not None:
            connection.dbapi_connection.close()
            raise psycopg.OperationalError("the connection was lost")

    with monkeypatch.context() as for_now, city.app_context():
        do_commit = db.engine.dialect.do_commit
        for_now.setattr(db.engine.dialect, "do_commit", commit_and_go)
        cut_short = run(city, "restore", file, "--replace")
    assert (cut_short.exit_code, STAYS_CLOSED in cut_short.stderr) == (1, True)
    assert not is_open(city)
    assert run(city, "restore", file, "--replace").exit_code == 0
    assert is_open(city)
    assert knows(city, city.config["LEAVER"])


def test_the_note_is_on_the_disk_before_it_bears_its_name_and_its_name_before_all_goes_on(tmp_path: Path, monkeypatch):
    """So that no power cut leaves an empty one, or none."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(
        (stat.S_ISDIR(os.fstat(number).st_mode), unfinished.noted(tmp_path))))
    unfinished.note(tmp_path, "over all")
    assert synced == [(False, None), (True, "over all")]
    unfinished.strike_out(tmp_path)
    assert synced[2:] == [(True, None)]


def test_a_note_that_cannot_be_written_is_not_there(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(os, "fsync", _fails)
    with pytest.raises(OSError, match="No space left"):
        unfinished.note(tmp_path, "over all")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("city", ["sqlite"], indirect=True)
def test_whoever_left_is_known_by_the_key_of_the_backup_and_a_repeat_asks_for_nothing_more(
        city: Flask, build, file: Path, tmp_path: Path, monkeypatch):
    run(city, "erased", tmp_path / "erased")
    other = build("sqlite")
    with monkeypatch.context() as for_now:
        for_now.setattr(cases, "erase_again", _fails)
        assert STAYS_CLOSED in run(other, "restore", file, "--erased", tmp_path / "erased").stderr
    again = run(other, "restore", file, "--erased", tmp_path / "erased")
    assert again.exit_code == 0
    assert "The keys are restored; if the service runs, restart it" in again.output
    assert is_open(other)
    assert knows(other, city.config["LEAVER"])
    assert run(other, "restore", file).exit_code == 1                  # from now on it is not empty


def test_nothing_starts_and_no_job_is_done_before_it_is_finished(build, monkeypatch):
    app = build("sqlite")
    unfinished.note(app.config["DATA_DIR"], "over all")
    with pytest.raises(StartRefused, match="run `flask backup restore` once more"):
        premises.check_is_restored(app.config["DATA_DIR"])
    monkeypatch.setattr(workers, "get_current_job", lambda: outbox)
    with app.app_context(), pytest.raises(RestoreUnfinished):
        workers.in_app(_fails)()
