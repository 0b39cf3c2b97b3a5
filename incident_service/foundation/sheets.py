"""Tables as files that people open in a spreadsheet: XLSX and CSV, whose cells are never anything but data.

What a stranger wrote may begin with `=`; a workbook holds it as text, a CSV gets an apostrophe before it.
"""

import csv
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | bool | datetime | None
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CELL_CHARACTERS_MAX = 32_767                            # of a workbook
ROWS_MAX = 1_048_575                                    # of one of its sheets, under the headings
COLUMN_WIDTH = 18
MOMENT = "yyyy-mm-dd hh:mm:ss"
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Sheet(NamedTuple):
    """A table with a title and a heading over each column. The rows are walked once."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def content(write: Callable[[Path], None]) -> bytes:
    """The bytes of a file that `write` writes: for one that need not be kept."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write(path)
        return path.read_bytes()


def write_xlsx(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write a workbook. A row leaves the memory when the next one begins; a table of more rows than a sheet holds goes
    on in another one."""
    with Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent), **AS_TEXT}) as book:
        bold, moment, zone = book.add_format({"bold": True}), book.add_format({"num_format": MOMENT}), _zone()
        for sheet in sheets:
            page = _page(book, sheet.title, sheet.headings, bold)
            for number, row in enumerate(sheet.rows):
                turn, place = divmod(number, ROWS_MAX)
                if turn and not place:
                    page = _page(book, f"{sheet.title} ({turn + 1})", sheet.headings, bold)
                for column, cell in enumerate(row):
                    _put(page, place + 1, column, _here(cell, zone), moment)


def _page(book: Workbook, title: str, headings: Sequence[str], bold: object) -> Worksheet:
    page = book.add_worksheet(title)
    page.set_column(0, max(len(headings) - 1, 0), COLUMN_WIDTH)
    page.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        page.write_string(0, column, heading, bold)
    return page


def _put(page: Worksheet, row: int, column: int, cell: Cell, moment: object) -> None:
    if isinstance(cell, str):
        page.write_string(row, column, cell[:CELL_CHARACTERS_MAX])
    elif isinstance(cell, datetime):
        page.write_datetime(row, column, cell, moment)
    elif cell is not None:
        page.write(row, column, cell)


def write_csv(path: Path, sheet: Sheet) -> None:
    """Write one table as CSV in UTF-8, with the mark by which spreadsheets know it."""
    zone = _zone()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(harmless, sheet.headings))
        writer.writerows([_text(_here(cell, zone)) for cell in row] for row in sheet.rows)


def _text(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return harmless(cell) if isinstance(cell, str) else cell


def harmless(text: str) -> str:
    """The same text, which no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(BEGINS_A_FORMULA) else text


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIME_ZONE"])


def _here(cell: Cell, zone: ZoneInfo) -> Cell:
    """The same, but a moment as the city's clocks showed it: spreadsheets know no zones."""
    return cell.astimezone(zone).replace(tzinfo=None) if isinstance(cell, datetime) else cell
