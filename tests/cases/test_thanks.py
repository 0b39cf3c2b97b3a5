"""Whom the city thanks for a closed case, and what it takes back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incident_service import cases, points
from incident_service.accounts import Role
from incident_service.cases import access, history, thanks
from incident_service.cases.ground import BLOCK, TILE, square
from incident_service.cases.models import Case, CasePhoto, CaseWarning, Dispatch, Flag, Stage
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.points import Reversal
from incident_service.points.models import PointsAccount, Transfer
from incident_service.reports import Report
from tests.factories import a_picture, an_account


@pytest.fixture
def rectified(town, phone_of, run_jobs):
    """A case that may be closed, reported by whoever is named."""
    def make(reporter=None) -> Case:
        number = phone_of(reporter or town.resident).report().json["case_number"]
        run_jobs()
        phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
        run_jobs()
        return db.session.scalars(select(Case).where(Case.number == number)).one()
    return make


def close(case, town):
    db.session.rollback()
    return cases.close(case.number, by=town.desk)


def join(case, person):
    """Somebody else reports the same thing, and their report joins the case."""
    first = db.session.scalars(select(Report).where(Report.case_id == case.id)).first()
    with transaction():
        columns = {each.key: getattr(first, each.key) for each in Report.__table__.columns}
        db.session.add(Report(**columns | {"id": new_id(), "reporter_id": person.id}))


def test_who_joined_gets_a_share_and_only_so_many(rectified, town, app):
    case = rectified()
    joined = [an_account(Role.RESIDENT) for _ in range(6)]
    for each in (*joined, joined[0]):
        join(case, each)
    close(case, town)
    assert [points.of(each.id).balance for each in (town.resident, *joined)] == [10, 3, 3, 3, 3, 3, 0]
    lines = points.entries_of(joined[0].id, limit=9, cursor="").items
    assert [line.transfer.explanation_zh for line in lines] == ["消防通道占用 · 附议"]


def test_a_case_is_closed_also_for_whoever_had_it_at_hand(rectified, town):
    case = rectified()
    db.session.rollback()
    with transaction():
        had = db.session.get(Case, case.id)
        assert had.closed_at is None
        closed = cases.close(case.number, by=town.desk)
        assert closed is not had
        kept = ("status", "version", "head", "closed_at", "wakes_at")
        assert [getattr(had, name) for name in kept] == [getattr(closed, name) for name in kept]


def test_whatever_is_changed_in_a_case_outside_the_session_is_written_and_what_follows_from_its_place(rectified, town):
    number, elsewhere = rectified().number, "360112002003004"
    with transaction():
        case = access.find_to_close(number, by=town.desk)
        case.address, case.area_code, case.longitude = "elsewhere", elsewhere, case.longitude + 0.5
        history.keep(case)
    kept = db.session.scalars(select(Case).where(Case.number == number)).one()
    assert (kept.address, kept.area_code, kept.district_code) == ("elsewhere", elsewhere, elsewhere[:6])
    assert set(db.session.scalars(select(Dispatch.block))) == {kept.block}
    assert (kept.tile, kept.block) == tuple(square(case.longitude, case.latitude, each) for each in (TILE, BLOCK))


@pytest.mark.parametrize("role", [Role.DESK, Role.SUPERVISOR, Role.GRID_MANAGER])
def test_staff_earn_nothing_for_what_they_report(rectified, town, role):
    clerk = an_account(role, "360111001")
    close(rectified(clerk), town)
    assert points.of(clerk.id) == (0, 0)
    assert points.of(town.manager.id).balance == 5


@pytest.fixture
def late(rectified, town) -> Case:
    """A case that was rectified after its deadline, and closed."""
    case = rectified()
    with transaction():
        db.session.execute(update(Case).values(due_at=case.rectified_at - timedelta(seconds=1)))
    return close(case, town)


def test_a_case_rectified_late_is_worth_less_to_its_manager(late, town):
    assert (points.of(town.manager.id).balance, points.of(town.resident.id).balance) == (2, 10)


def excuse(case, town, phone_of, verdict="granted") -> None:
    assert phone_of(town.officer).post(f"/cases/{case.number}/appeal", {"note": "位置报错，绕行"}).status_code == 200
    for _ in range(2):
        decided = phone_of(town.supervisor).post(
            f"/cases/{case.number}/appeal/decision", {"verdict": verdict, "note": "已核"})
        assert decided.status_code == 200


def test_an_appeal_that_is_granted_gives_the_manager_what_the_lateness_took(late, town, phone_of, run_jobs):
    excuse(late, town, phone_of)
    assert (points.of(town.manager.id).balance, points.of(town.resident.id).balance) == (5, 10)
    lines = points.entries_of(town.manager.id, limit=9, cursor="").items
    assert [(line.amount, line.transfer.explanation_zh) for line in lines] == [
        (3, "消防通道占用 · 网格处置 · 申诉成立补发"), (2, "消防通道占用 · 网格处置 · 超时 40%")]
    phone_of(town.resident).send(f"/cases/{late.number}/reopening", {"reason": "not_solved"}, [a_picture()])
    assert (points.of(town.manager.id).balance, points.of(town.resident.id).balance) == (0, 0)
    assert points.reconcile().faults == []


def test_an_appeal_gives_back_what_the_lateness_took_and_nothing_else(late, town, phone_of):
    """Here: a cap had left one point of two."""
    mine = select(PointsAccount.id).where(PointsAccount.holder_key == str(town.manager.id))
    with transaction():
        db.session.execute(update(Transfer).where(Transfer.to_id.in_(mine)).values(amount=1))
    excuse(late, town, phone_of)
    assert [line.amount for line in points.entries_of(town.manager.id, limit=9, cursor="").items] == [3, 1]


def test_an_appeal_that_is_refused_gives_nothing(late, town, phone_of):
    excuse(late, town, phone_of, "refused")
    assert points.of(town.manager.id).balance == 2


def test_an_appeal_that_is_granted_before_the_closing_leaves_nothing_to_make_up(rectified, town, phone_of):
    case = rectified()
    with transaction():
        db.session.execute(update(Case).values(due_at=case.rectified_at - timedelta(seconds=1)))
    excuse(case, town, phone_of)
    close(case, town)
    assert [line.amount for line in points.entries_of(town.manager.id, limit=9, cursor="").items] == [5]


def test_an_appeal_does_not_give_what_waits_for_a_supervisor(late, town, phone_of):
    """Here: nothing was given, as the thanks were taken back before."""
    with transaction():
        thanks.take_back(late, reason=Reversal.VOIDED, because=both("作废", "void"))
    excuse(late, town, phone_of)
    assert points.of(town.manager.id).balance == 0


def test_doubtful_photos_are_worth_half(rectified, town):
    case = rectified()
    photo = db.session.scalars(select(CasePhoto.photo_id).where(CasePhoto.stage == Stage.BEFORE)).one()
    with transaction():
        db.session.add(CaseWarning(id=new_id(), case_id=case.id, flag=Flag.FAR_AWAY, stage=Stage.BEFORE, photo_id=photo,
                                   figures={"metres": 900}, found_at=clock.now()))
    close(case, town)
    line = points.entries_of(town.resident.id, limit=1, cursor="").items[0]
    assert (line.amount, line.transfer.explanation_zh) == (5, "消防通道占用 · 首报 · 照片存疑 50%")


def test_thanks_are_taken_back_for_the_round_they_were_given_for(rectified, town):
    case = close(rectified(), town)
    for _ in range(2):
        with transaction():
            thanks.take_back(case, reason=Reversal.VOIDED, because=both("作废", "void"))
    assert (points.of(town.resident.id), points.of(town.manager.id)) == ((0, 0), (0, 0))
    assert points.reconcile().faults == []


def test_a_report_shows_what_its_reporter_has_for_it_now(rectified, town, phone_of, run_jobs):
    """Neither what was given for an earlier round and taken back, nor both together."""
    case, phone = rectified(), phone_of(town.resident)

    def shown() -> tuple[int, int]:
        return phone.get("/reports").json["items"][0]["points"], phone.get("/me/points").json["balance"]

    close(case, town)
    assert shown() == (10, 10)
    phone.send(f"/cases/{case.number}/reopening", {"reason": "not_solved"}, [a_picture()])
    run_jobs()
    assert shown() == (0, 0)
    phone_of(town.officer).send(f"/cases/{case.number}/rectification", {}, [a_picture()])
    run_jobs()
    close(case, town)
    assert shown() == (10, 10)
    earned = phone.get("/me/points/entries").json["items"]
    assert [each["amount"] for each in earned] == [10, -10, 10]
    assert {each["case_number"] for each in earned} == {case.number}
