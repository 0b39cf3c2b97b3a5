"""Opening a file of past cases: CSV with a header, or Open311 JSON; numbered records, and how many there are."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from incident_service.foundation.words import Words, both

CSV_FIELD_CHARACTERS_MAX = 1_000_000
COMMA = csv.excel.delimiter


class Torn(NamedTuple):
    """Lines that are no record, and why."""

    says: Words


Record = Mapping[str, Any] | Torn


class NotReadable(Exception):
    """A file is neither CSV with a header nor a JSON list of service requests."""


class File(NamedTuple):
    """What a file holds. A record of CSV is called by its first line (the header is 1), one of JSON by its place."""

    format: str
    columns: tuple[str, ...]
    length: int
    records: Iterable[tuple[int, Record]]


def open_file(path: Path, *, encoding: str = "utf-8-sig") -> File:
    """The records of a file. Raises NotReadable."""
    try:
        with path.open(encoding=encoding) as text:
            first = text.read(64).lstrip()
        return _json(path, encoding) if first[:1] in ("[", "{") else _csv(path, encoding)
    except (UnicodeError, ValueError, RecursionError, csv.Error) as error:
        raise NotReadable(str(error)) from error


def _json(path: Path, encoding: str) -> File:
    """A list of service requests, or one wrapped under a name, as some servers do."""
    found = json.loads(path.read_text(encoding=encoding))
    if isinstance(found, dict):
        found = next((each for each in found.values() if isinstance(each, list)), None)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise NotReadable("no list of service requests")
    return File("open311", tuple(found[0]) if found else (), len(found), list(enumerate(found, 1)))


def _csv(path: Path, encoding: str) -> File:
    csv.field_size_limit(CSV_FIELD_CHARACTERS_MAX)
    with path.open(encoding=encoding, newline="") as text:
        columns = next(csv.reader(text, strict=True), [])
        count = sum(1 for _ in text)
    if len(columns) < 2:
        raise NotReadable("no header")
    return File("csv", tuple(columns), count, _lines(path, encoding))


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, Record]]:
    """Each record by its first line. Where a quote is missing or left over, a cell would take in the rows after it, as
    far as the next quote: that is told, and reading goes on behind it."""
    with path.open(encoding=encoding, newline="") as text:
        reader = csv.reader(text, strict=True)
        columns = next(reader)
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield first, Torn(both("至第 {last} 行无法读取，引号可能不成对：{error}",
                                       "up to line {last} it cannot be read, a quote may be missing: {error}",
                                       last=reader.line_num, error=error))
                continue
            if cells:
                yield first, _record(columns, cells, last=reader.line_num)


def _record(columns: list[str], cells: list[str], *, last: int) -> Record:
    if any(line.count(COMMA) >= len(columns) - 1 for cell in cells for line in cell.split("\n")[1:]):
        return Torn(both("至第 {last} 行有一格含有整行数据，引号可能不成对",
                         "up to line {last} a cell holds whole rows, a quote may be missing", last=last))
    if len(cells) != len(columns):
        return Torn(both("有 {count} 格，表头有 {columns} 格", "it has {count} cells, the header has {columns}",
                         count=len(cells), columns=len(columns)))
    return dict(zip(columns, cells, strict=True))
