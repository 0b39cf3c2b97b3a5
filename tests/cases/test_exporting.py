"""A list as a file: the list's own filters and order, harmless cells, and nobody's name."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from incident_service.accounts import Role
from incident_service.cases import exporting
from tests.factories import an_account

EVIL = "=HYPERLINK(\"http://a.invalid\",\"@\")"


@pytest.fixture
def numbers(town, phone_of, run_jobs):
    phone = phone_of(town.resident)
    found = [phone.report(category="other", address=address).json["case_number"] for address in (EVIL, "幸福路12号")]
    run_jobs()
    return found


def lines(answer):
    return answer.data.decode("utf-8-sig").splitlines()


def test_both_kinds_hold_the_list_newest_first(numbers, town, phone_of):
    phone = phone_of(town.desk)
    assert [line.split(",")[0] for line in lines(phone.get("/cases/list.csv"))] == ["案卷编号", *numbers[::-1]]
    page = load_workbook(BytesIO(phone.get("/cases/list.xlsx").data)).active
    assert [row[0].value for row in page.iter_rows()] == ["案卷编号", *numbers[::-1]]
    assert [cell.data_type for cell in page["E"]] == ["s", "s", "s"]
    assert page["E3"].value == EVIL


def test_a_formula_is_harmless_and_no_reporter_is_named(numbers, town, phone_of):
    text = phone_of(town.desk).get("/cases/list.csv").data.decode()
    assert "'=HYPERLINK" in text
    assert town.resident.name not in text and town.resident.phone not in text


def test_filters_and_sight_are_those_of_the_list(numbers, town, phone_of):
    assert len(lines(phone_of(town.desk).get("/cases/list.csv?q=幸福"))) == 2
    assert len(lines(phone_of(town.desk).get("/cases/list.csv?status=closed"))) == 1
    assert len(lines(phone_of(an_account(Role.DESK, "360199")).get("/cases/list.csv"))) == 1
    assert lines(phone_of(town.desk).get("/cases/list.csv", **{"Accept-Language": "en"}))[0].startswith("Number,Status")


def test_a_list_that_is_too_long_is_refused(numbers, town, phone_of, monkeypatch):
    monkeypatch.setattr(exporting, "ROWS_MAX", 1)
    answer = phone_of(town.desk).get("/cases/list.csv")
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/case-list-too-long")
