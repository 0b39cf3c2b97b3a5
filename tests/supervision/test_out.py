"""The same numbers leave by every door, nothing in them calculates, and what is published says nothing of anybody."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from incident_service import accounts
from incident_service.accounts import Grant, Role
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from tests.factories import Phone, an_account
from tests.supervision.past import GRID, MORNING, a_month_of_cases, a_past_case, a_supervisor

ASKED = "from=2026-11-01&to=2026-12-01&group_by=category"
STEPS = ("to_dispatch", "to_accept", "to_rectify", "to_close")


@pytest.fixture
def phone(client):
    return Phone(client, a_supervisor("3601"))


def read(answer):
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))


def test_workbook_csv_and_json_say_the_same(phone):
    everything = a_month_of_cases(40, seed=12)
    body = phone.get(f"/supervision/export.json?{ASKED}").json
    header, *lines = read(phone.get(f"/supervision/export.csv?{ASKED}"))
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{ASKED}").data))
    sheet, definitions, cases = (book[name] for name in ("数据", "口径", "案卷"))
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert (rows[0][:3], rows[0][6], len(rows[0])) == (["编码", "名称", "上报"], "上报至推送中位数（秒）", len(header))
    items = [*body["items"], {"key": None, "name": "合计"} | body["total"]]
    for item, line, row in zip(items, lines, rows[1:], strict=True):
        times = (item[step][part] for step in STEPS for part in ("p50", "p90", "p95", "mean", "cases"))
        flat = [item["key"], item["name"], *(item[name] for name in header[2:6]), *times, item["sample"]]
        assert row == [*flat[:-1], {"small": "过少，不宜据此评价", "enough": "足够"}[flat[-1]]]
        assert line == ["" if value is None else str(value) for value in flat]
    told = {row[0].value: row[1].value for row in definitions.iter_rows()}
    assert (told["精确度"], told["分组"], str(told["起始"])) == ("精确", "类别", "2026-11-01 00:00:00")
    assert sum(row[0].value == "口径" for row in definitions.iter_rows()) == len(body["what_counts"])
    assert {row[0].value for row in cases.iter_rows(min_row=2)} == {case.number for case in everything}


def test_what_looks_like_a_formula_stays_text(phone):
    case = a_past_case()
    with transaction():
        db.session.merge(case).original_kind = "=HYPERLINK(\"http://x\")"
    question = "from=2026-11-10&to=2026-11-11&group_by=kind"
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{question}").data))
    assert (book["数据"]["A2"].value, book["数据"]["A2"].data_type) == ("=HYPERLINK(\"http://x\")", "s")
    assert read(phone.get(f"/supervision/export.csv?{question}"))[1][0].startswith("'=")


def test_a_workbook_speaks_its_readers_language(phone):
    a_past_case(area=GRID, closed=60)
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{ASKED}", **{"Accept-Language": "en"}).data))
    assert [cell.value for cell in book["figures"][1]][:3] == ["key", "name", "reported"]
    assert [cell.value for cell in book["cases"][2]][1:4] == ["closed", "fire_lane", "Fire lane blocked"]
    chinese = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{ASKED}").data))
    assert chinese["案卷"]["B2"].value == "已结案"


@pytest.fixture
def long_lists(app):
    """A city in which two cases are a large workbook."""
    app.config["EXPORT_ROWS_AT_ONCE_MAX"] = 1
    yield
    app.config["EXPORT_ROWS_AT_ONCE_MAX"] = 2_000


def test_a_large_workbook_is_made_by_a_worker_for_who_looks_over_its_cases(client, run_jobs, long_lists):
    street, other = (a_supervisor(area) for area in (GRID[:9], "3601"))
    for number in range(3):
        a_past_case(area=GRID, closed=60, opened=MORNING + timedelta(minutes=number)), a_past_case(area="360111002")
    phone = Phone(client, street)
    asked = phone.get(f"/supervision/export.xlsx?{ASKED}&area=3601")
    assert (asked.status_code, asked.json["kind"], asked.json["state"]) == (202, "figures", "waiting")
    status = asked.headers["Location"].removeprefix("/api/v1")
    assert phone.get(f"/supervision/export.xlsx?{ASKED}&area=3601").json["id"] == asked.json["id"]
    run_jobs()
    ready = phone.get(status).json
    assert (ready["state"], ready["done"], ready["total"]) == ("ready", 3, 3)
    book = load_workbook(BytesIO(phone.get(f"{status}/file").data))
    body = phone.get(f"/supervision/export.json?{ASKED}").json
    assert [row[2].value for row in book["数据"].iter_rows(min_row=2)] == [3, 3] == [
        *(item["cases"] for item in body["items"]), body["total"]["cases"]]
    moments = [row[7].value for row in book["案卷"].iter_rows(min_row=2)]
    assert len(moments) == 3 and moments == sorted(moments, reverse=True)
    assert Phone(client, other).get(f"{status}/file").status_code == 404
    again = phone.get(f"/supervision/export.xlsx?{ASKED}").json
    with transaction():
        accounts.find(street.id).roles = []
        accounts.find(street.id).grant([Grant(Role.SUPERVISOR, "360111003")])
    run_jobs()
    book = load_workbook(BytesIO(Phone(client, street).get(f"/exports/{again['id']}/file").data))
    assert (book["数据"]["C2"].value, book["案卷"].max_row) == (0, 1)
    refused = Phone(client, street).get(f"{status}/file")                   # made by a role that is not held any more
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/export-beyond-reach")


def test_a_streets_export_holds_the_street_alone(client):
    a_past_case(area=GRID), a_past_case(area="360111002001001")
    book = load_workbook(BytesIO(Phone(client, a_supervisor(GRID[:9])).get(
        "/supervision/export.xlsx?from=2026-11-10&to=2026-11-11").data))
    assert book["案卷"].max_row == 2


def test_more_cases_than_a_sheet_holds_go_on_in_another(phone, monkeypatch):
    monkeypatch.setattr("incident_service.foundation.sheets.ROWS_MAX", 2)
    cases = a_month_of_cases(5, seed=3)
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{ASKED}").data))
    pages = [book[name] for name in book.sheetnames if name.startswith("案卷")]
    assert [(page.title, page.max_row) for page in pages] == [("案卷", 3), ("案卷 (2)", 3), ("案卷 (3)", 2)]
    assert {page["A1"].value for page in pages} == {"案卷编号"}
    numbers = [row[0].value for page in pages for row in page.iter_rows(min_row=2)]
    newest = sorted(cases, key=lambda case: (case.opened_at, case.id.bytes), reverse=True)
    assert numbers == [case.number for case in newest]


def test_a_workbook_says_what_its_question_was_narrowed_to(phone):
    officer = an_account(Role.OFFICER, "3601", kind="traffic", name="交警戊")
    asked = f"{ASKED}&area={GRID[:9]}&category=fire_lane&role=officer&weekdays=1,7&hours=8-9&responder={officer.id}"
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{asked}").data))
    told = dict(book["口径"].iter_rows(values_only=True))
    expected = {"督查范围": "3601", "区域": GRID[:9], "类别": "消防通道占用", "处置角色": "执法人员",
                "处置人员": str(officer.id), "星期": "星期一, 星期日", "时段": "08:00–08:59, 09:00–09:59"}
    assert {name: told[name] for name in expected} == expected


def test_a_workbook_says_when_a_case_was_due_and_that_its_lateness_was_excused(phone):
    late = a_past_case(pushed=0, rectified=90, closed=99, due=60)
    with transaction():
        db.session.merge(late).late_excused_at = MORNING + timedelta(hours=2)
    row = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{ASKED}").data))["案卷"][2]
    wall = MORNING + timedelta(hours=8)
    assert (row[10].value, row[12].value, row[13].value) == tuple(
        (wall + timedelta(seconds=seconds)).replace(tzinfo=None) for seconds in (90, 60, 7200))
