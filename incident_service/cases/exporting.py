"""A list of cases as a file for a spreadsheet: what the caller may see and asked for, without anybody's name."""

import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from incident_service.accounts import Account
from incident_service.cases import finding, presenting
from incident_service.cases.models import Case
from incident_service.cases.workflow import NAMES
from incident_service.foundation import sheets
from incident_service.foundation.paging import LIMIT_MAX
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both, callers_language

ROWS_MAX = 5_000                                    # some two seconds; a longer list must be narrowed
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


class Format(StrEnum):
    """Kinds of files."""

    XLSX = "xlsx"
    CSV = "csv"


class ListTooLong(Invalid):
    """There are more cases than one file takes."""
    slug, title = "case-list-too-long", both("导出的案卷过多，请缩小范围", "Too many cases for one file")


def export(format: Format, *, by: Account, **filters: Any) -> bytes:
    """The file of a list, in the list's order and the caller's language. Raises ListTooLong, TooLittleSaid."""
    language = callers_language()
    sheet = sheets.Sheet(TITLE.in_language(language), [each.in_language(language) for each in HEADINGS.values()],
                         [_row(case, language) for case in _all(by, filters)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / format
        if format is Format.XLSX:
            sheets.write_xlsx(path, [sheet])
        else:
            sheets.write_csv(path, sheet)
        return path.read_bytes()


def _all(by: Account, filters: dict[str, Any]) -> Iterator[Case]:
    """Every case of the list, page by page."""
    cursor: str | None = ""
    count = 0
    while cursor is not None:
        page = finding.page_of_cases(by=by, **filters | {"limit": LIMIT_MAX, "cursor": cursor})
        count += len(page.items)
        if count > ROWS_MAX:
            raise ListTooLong(errors=[FieldError("#/opened_from", both(
                "最多导出 {most} 件", "At most {most} cases go into one file", most=ROWS_MAX))])
        yield from page.items
        cursor = page.next_cursor


def _row(case: Case, language: str) -> list[sheets.Cell]:
    shown = presenting.summary(case)
    cells = shown | {"status": NAMES[case.status].in_language(language),
                     "longitude": case.longitude, "latitude": case.latitude}
    return [cells[name] for name in HEADINGS]
