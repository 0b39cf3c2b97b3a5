"""What holds of a case or a number holds in every answer: lists, figures, rates, maps, files, paper, open data."""

import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from incident_service import supervision
from incident_service.accounts import Role
from incident_service.cases import Status
from incident_service.foundation import clock
from incident_service.foundation.transaction import transaction
from tests.factories import Phone, a_picture, an_account
from tests.supervision.past import GRID, OTHER_GRID, a_past_case, a_supervisor, given
from tests.supervision.test_weekly import MONDAY, OF_A_WEEK, follow_one_another, subscribed, words_of

WEEK = "from=2026-11-09&to=2026-11-16"
WEDNESDAY = datetime(2026, 11, 11, 2, tzinfo=UTC)


@pytest.fixture
def published(app, client):
    """The lines of the open data, counted anew."""
    def lines():
        app.extensions.pop("open_data", None)
        with clock.stopped(datetime(2026, 12, 5, tzinfo=UTC)):
            text = client.get("/api/v1/supervision/open-data.csv").data.decode("utf-8-sig")
        app.extensions.pop("open_data", None)
        return list(csv.DictReader(StringIO(text)))

    return lines


def paper(client, run_jobs, area="3601"):
    """The words of the weekly report of a new supervisor, at its Monday."""
    person = subscribed(client, area)
    with clock.stopped(MONDAY):
        supervision.owe_weekly_reports(), run_jobs()
        phone = Phone(client, person)
        return words_of(phone, phone.get(OF_A_WEEK).json["items"][0]["url"])


def test_an_appeal_that_was_granted_is_honoured_everywhere(app, client, run_jobs, published, monkeypatch):
    monkeypatch.setitem(app.config, "FIGURES_CASES_MIN", 0)        # else open data would not tell of none nor of all
    officer = an_account(Role.OFFICER, "3601", kind="traffic")
    cases = [a_past_case(opened=WEDNESDAY, pushed=0, accepted=5, rectified=90, closed=400, due=60,
                         area=f"36011100{n % 3 + 1}001001") for n in range(12)]
    for case in cases:
        given(case, officer.id, accepted=5, rectified=90)
    own, above = Phone(client, officer), Phone(client, a_supervisor("3601"))

    def told() -> dict[str, object]:
        """In how many of twelve cases each answer sees no lateness."""
        rates = {each["code"]: each for each in above.get(f"/supervision/rates?{WEEK}").json["total"]}
        book = load_workbook(BytesIO(above.get(f"/supervision/export.xlsx?{WEEK}").data))
        table = list(csv.DictReader(StringIO(
            above.get(f"/supervision/export.csv?{WEEK}").data.decode("utf-8-sig"))))
        by_responder, = above.get(f"/supervision/response-times?{WEEK}&group_by=responder").json["items"]
        words = paper(client, run_jobs)
        return {
            "figures": above.get(f"/supervision/response-times?{WEEK}").json["total"]["within_limit"],
            "json": above.get(f"/supervision/export.json?{WEEK}").json["total"]["within_limit"],
            "csv": int(table[-1]["within_limit"]), "workbook": book["数据"]["E2"].value,
            "own": own.get(f"/me/figures?{WEEK}").json["total"]["within_limit"],
            "by responder": by_responder["within_limit"],
            "share": above.get(f"/supervision/response-times?{WEEK}&role=officer").json["total"]["within_limit"],
            "list": above.get(f"/supervision/cases?{WEEK}&figure=within_limit").json["count"],
            "late": 12 - above.get(f"/supervision/cases?{WEEK}&figure=late").json["count"],
            "own list": 12 - own.get(f"/me/figures/cases?{WEEK}&figure=late").json["count"],
            "rate": rates["rectified_in_time"]["numerator"], "overdue": 12 - rates["overdue"]["numerator"],
            "heat map": above.get(f"/supervision/heatmap?{WEEK}").json["items"][0]["within_limit"],
            "case lists": sum(not each["is_overdue"] for each in above.get("/cases?limit=50").json["items"]),
            "filter of case lists": 12 - len(above.get("/cases?overdue=true&limit=50").json["items"]),
            "paper": 12 if follow_one_another(["12", "12", "12"], words) else 0,
            "open data": int(published()[0]["within_limit"]),
        }

    assert set(told().values()) == {0}
    with transaction():
        for case in cases:
            case.late_excused_at = WEDNESDAY + timedelta(hours=3)
    assert set(told().values()) == {12}


def test_small_numbers_are_marked_everywhere(client, app, run_jobs, published):
    few, least = 3, app.config["FIGURES_CASES_MIN"]
    for area, count in ((GRID, least), (OTHER_GRID, few)):
        for _ in range(count):
            case = a_past_case(area=area, opened=WEDNESDAY, pushed=0, rectified=60, closed=90, due=100)
            with transaction():
                case.longitude = 115.93 if area == GRID else 115.99
    phone = Phone(client, a_supervisor("3601"))
    marks = {"small": few, "enough": least}

    def marked(items):
        return {each["sample"]: each["cases"] for each in items}

    by_street = f"{WEEK}&group_by=area:street"
    body = phone.get(f"/supervision/response-times?{by_street}").json
    assert marked(body["items"]) == marks and body["total"]["sample"] == "enough"
    assert marked(phone.get(f"/supervision/export.json?{by_street}").json["items"]) == marks
    hexagons = phone.get(f"/supervision/heatmap?{WEEK}&resolution=8").json["items"]
    assert marked(hexagons) == marks == {each["within_limit_sample"]: each["with_deadline"] for each in hexagons}
    rates = phone.get(f"/supervision/rates?{by_street}&rate=closed").json["items"]
    assert {each["values"][0]["sample"]: each["values"][0]["denominator"] for each in rates} == marks
    lines = csv.DictReader(StringIO(phone.get(f"/supervision/export.csv?{by_street}").data.decode("utf-8-sig")))
    assert [(line["cases"], line["sample"]) for line in lines] == [
        (str(least), "enough"), (str(few), "small"), (str(least + few), "enough")]
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{by_street}").data))
    assert [row[-1].value for row in book["数据"].iter_rows(min_row=2)] == ["足够", "过少，不宜据此评价", "足够"]
    words = paper(client, run_jobs)
    assert follow_one_another([OTHER_GRID[:9], "*", "3"], words) and follow_one_another([GRID[:9], "10"], words)
    assert "不宜据此评价" in "".join(words)
    assert [line["cases"] for line in published()] == [""]                          # of two streets
    for area in ("360111003001001", "360111004001001", "360111005001001"):
        for _ in range(least):
            a_past_case(area=area, opened=WEDNESDAY, pushed=0, rectified=60, closed=90, due=100)
    assert [line["cases"] for line in published()] == [str(4 * least + few)]
    for _ in range(2 * least):
        a_past_case(area=f"{OTHER_GRID[:9]}001009", opened=WEDNESDAY, pushed=0)
    _, mostly_open, *_ = phone.get(f"/supervision/response-times?{by_street}").json["items"]
    assert (mostly_open["cases"], mostly_open["sample"]) == (2 * least + few, "enough")
    assert [(mostly_open[step]["cases"], mostly_open[step]["sample"]) for step in ("to_dispatch", "to_rectify")] == [
        (2 * least + few, "enough"), (few, "small")]
    responder = an_account(Role.OFFICER, "3601", kind="traffic")
    given(case, responder.id)
    assert Phone(client, responder).get(f"/me/figures?{WEEK}").json["total"]["sample"] == "small"


def test_a_reopened_case_is_open_until_it_is_closed_again_and_a_void_one_is_none(town, phone_of, run_jobs):
    resident, officer, desk = phone_of(town.resident), phone_of(town.officer), phone_of(town.desk)
    number = resident.report().json["case_number"]
    run_jobs()
    officer.send(f"/cases/{number}/rectification", {}, [a_picture()])
    phone_of(town.manager).post(f"/cases/{number}/closure")
    supervisor = phone_of(town.supervisor)

    def told():
        body = supervisor.get("/supervision/response-times").json
        return (*(body["total"][name] for name in ("cases", "closed", "within_limit")), body["left_out"]["void"],
                body["total"]["to_rectify"]["p50"])

    first = told()
    assert first[:4] == (1, 1, 1, 0)
    assert desk.send(f"/cases/{number}/reopening", {"reason": "wrong_result", "note": "未解决"}, []).status_code == 200
    assert told() == (1, 0, 1, 0, first[4])                     # the first rectification counts, no closing does
    run_jobs()
    assert desk.post(f"/cases/{number}/voiding", {"reason": "not_found", "note": "现场无此情况"}).status_code == 200
    assert told() == (0, 0, 0, 1, None)
    assert supervisor.get(f"/cases/{number}").json["status"] == Status.VOID
