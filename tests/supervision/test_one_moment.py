"""One answer is of one moment: closings that land while it is made are in all of it or in nothing of it."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, update

from incident_service.cases import Case
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.supervision import open_data
from incident_service.supervision.scope import Scope
from incident_service.supervision.weekly.content import gathered
from tests.factories import Phone, an_account
from tests.supervision.past import a_past_case, a_supervisor, given

WEEK = "from=2026-11-09&to=2026-11-16"
WEDNESDAY = datetime(2026, 11, 11, 2, tzinfo=UTC)
BACK = {"now": 0, "previous": 7, "year_before": 365}            # days


@contextmanager
def a_closing_of_all_that_lands_between():
    """Every case is closed, by somebody else, as soon as cases have been read for the first time."""
    landed = []

    def land(connection, cursor, statement, *_):
        if not landed and statement.startswith("SELECT") and "case_file" in statement:
            landed.append(statement)
            with db.engine.begin() as other:
                other.execute(update(Case.__table__).values(status="closed", closed_at=WEDNESDAY + timedelta(days=1)))

    event.listen(db.engine, "after_cursor_execute", land)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", land)
    assert landed


@pytest.fixture
def cases(app):
    """Three cases in the week, before it and a year before, none of them closed, all held by one officer."""
    officer = an_account()
    found = [a_past_case(area=f"36011100{number}001001", opened=WEDNESDAY - timedelta(days=days), pushed=1, due=5)
             for days in BACK.values() for number in (1, 2, 3)]
    for case in found:
        given(case, officer.id)
    return found


@pytest.fixture
def phone(client, cases):
    with clock.stopped(WEDNESDAY + timedelta(days=2)):
        yield Phone(client, a_supervisor("3601"))


def asked(phone, path):
    with a_closing_of_all_that_lands_between():
        answer = phone.get(f"/supervision/{path}")
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("group_by", ["", "&group_by=category", "&group_by=responder"])
def test_three_periods_are_of_one_moment(phone, group_by):
    body = asked(phone, f"response-times?{WEEK}&compare=yes{group_by}").json
    periods = [body, body["previous"], body["year_before"]]
    assert [(each["total"]["cases"], each["total"]["closed"]) for each in periods] == [(3, 0)] * 3
    assert all(item["closed"] == 0 for each in periods for item in each["items"])


@pytest.mark.parametrize("path", [
    f"cases?{WEEK}&figure=open", f"rates/cases?{WEEK}&rate=overdue", "overdue", "unseen", "open-cases?overdue=true",
    "open-cases?status=dispatched"])
def test_a_list_and_its_count_are_of_one_moment(phone, path):
    body = asked(phone, path).json
    assert len(body["items"]) == body.get("count", 9) > 0
    assert {each["status"] for each in body["items"]} == {"dispatched"}
    assert all(len(each["responders"]) == 1 for each in body["items"] if "responders" in each)


@pytest.mark.parametrize(("at_once", "more"), [(2_000, ""), (2_000, "&role=officer"), (1, "&group_by=responder")])
def test_the_sheets_of_a_workbook_are_of_one_moment(phone, run_jobs, monkeypatch, app, at_once, more):
    monkeypatch.setitem(app.config, "EXPORT_ROWS_AT_ONCE_MAX", at_once)
    answer = phone.get(f"/supervision/export.xlsx?{WEEK}{more}") if at_once == 1 else asked(
        phone, f"export.xlsx?{WEEK}{more}")
    if answer.status_code == 202:
        with a_closing_of_all_that_lands_between():
            run_jobs()
        answer = phone.get(answer.headers["Location"].removeprefix("/api/v1") + "/file")
    book = load_workbook(BytesIO(answer.data))
    assert [row[3].value for row in book["数据"].iter_rows(min_row=2)][-1] == 0
    assert [(row[1].value, row[11].value) for row in book["案卷"].iter_rows(min_row=2)] == [("已派遣", None)] * 3


def test_a_weekly_report_is_of_one_moment(cases):
    with clock.stopped(WEDNESDAY + timedelta(days=5)), a_closing_of_all_that_lands_between():
        week = gathered(Scope(["3601"]), WEDNESDAY.date() - timedelta(days=2))
    assert [each.total.closed for each in week.times] == [0, 0, 0]
    assert (week.open_cases, week.overdue, week.by_day.total.closed, week.trend[-1][1].closed) == (9, 9, 0, 0)


def test_open_data_are_of_one_moment(app, cases):
    app.extensions.pop("open_data", None)
    with clock.stopped(WEDNESDAY + timedelta(days=25)), a_closing_of_all_that_lands_between():
        counted = [each for each, _ in open_data._of_today()]
    app.extensions.pop("open_data", None)
    assert [(each.month, *each.counts[:2]) for each in counted] == [("2026-11", 6, 0)]


def test_figures_and_the_cases_behind_them_agree_afterwards(phone):
    asked(phone, f"response-times?{WEEK}")
    assert phone.get(f"/supervision/response-times?{WEEK}").json["total"]["closed"] == 3
    assert phone.get(f"/supervision/cases?{WEEK}&figure=closed").json["count"] == 3
