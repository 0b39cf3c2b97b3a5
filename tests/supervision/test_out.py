"""The same numbers leave by every door, nothing in them calculates, and what is published says nothing of anybody."""

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.supervision.exporting import harmless
from incident_service.supervision.open_data import Cell, publishable
from tests.factories import Phone
from tests.supervision.past import GRID, MORNING, a_month_of_cases, a_past_case, a_supervisor

ASKED = "from=2026-11-01&to=2026-12-01&group_by=category"
STEPS = ("to_dispatch", "to_accept", "to_rectify", "to_close")


@pytest.fixture
def phone(client):
    return Phone(client, a_supervisor("3601"))


def read(answer):
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.get_data(as_text=True))))


def test_workbook_csv_and_json_say_the_same(phone):
    everything = a_month_of_cases(40, seed=12)
    body = phone.get(f"/supervision/export.json?{ASKED}").json
    header, *lines = read(phone.get(f"/supervision/export.csv?{ASKED}"))
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{ASKED}").data))
    sheet, definitions, cases = (book[name] for name in ("数据", "口径", "案卷"))
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == header
    items = [*body["items"], {"key": None, "name": "合计"} | body["total"]]
    for item, line, row in zip(items, lines, rows[1:], strict=True):
        flat = [item["key"], item["name"], *(item[name] for name in header[2:6]),
                *(item[step][part] for step in STEPS for part in ("p50", "p90", "p95", "mean")), item["sample"]]
        assert row == flat
        assert line == ["" if value is None else str(value) for value in flat]
    assert {row[0].value: row[1].value for row in definitions.iter_rows()}["exactness"] == "exact"
    assert sum(row[0].value == "what_counts" for row in definitions.iter_rows()) == len(body["what_counts"])
    assert {row[0].value for row in cases.iter_rows(min_row=2)} == {case.number for case in everything}


def test_what_looks_like_a_formula_stays_text(phone):
    case = a_past_case()
    with transaction():
        db.session.merge(case).original_kind = "=HYPERLINK(\"http://x\")"
    question = "from=2026-11-10&to=2026-11-11&group_by=kind"
    book = load_workbook(BytesIO(phone.get(f"/supervision/export.xlsx?{question}").data))
    assert (book["数据"]["A2"].value, book["数据"]["A2"].data_type) == ("=HYPERLINK(\"http://x\")", "s")
    assert read(phone.get(f"/supervision/export.csv?{question}"))[1][0].startswith("'=")
    assert [harmless(each) for each in ("+1", "-1", "@x", "\tx", "x=", -1, None)] == [
        "'+1", "'-1", "'@x", "'\tx", "x=", -1, None]


def test_a_streets_export_holds_the_street_alone(client):
    a_past_case(area=GRID), a_past_case(area="360111002001001")
    book = load_workbook(BytesIO(Phone(client, a_supervisor(GRID[:9])).get(
        "/supervision/export.xlsx?from=2026-11-10&to=2026-11-11").data))
    assert book["案卷"].max_row == 2


@pytest.fixture
def after_november(app):
    app.extensions.pop("open_data", None)
    with clock.stopped(datetime(2026, 12, 5, tzinfo=UTC)):
        yield
    app.extensions.pop("open_data", None)


def test_open_data_needs_no_sign_in_and_leaves_few_out(client, after_november):
    for grid, count in ((GRID, 12), ("360112001001001", 11), ("360113001001001", 3)):
        for _ in range(count):
            a_past_case(area=grid, closed=7200)
    a_past_case(area=GRID, opened=datetime(2026, 12, 4, tzinfo=UTC))        # the month has not ended
    header, *lines = read(client.get("/api/v1/supervision/open-data.csv"))
    assert not {"number", "address", "longitude", "responder"} & set(header)
    assert [(line[0], line[1], line[5], line[8]) for line in lines] == [
        ("2026-11", "360111", "12", "2.0"), ("2026-11", "360112", "", ""), ("2026-11", "360113", "", "")]


def test_open_data_is_made_once_a_day(client, after_november):
    first = client.get("/api/v1/supervision/open-data.csv").data
    a_past_case(opened=MORNING)
    assert client.get("/api/v1/supervision/open-data.csv").data == first
    with clock.stopped(datetime(2026, 12, 6, tzinfo=UTC)):
        assert client.get("/api/v1/supervision/open-data.csv").data != first


cells = st.lists(st.builds(
    lambda district, category, cases, closed, within: Cell("2026-11", district, category, cases, min(closed, cases),
                                                           min(within, cases), None),
    st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 60), st.integers(0, 60), st.integers(0, 60)),
    max_size=9, unique_by=lambda cell: cell[1:3])


@settings(max_examples=100, deadline=None)
@for_all(cells)
def test_no_sum_gives_a_small_cell_away(some):
    told = publishable(some, least=10)
    for cell in told:
        assert cell.cases >= 10
        assert not any(0 < part < 10 for part in (cell.closed, cell.cases - cell.closed, cell.within_limit))
    for field in (1, 2):
        for key in {cell[field] for cell in some}:
            line = [cell for cell in some if cell[field] == key]
            untold = [cell for cell in line if cell not in told]
            assert len(untold) != 1 or len(line) == 1
