"""A restore that is cut short leaves the installation as it was, or closed until it was run again."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import workers
from incident_service import accounts, cases
from incident_service.accounts import Account, Role
from incident_service.cases import Case
from incident_service.cases.reporters.suspension_models import ReporterSuspension
from incident_service.foundation import keys, outbox, unfinished
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
