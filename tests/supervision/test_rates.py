"""Rates are data: two counts, named conditions, versions, and the cases behind both sides of the line."""

from datetime import timedelta

import pytest

from incident_service.cases import Answer, CaseEvent, Move, Status
from incident_service.catalogue import BrokenTable
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook, response_times
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.rate_table import rates_called, read_rates
from incident_service.supervision.rates import Value, rates_of
from incident_service.supervision.scope import Scope
from tests.factories import Phone, a_picture, an_account
from tests.supervision.past import GRID, OTHER_GRID, THAT_DAY, a_past_case, a_supervisor
from tests.supervision.test_filters import listed

CITY = Scope(["3601"])


def remembered(case, move: Move) -> None:
    with transaction():
        db.session.add(CaseEvent(id=new_id(), case_id=case.id, sequence=2, at=clock.now(), move=move, by_id=None,
                                 status_before=None, status_after=Status.CLOSED, note="", details={}))


def counted(rate: str, **asked) -> tuple[int, int]:
    value, = rates_of(CITY, THAT_DAY, rates_called(rate), **asked).total
    return value.numerator, value.denominator


def test_the_published_month_of_a_city(app):
    rate, = rates_called("closed_in_time")
    assert [Value(rate, *each).percent for each in ((737, 972), (911, 972), (0, 0))] == [75.82, 93.72, None]


@pytest.mark.parametrize(("rate", "fraction"), [
    ("closed", (2, 4)), ("closed_in_time@1", (1, 4)), ("closed_in_time@2", (1, 3)), ("rectified", (3, 4)),
    ("rectified_in_time", (2, 4)), ("overdue", (2, 4)), ("reworked@1", (1, 4)), ("reworked@2", (1, 5)),
    ("extended", (0, 4))])
def test_each_rate_counts_what_it_says(app, rate, fraction):
    a_past_case(pushed=0, rectified=50, closed=500, due=100)            # in time
    late = a_past_case(pushed=0, rectified=150, closed=500, due=100)
    a_past_case(pushed=0, rectified=50, due=100)                        # in time, not closed
    waiting = a_past_case(pushed=0, due=100)
    a_past_case(pushed=0)                                               # never due
    remembered(late, Move.REWORK), remembered(waiting, Move.SUSPEND)
    assert counted(rate) == fraction


def answered(case, *said, round: int = 1) -> None:
    """Each of `said` is one reporter's (solved, satisfied)."""
    with transaction():
        db.session.add_all(Answer(id=new_id(), case_id=case.id, round=round, by_id=an_account().id, is_solved=solved,
                                  is_satisfied=satisfied, note="", answered_at=clock.now())
                           for solved, satisfied in said)


@pytest.mark.parametrize(("rate", "fraction"), [
    ("responded", (4, 5)), ("solved@1", (2, 4)), ("solved@2", (2, 5)), ("satisfied@1", (1, 4)),
    ("satisfied@2", (1, 5))])
def test_what_reporters_say_of_closings(app, rate, fraction):
    happy, doubtful, torn, again, _silent = (a_past_case(pushed=0, closed=9) for _ in range(5))
    answered(happy, (True, True))
    answered(doubtful, (True, False))
    answered(torn, (True, True), (False, False))                        # one of two reporters says it is not solved
    answered(again, (True, True)), answered(again, (False, False), round=2)     # the last closing counts
    a_past_case(pushed=0)                                               # nobody was asked yet
    imported, void = a_past_case(closed=9), a_past_case(pushed=0, closed=9)
    answered(void, (True, True))
    with transaction():
        db.session.merge(imported).original_kind, db.session.merge(void).status = "Noise", Status.VOID
    assert counted(rate) == fraction


def test_what_a_resident_answers_is_in_the_rates_at_once(town, phone_of, run_jobs):
    resident, officer = phone_of(town.resident), phone_of(town.officer)
    number = resident.report().json["case_number"]
    run_jobs()
    officer.send(f"/cases/{number}/rectification", {}, [a_picture()])
    phone_of(town.manager).post(f"/cases/{number}/closure")
    supervisor = phone_of(a_supervisor(town.street))

    def told():
        body = supervisor.get("/supervision/rates?rate=responded,solved,satisfied").json
        return [(each["numerator"], each["denominator"]) for each in body["total"]]

    assert told() == [(0, 1), (0, 1), (0, 1)]
    assert resident.post(f"/cases/{number}/satisfaction", {"solved": True, "satisfied": False}).status_code == 200
    assert told() == [(1, 1), (1, 1), (0, 1)]


def test_a_case_counts_in_the_period_of_its_deadline(app):
    a_past_case(pushed=0, due=86400 * 3, closed=5)
    assert counted("closed") == (0, 0)
    later = THAT_DAY._replace(since=THAT_DAY.since + timedelta(days=3), until=THAT_DAY.until + timedelta(days=3))
    assert rates_of(CITY, later, rates_called("closed")).total[0][1:] == (1, 1)


def test_an_appeal_that_was_granted_is_honoured_everywhere(client):
    case = a_past_case(pushed=0, rectified=150, closed=500, due=100)
    phone_like = rates_called("closed_in_time,overdue")
    assert [value[1:] for value in rates_of(CITY, THAT_DAY, phone_like).total] == [(0, 1), (1, 1)]
    with transaction():
        case.late_excused_at = clock.now()
    assert [value[1:] for value in rates_of(CITY, THAT_DAY, phone_like).total] == [(1, 1), (0, 1)]
    supervisor = a_supervisor("3601")
    assert response_times(by=supervisor, period=THAT_DAY).total.within_limit == 1
    phone, asked = Phone(client, supervisor), "from=2026-11-10&to=2026-11-11"
    assert phone.get(f"/supervision/cases?{asked}&figure=late").json["count"] == 0
    counted_in_time, = phone.get(f"/supervision/cases?{asked}&figure=within_limit").json["items"]
    assert counted_in_time["late_excused_at"]
    assert phone.get(f"/supervision/heatmap?{asked}").json["items"][0]["within_limit_percent"] == 100.0
    assert phone.get(f"/supervision/export.json?{asked}").json["total"]["within_limit"] == 1
    assert daybook.fold()
    assert response_times(by=supervisor, period=THAT_DAY).total.within_limit == 1


def test_what_was_excused_and_is_not_done_yet_has_no_deadline_to_keep(app):
    case = a_past_case(pushed=0, due=100)
    a_past_case(pushed=0, rectified=50, closed=60, due=100)
    assert [counted(rate) for rate in ("closed", "closed_in_time", "overdue")] == [(1, 2), (1, 2), (1, 2)]
    with transaction():
        case.late_excused_at = clock.now()
    assert [counted(rate) for rate in ("closed", "closed_in_time", "overdue")] == [(1, 1), (1, 1), (0, 1)]
    with transaction():
        case.rectified_at = case.closed_at = case.due_at + timedelta(hours=1)
    assert [counted(rate) for rate in ("closed", "closed_in_time", "overdue")] == [(2, 2), (2, 2), (0, 2)]


def test_groups_and_scope(app):
    a_past_case(area=GRID, pushed=0, due=100, closed=50), a_past_case(area=OTHER_GRID, pushed=0, due=100)
    found = rates_of(CITY, THAT_DAY, rates_called("closed"), group_by=GroupBy.STREET)
    assert [(item.key, item.values[0][1:]) for item in found.items] == [(GRID[:9], (1, 1)), (OTHER_GRID[:9], (0, 1))]
    assert rates_of(Scope([OTHER_GRID[:9]]), THAT_DAY, rates_called("closed")).total[0][1:] == (0, 1)


def test_two_versions_stand_side_by_side_over_http_and_lead_to_their_cases(client, app):
    phone = Phone(client, a_supervisor("3601"))
    remembered(a_past_case(pushed=0, due=100), Move.SUSPEND)
    a_past_case(pushed=0, rectified=5, closed=50, due=100)
    question = "from=2026-11-10&to=2026-11-11"
    body = phone.get(f"/supervision/rates?{question}&rate=closed_in_time@1,closed_in_time@2&group_by=category").json
    assert [(each["code"], each["version"], each["without"]) for each in body["rates"]] == [
        ("closed_in_time", 1, []), ("closed_in_time", 2, ["suspended"])]
    assert [(each["numerator"], each["denominator"], each["percent"]) for each in body["total"]] == [
        (1, 2, 50.0), (1, 1, 100.0)]
    for value in (*body["total"], *body["items"][0]["values"]):
        for part in ("numerator", "denominator"):
            found, count = listed(phone, value[f"{part}_url"])
            assert len(found) == count == value[part]
    assert {each["code"] for each in phone.get("/supervision/rates/versions").json["items"]} > {"closed", "overdue"}
    assert len(phone.get("/supervision/rates").json["rates"]) == len(
        {each["code"] for each in phone.get("/supervision/rates/versions").json["items"]})
    assert phone.get("/supervision/rates?rate=happiness").json["errors"][0]["pointer"] == "#/rate"


@pytest.mark.parametrize(("line", "says"), [
    ('numerator = ["happy"]', "numerator"), ('version = 0', "version"), ('source = ""', "source"),
    ('code = "closed@2"', "code")])
def test_a_broken_table_is_named(tmp_path, line, says):
    good = {"code": '"closed"', "version": "1", "name": '{ zh = "率", en = "rate" }', "counted_by": '"due_at"',
            "numerator": '["closed"]', "denominator": '["all"]', "source": '"city"'}
    name, value = line.split(" = ", 1)
    path = tmp_path / "rates.toml"
    path.write_text("[[rate]]\n" + "".join(f"{key} = {each}\n" for key, each in (good | {name: value}).items()))
    with pytest.raises(BrokenTable, match=says):
        read_rates(path)
    path.write_text(2 * ("[[rate]]\n" + "".join(f"{key} = {each}\n" for key, each in good.items())))
    with pytest.raises(BrokenTable, match="twice"):
        read_rates(path)
