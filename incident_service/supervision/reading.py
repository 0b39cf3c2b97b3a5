"""Cases as columns of numbers, read straight from their tables in one pass."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Float,
    Select,
    String,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from incident_service.cases import Case, Dispatch
from incident_service.foundation.database import db
from incident_service.supervision.facts import FIRE_AREA, ID, LABELS, NOWHERE, OF_RESPONDERS, Facts, Labels
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


DONE = func.coalesce(Case.rectified_at, Case.closed_at)
IS_EXCUSED = Case.late_excused_at.is_not(None)
COLUMNS = {"area": Case.area_code, "beat": Case.beat_code, "category": Case.category, "condition": Case.condition,
           "kind": Case.original_kind, "status": type_coerce(Case.status, String), FIRE_AREA: Case.fire_area_code}


def uuid_of(id: bytes) -> UUID:
    """A case's id, whose last NULs numpy has cut off."""
    return UUID(bytes=id.ljust(ID.itemsize, b"\0"))


def of_cases(*which: ColumnElement[bool], labels: Sequence[str] = LABELS) -> Facts:
    """One row a case. Cases of imported history that say nothing of a rectification were done when they closed."""
    return _read(_cases(and_(*which), labels), labels)


def of_responders(which: ColumnElement[bool], *, labels: Sequence[str] = LABELS) -> Facts:
    """One row a responder and case, with the responder's own clocks; the responder is None where nobody was given it.

    Who was given a case again has had it since the first time: rework does not restart a clock.
    """
    pushed, accepted, rectified = (
        func.min(each) for each in (Dispatch.pushed_at, Dispatch.accepted_at, Dispatch.rectified_at))
    given = select(Case.id, *(COLUMNS[name] for name in labels), Dispatch.responder_id, func.min(Dispatch.role),
                   *_clocks(pushed, accepted, rectified, done=rectified, due=_due_of_share(rectified))).join(
        Case, Case.id == Dispatch.case_id).where(which).group_by(Dispatch.responder_id, Case.id)
    nobodys = ~exists().where(Dispatch.case_id == Case.id)
    return _read(union_all(given, _cases(which & nobodys, labels, cast(null(), Uuid), cast(null(), String))),
                 (*labels, *OF_RESPONDERS))


def _cases(which: ColumnElement[bool], labels: Sequence[str], *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    return select(Case.id, *(COLUMNS[name] for name in labels), *more, *_clocks(
        Case.pushed_at, Case.accepted_at, Case.rectified_at, done=DONE, due=_due(DONE))).where(which)


def _clocks(pushed: Any, accepted: Any, rectified: Any, *, done: Any, due: Any) -> list[ColumnElement[Any]]:
    """The columns of `Clocks`, in its order, and of the place."""
    moments = (Case.opened_at, pushed, accepted, rectified, Case.closed_at, due, done)
    return [*(func.coalesce(Microseconds(each), NOT_YET) for each in moments),
            type_coerce(Case.longitude, Float), type_coerce(Case.latitude, Float)]


def _due(done: Any) -> ColumnElement[Any]:
    """The deadline; where an appeal against a late mark was granted, what was done too late was done in time, and what
    was not done is not late."""
    return case((IS_EXCUSED & ((done > Case.due_at) | done.is_(None)), done), else_=Case.due_at)


def _due_of_share(done: Any) -> ColumnElement[Any]:
    """The deadline of a responder's share, None for one that is neither in time nor late. Late is who had the case when
    its deadline passed and nobody had done it: not who had given it back or lost it before, nor who was given it only
    afterwards. In time is who did it in time, or was excused."""
    had_it = (Dispatch.pushed_at <= Case.due_at) & (Dispatch.ended_at.is_(None) | (Dispatch.ended_at > Case.due_at))
    is_late = (func.max(case((had_it, 1), else_=0)) == 1) & (DONE.is_(None) | (Case.due_at < DONE))
    is_in_time = (done <= Case.due_at) | (done.is_not(None) & IS_EXCUSED)
    return case((is_in_time | is_late, _due(done)))


def _read(statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]], labels: Sequence[str]) -> Facts:
    known: dict[str, dict[Any, int]] = {name: {} for name in labels}
    codes: dict[str, list[Any]] = {name: [np.empty(0, dtype=np.intp)] for name in labels}
    ids = [np.empty(0, dtype=ID)]
    numbers, places = [np.empty((len(Clocks._fields), 0), dtype=np.int64)], [NOWHERE]
    for rows in db.session.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}).partitions():
        id, *columns = zip(*rows, strict=True)
        ids.append(np.array([each.bytes for each in id], dtype=ID))
        for name, column in zip(labels, columns, strict=False):
            codes_of = known[name]
            codes[name].append(np.array([codes_of.setdefault(each, len(codes_of)) for each in column], dtype=np.intp))
        *moments, longitude, latitude = columns[len(labels):]
        numbers.append(np.array(moments, dtype=np.int64))
        places.append(np.array([longitude, latitude]).T)
    clocks = Clocks(*np.concatenate(numbers, axis=1).view("datetime64[us]"))
    return Facts({name: Labels([None if each is None else str(each) for each in known[name]],
                               np.concatenate(codes[name])) for name in labels}, clocks, np.concatenate(ids),
                 np.concatenate(places))
