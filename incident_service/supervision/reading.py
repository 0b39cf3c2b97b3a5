"""Cases as columns of numbers, read straight from their tables in one pass."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Uuid,
    cast,
    exists,
    func,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from incident_service.cases import Case, Dispatch
from incident_service.foundation.database import db
from incident_service.supervision.figures import Clocks

ROWS_AT_ONCE = 10_000
NOT_YET = int(np.iinfo(np.int64).min)               # what numpy reads as NaT


class Microseconds(FunctionElement[int]):
    """A moment as whole microseconds since 1970, so that no row needs a Python datetime."""

    name = "microseconds"
    type = BigInteger()
    inherit_cache = True


@compiles(Microseconds, "postgresql")
def _on_postgresql(element: Microseconds, compiler: Any, **options: Any) -> str:
    return f"CAST(extract(epoch FROM {compiler.process(element.clauses, **options)}) * 1000000 AS BIGINT)"


@compiles(Microseconds, "sqlite")
def _on_sqlite(element: Microseconds, compiler: Any, **options: Any) -> str:
    """Kept as text, `2026-11-20 03:04:05.678901`. SQLite itself would round that to milliseconds."""
    moment = compiler.process(element.clauses, **options)
    return f"(strftime('%s', substr({moment}, 1, 19)) * 1000000 + substr({moment}, 21, 6))"


class Readings(NamedTuple):
    """The clocks of many cases, and by what each is sorted: row `i` has the key `keys[places[i]]`."""

    keys: list[Any]
    places: NDArray[np.intp]
    clocks: Clocks


def of_cases(which: ColumnElement[bool], key: ColumnElement[Any]) -> Readings:
    """One row a case. Cases of imported history that say nothing of a rectification were done when they closed."""
    return _read(_cases(which, key))


def of_responders(which: ColumnElement[bool]) -> Readings:
    """One row a responder and case, with the responder's own clocks; the key is None where nobody was given the case.

    Who was given a case again has had it since the first time: rework does not restart a clock.
    """
    pushed, accepted, rectified = (
        func.min(each) for each in (Dispatch.pushed_at, Dispatch.accepted_at, Dispatch.rectified_at))
    given = select(Dispatch.responder_id, *_clocks(pushed, accepted, rectified, done=rectified)).join(
        Case, Case.id == Dispatch.case_id).where(which).group_by(Dispatch.responder_id, Case.id)
    nobodys = ~exists().where(Dispatch.case_id == Case.id)
    return _read(union_all(given, _cases(which & nobodys, cast(null(), Uuid))))


def _cases(which: ColumnElement[bool], key: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    done = func.coalesce(Case.rectified_at, Case.closed_at)
    return select(key, *_clocks(Case.pushed_at, Case.accepted_at, Case.rectified_at, done=done)).where(which)


def _clocks(pushed: Any, accepted: Any, rectified: Any, *, done: Any) -> list[ColumnElement[int]]:
    """The columns of `Clocks`, in its order."""
    moments = (Case.opened_at, pushed, accepted, rectified, Case.closed_at, Case.due_at, done)
    return [func.coalesce(Microseconds(each), NOT_YET) for each in moments]


def _read(statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]) -> Readings:
    keys: dict[Any, int] = {}
    places = [np.empty(0, dtype=np.intp)]
    numbers = [np.empty((len(Clocks._fields), 0), dtype=np.int64)]
    for rows in db.session.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}).partitions():
        key, *columns = zip(*rows, strict=True)
        places.append(np.array([keys.setdefault(each, len(keys)) for each in key], dtype=np.intp))
        numbers.append(np.array(columns, dtype=np.int64))
    clocks = Clocks(*np.concatenate(numbers, axis=1).view("datetime64[us]"))
    return Readings(list(keys), np.concatenate(places), clocks)
