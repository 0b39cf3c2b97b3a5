"""Cells are data: whatever a stranger wrote into one, no spreadsheet runs it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook

from incident_service.foundation.sheets import Sheet, harmless, write_csv, write_xlsx

NASTY = ["=1+1", "+86", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "=HYPERLINK(\"http://a.invalid\")"]
PLAIN = ["消防通道", "a=b", "1-2", "", "'"]
NOON = datetime(2026, 11, 28, 4, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _here(app: Flask) -> None:
    """The city's clocks."""


def test_a_workbook_holds_formulas_as_text(tmp_path: Path):
    write_xlsx(tmp_path / "a.xlsx", [Sheet("案卷", ["话"], [[each] for each in NASTY + PLAIN])])
    cells = [row[0] for row in load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert [cell.value for cell in cells][:2] == NASTY[:2]


def test_csv_marks_what_would_be_a_formula(tmp_path: Path):
    write_csv(tmp_path / "a.csv", Sheet("案卷", ["话", "数"], [[each, -5] for each in NASTY + PLAIN]))
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0] for row in rows] == [f"'{each}" for each in NASTY] + PLAIN
    assert {row[1] for row in rows} == {"-5"}


@pytest.mark.parametrize("text", NASTY)
def test_what_is_harmless_begins_with_an_apostrophe(text: str):
    assert harmless(text).startswith("'")


def test_times_stand_as_the_citys_clocks_show_them_and_numbers_stay_numbers(tmp_path: Path):
    sheet = Sheet("案卷", ["时", "数", "无"], [[NOON, 2.5, None]])
    write_xlsx(tmp_path / "a.xlsx", [sheet])
    write_csv(tmp_path / "a.csv", sheet)
    shown = [cell.value for cell in load_workbook(tmp_path / "a.xlsx").active[2]]
    assert [str(shown[0]), *shown[1:]] == ["2026-11-28 12:00:00", 2.5, None]
    assert "2026-11-28 12:00:00,2.5," in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")


def test_a_cell_that_is_too_long_is_cut_not_lost(tmp_path: Path):
    write_xlsx(tmp_path / "a.xlsx", [Sheet("案卷", ["话"], [["长" * 40_000]])])
    assert load_workbook(tmp_path / "a.xlsx").active["A2"].value == "长" * 32_767
