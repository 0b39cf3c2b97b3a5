"""What is personal goes when its time has come: the rest, and every figure, stays as it was."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from incident_service import accounts, cases, photos
from incident_service.accounts import Account
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.retention.models import RetentionWalk, Tombstone, What
from incident_service.cases.retention.table import EXTENSION, Rule, read_retention, rules
from incident_service.catalogue import BrokenTable
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.photos import OriginalLook, OriginalRequest, Photo
from incident_service.photos.verifying import Proof
from incident_service.reports import Report
from incident_service.supervision.commands import figures_commands
from tests.factories import a_picture

SAID = "小汽车占用消防通道，车主在三栋"
SPAN = "?from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z"
FIGURES = (f"/supervision/response-times{SPAN}", f"/supervision/rates{SPAN}", f"/supervision/heatmap{SPAN}")


@pytest.fixture
def ended(town, phone_of, run_jobs) -> str:
    """A case with everything a case may have, closed and answered."""
    resident, officer = phone_of(town.resident), phone_of(town.officer)
    number = resident.report(a_picture(), description=SAID, address="幸福路12号").json["case_number"]
    run_jobs()
    phone_of(town.desk).post(f"/cases/{number}/amendment", {"address": "幸福路14号", "note": "门牌有误"})
    run_jobs()
    resident.post(f"/cases/{number}/comments", {"text": "我家在二楼"})
    officer.send(f"/cases/{number}/rectification", {"note": "已联系车主王某"}, [a_picture()])
    phone_of(town.manager).post(f"/cases/{number}/closure", {"note": "核实"})
    resident.post(f"/cases/{number}/satisfaction", {"solved": True, "satisfied": True, "note": "谢谢小李"})
    run_jobs()
    return number


def apply_after(days: int, **bounds: int) -> int:
    with clock.stopped(clock.now() + timedelta(days=days)):
        return cases.apply_retention(**bounds)


def life(app, what: str) -> int:
    return next(rule.days for rule in app.extensions[EXTENSION] if rule.what == what)


def is_sound(app) -> bool:
    audit, figures = (app.test_cli_runner().invoke(commands, [name]) for commands, name in (
        (cases_commands, "audit"), (figures_commands, "verify")))
    assert (audit.exit_code, figures.exit_code) == (0, 0), audit.output + figures.output
    return True


def test_nothing_goes_before_its_time_nor_while_a_case_is_open(app, ended, town, phone_of, run_jobs):
    open_one = phone_of(town.neighbour).report().json["case_number"]
    run_jobs()
    assert apply_after(life(app, "position") - 1) == 0
    apply_after(50_000)
    gone = set(db.session.scalars(select(Tombstone.subject_id)))
    assert gone == {db.session.scalar(select(Case.id).where(Case.number == ended))}
    assert phone_of(town.desk).get(f"/cases/{open_one}").json["reports"][0]["received_position"]["longitude"] == 115.93


def test_a_merged_case_lives_as_long_as_the_one_it_went_into(app, town, phone_of, run_jobs):
    """Also through a chain: the first went into the second, that into the third."""
    desk = phone_of(town.desk)
    first, second, third = (phone_of(town.resident).report(category="other").json["case_number"] for _ in range(3))
    run_jobs()
    for number, into in ((first, second), (second, third)):
        assert desk.post(f"/cases/{number}/merge", {"into": into}).status_code == 200
    days = life(app, "position")
    assert apply_after(days + 1) == 0
    with clock.stopped(clock.now() + timedelta(days=days)):
        phone_of(town.desk).post(f"/cases/{third}/voiding", {"reason": "not_found", "note": "没有"})
        run_jobs()
    assert apply_after(days + 2) == 0
    assert apply_after(2 * days + 1) == 3


def test_the_exact_positions_go_first_and_the_case_keeps_its_own(app, ended, town, phone_of):
    before = phone_of(town.desk).get(f"/cases/{ended}").json
    assert apply_after(life(app, "position") + 1) == 1
    after = phone_of(town.desk).get(f"/cases/{ended}").json
    assert after["position"] == before["position"]
    said = db.session.scalars(select(Report)).one()
    assert (said.latitude, said.received_latitude) == (28.69, 28.69)
    assert {photo.exif_latitude for photo in db.session.scalars(select(Photo))} == {None}
    assert after["reports"][0]["description"] == SAID
    assert is_sound(app)


def test_the_bytes_of_originals_really_go_and_the_visible_copies_stay(app, ended, town, phone_of):
    kept = db.session.scalars(select(Photo)).all()
    assert apply_after(life(app, "original") + 1) >= 1
    for photo in kept:
        assert photos.store().has_original(photo.sha256)                # given up; the sweep takes it
        photos.sweep_orphans(part=int(photo.sha256[:2], 16), older_than=timedelta(seconds=-1))
        assert not photos.store().has_original(photo.sha256)
        assert phone_of(town.desk).get(f"/photos/{photo.id}/screen").status_code == 200
    lying = {str(each) for each in Proof().faults_found()}
    assert not [name for photo in kept for name in lying if photo.sha256 in name or str(photo.id) in name]
    assert is_sound(app)


def test_what_nothing_else_shows_yet_is_kept_and_counts_as_kept(app, ended, run_jobs):
    db.session.execute(update(Photo).values(status=photos.Status.SEALED))
    db.session.commit()
    stones = select(func.count()).where(Tombstone.what == "original")
    apply_after(life(app, "original") + 1)
    assert db.session.scalar(stones) == 0
    db.session.execute(update(Photo).values(status=photos.Status.READY))
    db.session.commit()
    apply_after(life(app, "original") + 1)
    assert db.session.scalar(stones) == 1
    assert not db.session.scalars(select(Photo.id).where(Photo.original_gone_at.is_(None))).all()


def test_why_an_original_was_looked_at_goes_with_what_was_shown(app, ended, town, phone_of):
    desk, why = phone_of(town.desk), {"reason": "车主王某申诉，需要核对"}
    photo = desk.get(f"/cases/{ended}").json["photos"]["before"][0]["id"]
    wish = desk.post(f"/cases/{ended}/photos/{photo}/original-requests", why).json["id"]
    phone_of(town.supervisor).post(f"/cases/{ended}/original-requests/{wish}/approval")
    assert desk.get(f"/photos/{photo}/original").status_code == 200
    apply_after(life(app, "content") + 1)
    for model in (OriginalRequest, OriginalLook):
        assert db.session.scalars(select(model.reason)).all() == [""]


def test_an_original_that_another_photo_still_needs_stays(app, ended, town, phone_of, run_jobs):
    picture = a_picture(7)
    first = phone_of(town.resident).report(picture).json
    phone_of(town.desk).post(f"/cases/{first['case_number']}/voiding", {"reason": "not_found", "note": "没有"})
    run_jobs()
    with clock.stopped(clock.now() + timedelta(days=life(app, "original"))):
        phone_of(town.neighbour).report(picture)
        run_jobs()
    apply_after(life(app, "original") + 1)
    sha256 = db.session.get(Photo, db.session.scalars(select(Photo.id).where(
        Photo.sent_by_id == town.neighbour.id)).one()).sha256
    photos.sweep_orphans(part=int(sha256[:2], 16), older_than=timedelta(seconds=-1))
    assert photos.store().has_original(sha256)


def test_a_picture_whose_original_is_gone_can_only_be_hidden_as_a_whole(app, ended, town, phone_of, run_jobs):
    photo_id = phone_of(town.desk).get(f"/cases/{ended}").json["photos"]["before"][0]["id"]
    apply_after(life(app, "original") + 1)
    box = {"kind": "face", "left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2}
    assert phone_of(town.desk).post(f"/cases/{ended}/photos/{photo_id}/redactions", {"boxes": [box]}).status_code == 201
    run_jobs()
    assert phone_of(town.desk).get(f"/photos/{photo_id}/screen").json["type"] == "/problems/photo-unreadable"


def test_who_reported_is_nobody_any_more(app, ended, town, phone_of):
    apply_after(life(app, "identity") + 1)
    resident, desk = phone_of(town.resident), phone_of(town.desk)
    assert resident.get("/reports").json["items"] == []
    assert not [each for each in resident.get("/me/notifications").json["items"] if each["case_number"] == ended]
    assert desk.get(f"/cases/{ended}").json["reports"][0]["reporter"].startswith("居民-")
    lines = desk.get(f"/cases/{ended}/events").json["items"]
    assert all(each["by"].startswith("居民-") for each in lines if each["move"] in ("report", "answer"))
    for table in db.metadata.sorted_tables:
        if table.name not in ("account", "role_held", "sign_in", "notification_inbox"):
            naming = [column for column in table.columns
                      if any(key.column.table.name == "account" for key in column.foreign_keys)]
            for column in naming:
                assert not db.session.scalar(select(func.count()).where(column == town.resident.id)), column
    assert is_sound(app)


def test_whose_report_has_left_the_case_is_nobody_in_it_too(app, town, phone_of, run_jobs):
    """Who joined by the same plate, spoke, and was separated: their lines stay where they were said."""
    number = phone_of(town.neighbour).report(description="赣A12345").json["case_number"]
    run_jobs()
    joined = phone_of(town.resident).report(description="赣A12345").json
    assert joined["case_number"] == number
    phone_of(town.resident).post(f"/cases/{number}/comments", {"text": "我家门口"})
    phone_of(town.desk).post(f"/cases/{number}/reports/{joined['id']}/separation", {"note": "另一辆"})
    phone_of(town.desk).post(f"/cases/{number}/voiding", {"reason": "not_found", "note": "没有"})
    run_jobs()
    apply_after(life(app, "identity") + 1)
    case_id = db.session.scalar(select(Case.id).where(Case.number == number))
    spoke = set(db.session.scalars(select(CaseEvent.by_id).where(CaseEvent.case_id == case_id)))
    assert not spoke & {town.resident.id, town.neighbour.id}
    assert is_sound(app)


def test_who_is_suspended_is_known_until_that_ends(app, ended, town, phone_of):
    phone_of(town.supervisor).post(f"/cases/{ended}/reporter-suspensions", {"reason": "spam", "note": "恶意"})
    apply_after(life(app, "identity") + 1)
    assert len(phone_of(town.resident).get("/reports").json["items"]) == 1


def test_at_last_all_that_was_said_and_shown_goes_and_every_figure_stays(app, ended, town, phone_of, run_jobs):
    supervisor = phone_of(town.supervisor)
    figures = [supervisor.get(path).json for path in FIGURES]
    shown = db.session.scalars(select(Photo.id)).all()
    with clock.stopped(clock.now() + timedelta(days=life(app, "content") + 1)):
        for _ in range(2):
            cases.apply_retention()
            run_jobs()
    desk = phone_of(town.desk)
    whole, lines = desk.get(f"/cases/{ended}").json, desk.get(f"/cases/{ended}/events").json
    for word in (SAID, "幸福路", "二楼", "王某", "小李", "核实"):
        assert word not in str(whole) + str(lines), word
    assert desk.get("/cases?q=消防").json["items"] == desk.get("/cases?q=幸福路").json["items"] == []
    assert [each["number"] for each in desk.get(f"/cases?q={ended}").json["items"]] == [ended]
    for id in shown:
        assert desk.get(f"/photos/{id}/screen").json["type"] == "/problems/photo-unreadable"
        assert photos.store().copies(id) == []
    assert [supervisor.get(path).json for path in FIGURES] == figures
    assert figures[0]["total"]["closed"] == 1
    assert is_sound(app)


def test_the_history_is_erased_and_still_proves_that_nothing_else_changed(app, ended):
    apply_after(life(app, "content") + 1)
    assert is_sound(app)
    event = next(each for each in db.session.scalars(select(CaseEvent)) if each.erased)
    event.note = "伪造"
    event.erased = {**event.erased, "note": {"salt": "00" * 32}}
    db.session.commit()
    assert app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 1


def test_two_runs_at_once_erase_each_thing_once(app, ended, town):
    nobodies = select(func.count()).select_from(Account).where(Account.phone.is_(None))
    later = clock.now() + timedelta(days=life(app, "identity") + 1)
    db.session.rollback()

    def run(_: int) -> int:
        with app.app_context(), clock.stopped(later):
            return cases.apply_retention()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert db.session.scalar(nobodies) == 1                                 # in the place of one reporter
    told = db.session.execute(select(Tombstone.what, func.count()).group_by(Tombstone.what)).all()
    assert {row[1] for row in told} == {1} and len(told) == 3
    assert is_sound(app)


def owed(what: What, subject_id) -> None:
    with transaction():
        db.session.add(Tombstone(id=new_id(), what=what, subject_id=subject_id, at=clock.now(), because="test",
                                 is_owed=True))


def test_what_a_restore_left_owed_is_erased_by_the_next_run(app, ended, town, phone_of, run_jobs):
    """Of an account and of a case that has ended at once; a case that is open again waits for its time."""
    open_number = phone_of(town.neighbour).report(category="other", description=SAID).json["case_number"]
    run_jobs()
    ids = dict(db.session.execute(select(Case.number, Case.id)).all())
    owed(What.ACCOUNT, town.neighbour.id)
    owed(What.ACCOUNT, new_id())                                            # whom the backup does not know
    owed(What.CONTENT, ids[ended])
    owed(What.CONTENT, ids[open_number])
    assert cases.apply_retention() == 4
    assert (accounts.find(town.neighbour.id).is_nobody, accounts.find(town.resident.id).is_nobody) == (True, False)
    said = dict(db.session.execute(select(Report.case_id, Report.description)).all())
    assert said == {ids[ended]: "", ids[open_number]: SAID}
    stones = set(db.session.scalars(select(Tombstone.subject_id).where(~Tombstone.is_owed)))
    assert ids[ended] in stones and ids[open_number] not in stones
    assert cases.apply_retention() == 0
    assert is_sound(app)


def test_it_goes_a_few_cases_at_a_time_and_each_once(app, town, phone_of, run_jobs):
    for _ in range(5):
        said = phone_of(town.resident).report().json
        run_jobs()
        phone_of(town.resident).post(f"/reports/{said['id']}/withdrawal")
    days = life(app, "position") + 1
    assert [apply_after(days, looked_at=2, erased=50) for _ in range(4)] == [2, 2, 1, 0]
    assert db.session.scalar(select(func.count(Tombstone.id))) == 5
    assert db.session.scalars(select(RetentionWalk.case_id).where(RetentionWalk.what == "position")).one().int > 0
    assert apply_after(days, looked_at=2, erased=50) == 0


def test_more_than_one_run_may_erase_goes_on_where_it_stopped(app, town, phone_of, run_jobs):
    for _ in range(3):
        said = phone_of(town.resident).report().json
        run_jobs()
        phone_of(town.resident).post(f"/reports/{said['id']}/withdrawal")
    days = life(app, "position") + 1
    assert [apply_after(days, erased=1) for _ in range(4)] == [1, 1, 1, 0]


def test_a_city_may_keep_something_for_ever(app, ended):
    before = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = [Rule(rule.what, 0, rule.source) for rule in before]
    assert rules() == []
    assert apply_after(50_000) == 0
    app.extensions[EXTENSION] = before


@pytest.mark.parametrize(("old", "new"), [
    ("days = 180", "days = -1"), ("days = 180", 'days = "180"'), ('what = "position"', 'what = "account"'),
    ('what = "position"', 'what = "identity"'), ('source = "个', 'because = "个')])
def test_a_broken_table_stops_the_start(app, tmp_path, old, new):
    words = (app.config["TABLES_DIR"] / "retention.toml").read_text(encoding="utf-8")
    (tmp_path / "retention.toml").write_text(words.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BrokenTable, match=r"retention\.toml"):
        read_retention(tmp_path / "retention.toml")
