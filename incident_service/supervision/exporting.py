"""The same figures as a workbook and as CSV: figures, what they mean, and the cases behind them."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from incident_service.cases import Case
from incident_service.foundation.words import Words, both, callers_language, spoken
from incident_service.supervision.explaining import exactness, sample, what_counts
from incident_service.supervision.figures import Figures, Times
from incident_service.supervision.grouping import area_name, category_name
from incident_service.supervision.periods import installation_zone
from incident_service.supervision.response_times import ResponseTimes

STEPS = ("to_dispatch", "to_accept", "to_rectify", "to_close")
HEADER = ("key", "name", "cases", "closed", "within_limit", "negative_spans",
          *(f"{step}_{part}" for step in STEPS for part in Times._fields), "sample")
CASE_COLUMNS = ("number", "status", "category", "category_name", "original_kind", "area_code", "area_name", "opened_at",
                "pushed_at", "accepted_at", "rectified_at", "closed_at", "due_at", "late_excused_at")
TOTAL = both("合计", "total")
SHEETS = {"figures": both("数据", "figures"), "definitions": both("口径", "definitions"),
          "cases": both("案卷", "cases")}
FORMULA = ("=", "+", "-", "@", "\t", "\r")          # with these a spreadsheet begins to calculate
Cell = str | int | float | None


def figure_rows(found: ResponseTimes) -> Iterator[list[Cell]]:
    """One row a group, and the total last, whose key is empty."""
    language = callers_language()
    for item in found.items:
        yield [item.key, spoken(item.name, language), *_numbers(item.figures)]
    yield [None, TOTAL.in_language(language), *_numbers(found.total)]


def _numbers(one: Figures) -> list[Cell]:
    return [*one[:4], *(value for step in one[4:] for value in step), sample(one)]


def definition_rows(found: ResponseTimes) -> Iterator[list[Cell]]:
    """What the figures are of and what they mean."""
    language = callers_language()
    for name, value in (("from", found.period.since.isoformat()), ("to", found.period.until.isoformat()),
                        ("group_by", found.group_by and str(found.group_by)), ("exactness", exactness(found)),
                        *((f"left_out_{status}", count) for status, count in found.left_out.items())):
        yield [name, value]
    for each in what_counts():
        yield ["what_counts", each.in_language(language)]


def case_row(case: Case) -> list[Cell]:
    """One case behind the figures, its times on the wall. Who reported it is not said."""
    named: dict[str, Any] = {"category_name": spoken(category_name(case.category), callers_language()),
                             "area_name": area_name(case.area_code) if case.area_code else None}
    return [_plain(named[name] if name in named else getattr(case, name)) for name in CASE_COLUMNS]


def _plain(value: Any) -> Cell:
    if isinstance(value, datetime):
        return value.astimezone(installation_zone()).isoformat(timespec="seconds")
    return None if value is None else str(value)


def workbook(found: ResponseTimes, cases: Sequence[Case]) -> bytes:
    """An XLSX workbook. Whatever looks like a formula stays text."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                   "strings_to_numbers": False}) as book:
        _sheet(book, SHEETS["figures"], [list(HEADER), *figure_rows(found)])
        _sheet(book, SHEETS["definitions"], definition_rows(found))
        _sheet(book, SHEETS["cases"], [list(CASE_COLUMNS), *map(case_row, cases)])
    return out.getvalue()


def _sheet(book: Any, name: Words, rows: Any) -> None:
    sheet = book.add_worksheet(name.in_language(callers_language()))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)
    sheet.freeze_panes(1, 0)


def as_csv(rows: Sequence[Sequence[Cell]]) -> str:
    """CSV that a spreadsheet opens without calculating."""
    out = StringIO()
    csv.writer(out).writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def harmless(cell: Cell) -> Cell:
    """Text that would begin a formula gets an apostrophe; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
