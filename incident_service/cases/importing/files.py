"""Opening a file of past cases: CSV with a header, or Open311 JSON; numbered records, and how many there are."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

CSV_FIELD_CHARACTERS_MAX = 1_000_000


class NotReadable(Exception):
    """A file is neither CSV with a header nor a JSON list of service requests."""


class File(NamedTuple):
    """What a file holds. A record of CSV is called by its line (the header is 1), one of JSON by its place."""

    format: str
    columns: tuple[str, ...]
    length: int
    records: Iterable[tuple[int, Mapping[str, Any]]]


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
        columns = next(csv.reader(text), [])
        count = sum(1 for _ in text)
    if len(columns) < 2:
        raise NotReadable("no header")
    return File("csv", tuple(columns), count, _lines(path, encoding))


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding=encoding, newline="") as text:
        reader = csv.DictReader(text)
        for record in reader:
            yield reader.line_num, record
