"""A report of each week for those who asked: the numbers of that week, once, and about nothing else."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from incident_service import accounts, supervision
from incident_service.accounts import Grant, Role
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.supervision.weekly.models import WeeklyReport
from incident_service.supervision.weekly.weeks import last_to_report, period_of_week
from tests.factories import Phone
from tests.supervision.past import GRID, OTHER_GRID, a_month_of_cases, a_past_case, a_supervisor

WEDNESDAY, MONDAY = (datetime(2026, 11, day, 0, 30, tzinfo=UTC) for day in (11, 16))       # 08:30 on the wall
ASKED = "from=2026-11-09&to=2026-11-16"
OF_A_WEEK = "/supervision/weekly-reports"
UNITS = (("to_dispatch", "p50", 1), ("to_accept", "p50", 60), ("to_rectify", "p50", 60), ("to_rectify", "p90", 60),
         ("to_rectify", "p95", 60), ("to_close", "p50", 3600))


@contextmanager
def at(moment):
    """Everything happens at this moment; whoever calls has just signed in."""
    with clock.stopped(moment):
        yield


def subscribed(client, *areas, language="zh"):
    """A supervisor who asked for the report on Wednesday."""
    person = a_supervisor(*areas)
    with at(WEDNESDAY):
        answer = Phone(client, person).post(f"{OF_A_WEEK}/subscription", {"language": language}, method="PUT")
        assert answer.json == {"is_subscribed": True, "language": language, "next_week": "2026-11-09"}
    return person


def words_of(phone, url):
    answer = phone.get(url.removeprefix("/api/v1"))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split()


def cells(one):
    """The numbers of one line, as the figures of the service say them."""
    steps = ("–" if one[step][part] is None else f"{one[step][part] / unit:.1f}" + few(one[step])
             for step, part, unit in UNITS)
    return [*(str(one[name]) for name in ("cases", "closed", "within_limit")), *steps]


def few(times):
    return " *" if times["sample"] == "small" else ""


def follow_one_another(wanted, words):
    wanted = " ".join(wanted).split()
    return any(words[at:at + len(wanted)] == wanted for at in range(len(words)))


def test_the_report_says_the_numbers_of_its_week_and_the_message_where_it_is(client, run_jobs):
    a_month_of_cases(200, seed=21)
    person = subscribed(client, "3601")
    with at(MONDAY):
        assert supervision.owe_weekly_reports() == 1
        run_jobs()
        phone = Phone(client, person)
        told, = phone.get("/me/notifications").json["items"]
        report, = phone.get(OF_A_WEEK).json["items"]
        assert (told["kind"], told["link"], report["week"]) == ("weekly_report", report["url"], "2026-11-09")
        assert "2026-11-09" in told["title"] and "2026-11-15" in told["title"]
        words = words_of(phone, told["link"])
        body = phone.get(f"/supervision/response-times?{ASKED}&group_by=area:street&compare=yes").json
        assert body["total"]["cases"] > 20 and len(body["items"]) > 2
        for group_by in ("area:street", "category"):
            figures = phone.get(f"/supervision/response-times?{ASKED}&group_by={group_by}").json
            for line in (*figures["items"], figures["total"]):
                assert follow_one_another(cells(line), words), line["cases"]
        beside = zip(*(cells(each["total"]) for each in (body, body["previous"], body["year_before"])), strict=True)
        for three in beside:
            assert follow_one_another(list(three), words), three
        for rate in phone.get(f"/supervision/rates?{ASKED}").json["total"]:
            assert follow_one_another([str(rate["numerator"]), "/", str(rate["denominator"])], words)
            assert f"{rate['percent']:.2f}%" in words
        days = phone.get(f"/supervision/response-times?{ASKED}&group_by=day").json["items"]
        assert {day["key"][5:] for day in days} <= set(words)
        assert {str(day[name]) for day in days for name in ("cases", "closed")} <= set(words)
        backlog = phone.get("/supervision/backlog").json["items"]
        assert str(sum(line["cases"] for line in backlog)) in words


def test_a_week_is_reported_once_however_often_the_duty_runs(client, run_jobs):
    person = subscribed(client, "3601")
    with at(MONDAY - timedelta(hours=2)):                       # 06:30: the reports are made from seven o'clock on
        assert supervision.owe_weekly_reports() == 0
    for hours in (0, 1, 100):
        with at(MONDAY + timedelta(hours=hours)):
            assert supervision.owe_weekly_reports() == (1 if hours == 0 else 0)
            run_jobs()
    supervision.make_weekly_report(person.id, date(2026, 11, 9))
    assert db.session.scalar(select(func.count()).select_from(WeeklyReport)) == 1
    assert len(Phone(client, person).get("/me/notifications").json["items"]) == 1


def test_two_schedulers_promise_a_week_once(client, app):
    subscribed(client, "3601")

    def owe(_):
        with app.app_context(), at(MONDAY):
            return supervision.owe_weekly_reports()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(owe, range(4))) == 1
    assert db.session.scalar(select(func.count()).select_from(Promise)) == 1


def test_weeks_that_were_missed_are_made_up(client, run_jobs):
    a_past_case(opened=MONDAY + timedelta(days=1), category="other")
    person = subscribed(client, "3601")
    with at(MONDAY + timedelta(days=15)):
        assert supervision.owe_weekly_reports() == 3
        run_jobs()
        phone = Phone(client, person)
        reports = phone.get(OF_A_WEEK).json["items"]
        assert [each["week"] for each in reports] == ["2026-11-23", "2026-11-16", "2026-11-09"]
        assert [follow_one_another(["1", "0", "0"], words_of(phone, each["url"])) for each in reports] == [
            False, True, False]
        assert len({each["link"] for each in phone.get("/me/notifications").json["items"]}) == 3


def test_a_streets_supervisor_reads_about_the_street_in_their_language(client, run_jobs):
    for grid, count in ((GRID, 3), (OTHER_GRID, 7)):
        for _ in range(count):
            a_past_case(area=grid, pushed=1, rectified=90, closed=900, due=100)
    person = subscribed(client, GRID[:9], language="en")
    with at(MONDAY):
        supervision.owe_weekly_reports(), run_jobs()
        phone = Phone(client, person)
        words = words_of(phone, phone.get(OF_A_WEEK).json["items"][0]["url"])
    assert {"Weekly", "report", "Rates"} <= set(words)
    assert follow_one_another(["3", "3", "3", "1.0"], words)
    assert not {"7", "10"} & set(words)


def test_a_report_is_read_by_whom_it_is_for_while_they_look_over_all_it_is_about(client, run_jobs):
    person, other = subscribed(client, GRID[:9], OTHER_GRID[:9]), a_supervisor("3601")
    with at(MONDAY):
        supervision.owe_weekly_reports(), run_jobs()
        url = Phone(client, person).get(OF_A_WEEK).json["items"][0]["url"].removeprefix("/api/v1")
        assert (Phone(client, other).get(url).status_code, Phone(client, person).get(url).status_code) == (404, 200)
        assert Phone(client, other).get(OF_A_WEEK).json["items"] == []
        with transaction():
            account = accounts.find(person.id)
            account.roles = [each for each in account.roles if each.area_code == GRID[:9]]
        assert Phone(client, person).get(url).status_code == 404
        assert Phone(client, person).get(OF_A_WEEK).json["items"] == []
        with transaction():
            accounts.find(person.id).grant([Grant(Role.SUPERVISOR, "3601")])
        assert Phone(client, person).get(url).status_code == 200


@pytest.mark.parametrize("end", ["unsubscribe", "deactivate", "no role"])
def test_who_wants_none_or_may_have_none_gets_none(client, run_jobs, end):
    person = subscribed(client, "3601")
    with at(MONDAY):
        supervision.owe_weekly_reports()
        if end == "unsubscribe":
            phone = Phone(client, person)
            assert phone.post(f"{OF_A_WEEK}/subscription", method="DELETE").json["is_subscribed"] is False
            assert phone.get(f"{OF_A_WEEK}/subscription").json["next_week"] is None
        else:
            with transaction():
                account = accounts.find(person.id)
                account.is_active, account.roles = end != "deactivate", account.roles if end == "deactivate" else []
        run_jobs()
    assert db.session.scalar(select(func.count()).select_from(WeeklyReport)) == 0
    assert db.session.scalar(select(func.count()).select_from(Promise)) == 0


def test_asking_again_changes_the_language_alone(client):
    person = subscribed(client, "3601")
    with at(MONDAY):
        supervision.owe_weekly_reports()
        answer = Phone(client, person).post(f"{OF_A_WEEK}/subscription", {"language": "en"}, method="PUT")
        assert answer.json == {"is_subscribed": True, "language": "en", "next_week": "2026-11-16"}
        assert Phone(client, person).post(f"{OF_A_WEEK}/subscription", {"language": "fr"},
                                          method="PUT").status_code == 422


def test_reports_are_forgotten_after_their_time(client, app, run_jobs):
    person = subscribed(client, "3601")
    with at(MONDAY):
        supervision.owe_weekly_reports(), run_jobs()
        id = UUID(Phone(client, person).get(OF_A_WEEK).json["items"][0]["id"])
    with at(MONDAY + app.config["WEEKLY_REPORT_KEEP"] + timedelta(hours=1)):
        supervision.owe_weekly_reports()
    db.session.expire_all()
    assert db.session.get(WeeklyReport, id) is None


def test_a_week_with_a_clock_change_is_a_week_on_the_wall(app, monkeypatch):
    monkeypatch.setitem(app.config, "TIME_ZONE", "America/New_York")
    since, until = period_of_week(date(2026, 10, 26))
    assert until - since == timedelta(days=7, hours=1)
    with clock.stopped(until + timedelta(hours=6, minutes=59)):
        assert last_to_report() == date(2026, 10, 19)
    with clock.stopped(until + timedelta(hours=7)):
        assert last_to_report() == date(2026, 10, 26)
