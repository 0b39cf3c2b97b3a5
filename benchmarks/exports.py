"""How long a worker takes for a list of 100,000 cases as XLSX and as CSV, and how much memory, on both databases.

The floor reads the same columns of the same rows by a cursor of the driver and writes them with the plain library.
"""

import csv
import multiprocessing
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select
from xlsxwriter import Workbook

from benchmarks.figures import installation
from benchmarks.finding import make
from benchmarks.installations import folder
from benchmarks.telling import median, table
from incident_service import cases, exports
from incident_service.accounts import Account, Role, RoleHeld
from incident_service.cases import Case
from incident_service.cases.exporting import MEDIA_TYPES, Format
from incident_service.exports import Export, Kind
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction

ROWS, DATABASES = 100_000, ("postgresql", "sqlite")
COLUMNS = [getattr(Case, name) for name in (
    "number", "status", "category", "condition", "address", "longitude", "latitude", "area_code", "beat_code", "round",
    "late_excused_at", "opened_at", "pushed_at", "accepted_at", "due_at", "rectified_at", "closed_at")]


class Seen(NamedTuple):
    """What one making took."""

    seconds: float
    grew_mb: float


def apart(work: Callable[[], None]) -> Seen:
    """Do some work in a process of its own, as a worker would; how long, and by how much its memory grew at most."""
    pipe, other = multiprocessing.Pipe(duplex=False)
    db.session.remove()
    db.engine.dispose()
    child = multiprocessing.get_context("fork").Process(target=_do, args=(work, other))
    child.start()
    other.close()
    seen: Seen = pipe.recv()
    child.join()
    return seen


def _do(work: Callable[[], None], tell: Any) -> None:
    Path("/proc/self/clear_refs").write_text("5")               # the peak counts from here
    before, began = _memory_mb("VmRSS"), time.perf_counter()
    work()
    tell.send(Seen(time.perf_counter() - began, _memory_mb("VmHWM") - before))
    db.session.remove()


def _memory_mb(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def ours(format: Format) -> tuple[Seen, int]:
    """The list by the job, and how large the file is; it is forgotten afterwards."""
    supervisor = db.session.scalars(select(Account).where(Account.roles.any(
        (RoleHeld.role == Role.SUPERVISOR) & (RoleHeld.area_code == "3601")))).one()
    with transaction():
        asked, _ = exports.ask(Kind.CASE_LIST, {"sort": "newest", "format": format}, by=supervisor,
                               file_name=f"cases.{format}", media_type=MEDIA_TYPES[format])
        id, owner = asked.id, supervisor.id
    seen = apart(lambda: cases.write_list(id))
    done = db.session.get_one(Export, id)
    assert (done.state, done.done) == ("ready", db.session.scalar(select(func.count(Case.id)))), done.problem
    size = done.byte_count
    with transaction():
        exports.forget_of(owner)
    return seen, size


def plain(format: Format, path: Path) -> None:
    """The same cells by the plain library alone."""
    if format is Format.CSV:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_rows())
        return
    with Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss",
                              "remove_timezone": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(_rows()):
            page.write_row(number, 0, row)


def _rows() -> Iterator[Any]:
    newest_first = select(*COLUMNS).order_by(Case.opened_at.desc(), Case.id.desc())
    with db.engine.connect() as connection:
        yield from connection.execute(newest_first.execution_options(yield_per=1000))


def run(repeats: int = 3, *, rows: int = ROWS) -> None:
    """Make the cases, then each kind of file in turns with its floor; medians."""
    for kind in DATABASES:
        with installation(kind, None), folder() as place:
            make(rows)
            told = []
            for format in Format:
                made, floors, size = [], [], 0
                for _ in range(repeats):
                    seen, size = ours(format)
                    made.append(seen)
                    floors.append(apart(lambda format=format: plain(format, place / format)))   # type: ignore[misc]
                seconds, floor = (median(each.seconds for each in some) for some in (made, floors))
                told.append((format, rows, size / 1e6, seconds, rows / seconds, floor, seconds / floor,
                             max(each.grew_mb for each in made), max(each.grew_mb for each in floors)))
            table((kind, "rows", "MB", "s", "rows/s", "floor s", "ratio", "grew MB", "floor grew MB"), told)


if __name__ == "__main__":
    run()
