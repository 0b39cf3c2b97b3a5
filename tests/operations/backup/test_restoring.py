"""A restored installation is the one that was backed up, whichever database and photo store it came from."""

import stat
import tarfile
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from incident_service import accounts, cases
from incident_service.accounts import Account, Role
from incident_service.cases import Case, Status
from incident_service.cases.audit import Fault, audit
from incident_service.cases.retention.models import Tombstone
from incident_service.exports.models import ExportPart
from incident_service.foundation import clock, database, outbox
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.operations import backup
from incident_service.operations.backup import Refused, replacing
from incident_service.operations.backup.columns import kinds_of
from incident_service.reports import Report
from tests.factories import Phone, an_account
from tests.operations.backup.installations import do_jobs, everything, keys, live, pictures, rows
from tests.operations.backup.releases import become_later, names
from tests.servers.s3 import BUCKET, start_s3

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@pytest.fixture
def backed_up(lived: Flask, file: Path) -> Flask:
    """An installation whose town has lived and of which there is a backup."""
    with lived.app_context():
        backup.create(file)
    return lived


def restore(app: Flask, file: Path, **how: bool) -> backup.Restored:
    """Restore into an installation."""
    with app.app_context():
        return backup.restore(file, **how)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_everything_comes_back_on_either_database(lived: Flask, build, target: str, file: Path):
    before = everything(lived)
    with lived.app_context():
        made = backup.create(file)
    other = build(target, migrated=False)
    restored = restore(other, file)
    assert everything(other) == before
    assert (made.lost, restored.rows, restored.originals) == ([], made.rows, made.originals)
    assert made.rows == sum(map(len, before[0].values())) > 100


def test_what_was_still_owed_is_done_after_the_restore(backed_up: Flask, build, file: Path):
    other = build("sqlite")
    restore(other, file)
    with other.app_context():
        assert db.session.scalars(select(Case.status).where(Case.status == Status.DISPATCHING)).all()
        db.session.rollback()
    assert do_jobs(other) >= 2
    with other.app_context():
        assert not db.session.scalars(select(Case.status).where(Case.status == Status.DISPATCHING)).all()
        assert not db.session.scalars(select(Promise.id)).all()


@BOTH
def test_a_job_at_hand_does_not_cross_out_what_a_restore_brought_back(build, file: Path, database: str):
    app = build(database)
    live(app)
    with app.app_context():
        backup.create(file)
        owed = db.session.scalars(select(Promise.id)).all()
        db.session.rollback()
        outbox.keep(owed[0], lambda **_: _be_overtaken_by_a_restore(file))
        now_owed = db.session.scalars(select(Promise.id)).all()
    assert len(now_owed) == len(owed)
    assert not set(now_owed) & set(owed)


def _be_overtaken_by_a_restore(file: Path) -> None:
    db.session.rollback()
    backup.restore(file, replace=True)


def test_an_installation_that_is_not_empty_is_left_alone(backed_up: Flask, file: Path):
    do_jobs(backed_up)
    before = everything(backed_up)
    with pytest.raises(Refused, match="--replace"):
        restore(backed_up, file)
    assert everything(backed_up) == before


def test_replacing_takes_everything_back_to_the_backup(lived: Flask, file: Path):
    before = everything(lived)
    with lived.app_context():
        backup.create(file)
        an_account(name="后来的人")
    do_jobs(lived)
    assert rows(lived) != before[0]
    restore(lived, file, replace=True)
    assert rows(lived) == before[0]
    assert before[1].items() <= pictures(lived).items()


def erase(app: Flask) -> UUID:
    """Let a resident leave, and everything of the case that is closed be erased; who left."""
    with app.app_context():
        [id] = db.session.scalars(select(Account.id).where(Account.name == "居民甲"))
        cases.remove_account(by=accounts.find(id))
        with clock.stopped(clock.now() + timedelta(days=50_000)):
            assert cases.apply_retention() > 0
    return id


def what_came_back(app: Flask, leaver: UUID) -> list[str]:
    """Whatever of the erased can be read."""
    with app.app_context():
        assert not db.session.scalar(select(func.count()).where(Tombstone.is_owed))
        assert db.session.scalar(select(func.count()).select_from(Tombstone)) > 1
        assert audit(print)[1] == 0
        closed = select(Case.id).where(Case.status == Status.CLOSED)
        said = db.session.scalars(select(Report.description).where(Report.case_id.in_(closed)))
        left = db.session.get_one(Account, leaver)
        return [*filter(None, said), *filter(None, (left.name, left.phone, left.password_hash)), *left.roles]


def test_what_was_erased_since_the_backup_is_erased_again_before_anybody_comes_in(backed_up: Flask, file: Path):
    leaver = erase(backed_up)
    restore(backed_up, file, replace=True)
    assert what_came_back(backed_up, leaver) == []


def test_a_list_kept_apart_does_the_same_where_the_installation_is_lost(backed_up: Flask, build, file, tmp_path):
    leaver = erase(backed_up)
    with backed_up.app_context():
        backup.list_erased(tmp_path / "erased")
    assert "居民" not in (tmp_path / "erased").read_text()
    other = build("sqlite")
    with other.app_context(), pytest.raises(Refused):
        backup.restore(file, erased=file)
    with other.app_context():
        backup.restore(file, erased=tmp_path / "erased")
    assert what_came_back(other, leaver) == []


def test_files_that_were_asked_for_are_in_no_backup(lived: Flask, file: Path):
    with lived.app_context():
        [id] = db.session.scalars(select(Account.id).where(Account.name == "居民甲"))
        cases.ask_for_own_data(by=accounts.find(id))
    do_jobs(lived)
    with lived.app_context():
        backup.create(file)
        assert db.session.scalar(select(func.count()).select_from(ExportPart))
    with tarfile.open(file) as archive:
        assert not [each for each in archive.getnames() if "export" in each]
    restore(lived, file, replace=True)
    with lived.app_context():
        assert not db.session.scalar(select(func.count()).select_from(ExportPart))


@BOTH
def test_a_restore_beside_a_busy_service_is_all_or_nothing(build, file: Path, database: str):
    """Somebody reports and somebody counts all the time: every answer is whole, and nothing is half there."""
    app = build(database)
    live(app)
    with app.app_context():
        residents = [an_account(Role.RESIDENT).id for _ in range(2)]
        backup.create(file)
        for n in range(300):
            an_account(name=f"后来的人 {n}")
    stop, begun, answers, counts = Event(), Event(), [], set()
    busy = [Thread(target=_report, args=(app, resident, stop, answers)) for resident in residents]
    busy.append(Thread(target=_count, args=(app, stop, begun, counts)))
    for each in busy:
        each.start()
    begun.wait()
    deadline = time.monotonic() + 60
    while answers.count(201) < 20 and time.monotonic() < deadline:
        restore(app, file, replace=True)
    stop.set()
    for each in busy:
        each.join()
    assert 201 in answers
    assert set(answers) <= {201, 503}
    assert counts == {(8, 8), (308, 8)}
    faults: list[Fault] = []
    with app.app_context():
        audit(faults.append)
    assert faults == []


def _report(app: Flask, resident_id: UUID, stop: Event, answers: list) -> None:
    """Report again and again, and sign in anew whenever a restore has ended the sign-in."""
    with app.app_context():
        phone = Phone(app.test_client(), accounts.find(resident_id))
        while not stop.is_set():
            status = phone.report().status_code
            if status == 401:
                phone = Phone(app.test_client(), accounts.find(resident_id))
            else:
                answers.append(status)


def _count(app: Flask, stop: Event, begun: Event, counts: set) -> None:
    question = text("SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM role_held)")
    with app.app_context():
        while not stop.is_set():
            with db.engine.connect() as connection:
                counts.add(tuple(connection.execute(question).one()))
            begun.set()


def test_a_database_held_by_somebody_else_is_left_alone(build, file: Path, monkeypatch):
    monkeypatch.setattr(replacing, "LOCK_SECONDS_MAX", 0.1)
    app = build("postgresql")
    live(app)
    with app.app_context():
        backup.create(file)
        do_jobs(app)
        before = rows(app)
        with db.engine.connect() as somebody:
            somebody.execute(text("LOCK TABLE report IN ACCESS SHARE MODE"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                backup.restore(file, replace=True)
    assert rows(app) == before


def test_rows_a_database_does_not_take_change_nothing(build, file: Path):
    """SQLite keeps a name that is too long; PostgreSQL does not."""
    source, target = build("sqlite"), build("postgresql")
    with source.app_context():
        an_account(name="长" * 65)
        backup.create(file)
    live(target)
    before = everything(target)
    with pytest.raises(DBAPIError):
        restore(target, file, replace=True)
    assert everything(target) == before


def test_keys_are_restored_for_their_owner_alone(backed_up: Flask, build, file: Path):
    other = build("sqlite")
    assert keys(other) != keys(backed_up)
    assert restore(other, file).keys_changed == 1
    assert keys(other) == keys(backed_up)
    assert [stat.S_IMODE(path.stat().st_mode) for path in other.config["KEYS_DIR"].iterdir()] == [0o600]
    assert restore(other, file, replace=True).keys_changed == 0


def test_a_bucket_s_photos_go_into_a_folder_and_back(build, file: Path, tmp_path: Path):
    with start_s3(tmp_path) as url:
        access = {"endpoint": url, "region": "us-east-1", "access_key_id": "test", "secret_access_key": "test"}
        far = build("sqlite", PHOTO_STORE=f"s3://{BUCKET}/far", PHOTO_STORE_ACCESS=access)
        live(far)
        before = pictures(far)
        with far.app_context():
            backup.create(file)
        near = build("sqlite")
        restore(near, file)
        assert pictures(near) == before
        farther = build("sqlite", PHOTO_STORE=f"s3://{BUCKET}/farther", PHOTO_STORE_ACCESS=access)
        restore(farther, file)
        assert pictures(farther) == before
        assert list((farther.config["DATA_DIR"] / "photos" / "incoming").iterdir()) == []


@BOTH
def test_a_backup_of_an_older_release_is_migrated_on_its_way_in(build, file, tmp_path, monkeypatch, database: str):
    app = build(database)
    live(app)
    before = everything(app)
    with app.app_context():
        backup.create(file)
    become_later(app, tmp_path / "later", monkeypatch)
    restore(app, file, replace=True)
    now = everything(app)
    assert names(app) == [f"{name}✓" for name in sorted(row[2] for row in before[0]["account"])]
    assert {**now[0], "account": None} == {**before[0], "account": None}
    assert now[1:] == before[1:]
    assert [path for path in app.config["DATA_DIR"].iterdir() if path.name.startswith(".restore")] == []


def test_a_backup_of_a_newer_release_is_refused(build, file: Path, tmp_path, monkeypatch):
    today, later = build("sqlite"), build("sqlite")
    become_later(later, tmp_path / "later", monkeypatch)
    with later.app_context():
        an_account()
        backup.create(file)
    with pytest.raises(Refused, match="newer release"):
        restore(today, file)
    assert names(today) == []


def test_a_database_that_a_newer_release_has_shaped_is_refused(build, file: Path, tmp_path, monkeypatch):
    today, later = build("sqlite"), build("sqlite")
    with today.app_context():
        backup.create(file)
    with monkeypatch.context() as for_now:
        become_later(later, tmp_path / "later", for_now)
    later.extensions["migrate"].migrate.directory = str(database.MIGRATIONS)
    with pytest.raises(Refused, match="newer release has shaped"):
        restore(later, file)


def test_an_older_database_is_migrated_before_it_is_filled(build, file: Path, tmp_path, monkeypatch):
    later, older = build("sqlite"), build("sqlite")
    become_later(later, tmp_path / "later", monkeypatch)
    with later.app_context():
        an_account(name="某人")
        backup.create(file)
    older.extensions["migrate"].migrate.directory = str(database.MIGRATIONS)
    restore(older, file)
    assert names(older) == ["某人"]
    with older.app_context():
        flask_migrate.upgrade()
    assert names(older) == ["某人"]


def test_every_column_has_a_form_in_archives_and_no_table_counts_for_itself():
    for table in db.metadata.sorted_tables:
        assert set(kinds_of(table)) == set(table.columns.keys())
        assert table.autoincrement_column is None
