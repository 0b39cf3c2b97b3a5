"""A list of cases as a file for a spreadsheet: what the caller may see and asked for, without anybody's name.

A list of usual length is made at once; a longer one by a worker, and fetched from `exports`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app

from incident_service import exports
from incident_service.accounts import Account
from incident_service.cases import finding, presenting
from incident_service.cases.models import Case
from incident_service.cases.workflow import NAMES
from incident_service.exports import Export, Progress
from incident_service.foundation import sheets
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.paging import LIMIT_MAX
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both, callers_language

TITLE = both("案卷", "Cases")
HEADINGS = {
    "number": both("案卷编号", "Number"), "status": both("状态", "Status"), "category_name": both("类别", "Category"),
    "condition_name": both("立案条件", "Condition"), "address": both("地址", "Address"),
    "longitude": both("经度 (WGS-84)", "Longitude (WGS-84)"), "latitude": both("纬度 (WGS-84)", "Latitude (WGS-84)"),
    "area_code": both("区域编码", "Area"), "beat_code": both("责任区编码", "Beat"), "round": both("轮次", "Round"),
    "is_overdue": both("是否超期", "Overdue"), "opened_at": both("上报时间", "Reported"),
    "pushed_at": both("推送时间", "Pushed"), "accepted_at": both("签收时间", "Accepted"), "due_at": both("期限", "Due"),
    "rectified_at": both("整改时间", "Rectified"), "closed_at": both("结案时间", "Closed"),
}
MOMENTS = ("opened_from", "opened_to")
Counting = Callable[[int], None]


class Format(StrEnum):
    """Kinds of files."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA_TYPES = {Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Format.CSV: "text/csv"}


def export(format: Format, *, by: Account, **filters: Any) -> bytes | Export:
    """The file of a list, in the list's order and the caller's language; of a longer list, the export that a worker
    makes. Raises TooLittleSaid, TooManyExports."""
    at_once_max = current_app.config["EXPORT_ROWS_AT_ONCE_MAX"]
    found = list(islice(_all(by, filters), at_once_max + 1))
    if len(found) > at_once_max:
        return _promised(format, by, filters)
    return sheets.content(lambda path: _write(format, path, iter(found)))


def write_list(export_id: UUID) -> None:
    """Make the file of a longer list, as whoever asked may see it by now. Safe to repeat."""
    exports.fill(export_id, _fill)


def _promised(format: Format, by: Account, filters: dict[str, Any]) -> Export:
    asked = {name: value.isoformat() if isinstance(value, datetime) else value
             for name, value in filters.items() if value is not None} | {"format": format}
    if "near" in asked:
        asked["near"] = list(asked["near"])
    with transaction():
        found, is_new = exports.ask(exports.Kind.CASE_LIST, asked, by=by, file_name=f"cases.{format}",
                                    media_type=MEDIA_TYPES[format])
        if is_new:
            enqueue("workers.exports.list_cases", export_id=str(found.id))
        return found


def _fill(found: Export, by: Account, path: Path, progress: Progress) -> int:
    asked = dict(found.asked)
    format = Format(asked.pop("format"))
    filters = asked | {name: datetime.fromisoformat(asked[name]) for name in MOMENTS if name in asked}
    if "near" in filters:
        filters["near"] = tuple(filters["near"])
    total = finding.count_of_cases(by=by, **filters)
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, total)

    _write(format, path, _all(by, filters, count))
    return done


def _write(format: Format, path: Path, cases: Iterator[Case]) -> None:
    language = callers_language()
    sheet = sheets.Sheet(TITLE.in_language(language), [each.in_language(language) for each in HEADINGS.values()],
                         (_row(case, language) for case in cases))
    if format is Format.XLSX:
        sheets.write_xlsx(path, [sheet])
    else:
        sheets.write_csv(path, sheet)


def _all(by: Account, filters: dict[str, Any], count: Counting = lambda rows: None) -> Iterator[Case]:
    """Every case of the list, page by page; `count` is told when a page is done with."""
    cursor: str | None = ""
    while cursor is not None:
        page = finding.page_of_cases(by=by, **filters | {"limit": LIMIT_MAX, "cursor": cursor})
        cursor = page.next_cursor
        yield from page.items
        count(len(page.items))


def _row(case: Case, language: str) -> list[sheets.Cell]:
    shown = presenting.summary(case)
    cells = shown | {"status": NAMES[case.status].in_language(language),
                     "longitude": case.longitude, "latitude": case.latitude}
    return [cells[name] for name in HEADINGS]
