"""Tables that people keep in Excel or CSV, read row by row as text, whatever program wrote them."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from incident_service.foundation.words import Words, both

ENCODINGS = ("utf-8-sig", "gb18030")                    # Excel in China writes CSV in the second
ROWS_MAX = 100_000


class Row(NamedTuple):
    """A row as its reader counts it (the header is row 1), its cells by field; an empty cell is empty text."""

    number: int
    cells: Mapping[str, str]


class Complaint(NamedTuple):
    """What is wrong in a row, and in which field, if in one."""

    row: int
    field: str
    says: Words

    def in_words(self, columns: Mapping[str, Sequence[str]]) -> Words:
        """The complaint as a line; a field is called by its first name."""
        return both("第 {row} 行{field}：{says}", "row {row}{field}: {says}", row=self.row, says=self.says,
                    field=both(" {name}", ", {field}", name=columns[self.field][0], field=self.field)
                    if self.field else both("", ""))


class Unreadable(Exception):
    """The file as a whole cannot be used; `says` why."""

    def __init__(self, says: Words) -> None:
        super().__init__(str(says))
        self.says = says


def read_sheet(path: Path, columns: Mapping[str, Sequence[str]], *, needed: Collection[str]) -> list[Row]:
    """The rows of a CSV file (UTF-8 or GB 18030) or of the first sheet of a workbook, empty ones left out.

    `columns` names for each field the headings it may have, besides its own. Raises Unreadable for a heading that is
    unknown (a misspelt one would silently do nothing), doubled or missing.
    """
    rows = _workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path)
    heading = next(rows, None)
    if heading is None:
        raise Unreadable(both("文件为空", "The file is empty"))
    fields = _fields(heading, columns, needed)
    found = [Row(number, {field: cells[at] if at < len(cells) else "" for field, at in fields.items()})
             for number, cells in enumerate(rows, 2) if any(cells)]
    if len(found) > ROWS_MAX:
        raise Unreadable(both("超过 {n} 行", "More than {n} rows", n=ROWS_MAX))
    return found


def _fields(heading: Sequence[str], columns: Mapping[str, Sequence[str]], needed: Collection[str]) -> dict[str, int]:
    by_name = {name.casefold(): field for field, names in columns.items() for name in (field, *names)}
    fields: dict[str, int] = {}
    for at, name in enumerate(heading):
        if not name:
            continue
        field = by_name.get(name.casefold())
        if field is None or field in fields:
            raise Unreadable(both("表头「{name}」无法识别或重复", "The heading “{name}” is unknown or doubled",
                                  name=name))
        fields[field] = at
    if missing := [field for field in needed if field not in fields]:
        raise Unreadable(both("缺少表头「{name}」", "The heading “{field}” is missing",
                              name=columns[missing[0]][0], field=missing[0]))
    return fields


def _csv(path: Path) -> Iterator[list[str]]:
    raw = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable(both("编码既不是 UTF-8 也不是 GB 18030", "It is neither UTF-8 nor GB 18030"))
    try:
        yield from ([cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Unreadable(both("CSV 无法读取", "The CSV cannot be read")) from error


def _workbook(path: Path) -> Iterator[list[str]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            yield from ([_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True))
        finally:
            book.close()
    except (InvalidFileException, BadZipFile, KeyError, ValueError, IndexError) as error:
        raise Unreadable(both("工作簿无法读取", "The workbook cannot be read")) from error


def _text(cell: Any) -> str:
    """A cell as a person would type it: Excel keeps telephone numbers as numbers, and times as times."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, time):
        return cell.isoformat(timespec="minutes")
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
