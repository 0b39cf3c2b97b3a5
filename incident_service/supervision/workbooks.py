"""A workbook of figures and their cases: a small one at once, a larger one by a worker, fetched from `exports`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from flask import current_app
from sqlalchemy import select

from incident_service import exports
from incident_service.accounts import Account
from incident_service.cases import Case
from incident_service.exports import Export, Progress
from incident_service.foundation import sheets
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.sheets import Cell
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.transaction import transaction
from incident_service.supervision import exporting
from incident_service.supervision.asking import GroupedInput, filters_of, period_of
from incident_service.supervision.behind import newest_first
from incident_service.supervision.exporting import Excused
from incident_service.supervision.facts import Facts
from incident_service.supervision.filters import Filters
from incident_service.supervision.reading import uuid_of
from incident_service.supervision.response_times import ResponseTimes, facts_about, figures_of
from incident_service.supervision.scope import scope_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 500


class Figured(NamedTuple):
    """Figures and the cases they are made of, each once, the newest first: all of it as it was at one moment."""

    found: ResponseTimes
    filters: Filters
    areas: list[str]
    cases: Facts
    excused: dict[bytes, Excused]


def workbook(asked: dict[str, str], *, by: Account) -> bytes | Export:
    """The figures, what they mean and their cases, the newest first; of many cases the export that a worker makes.
    `asked` is a question as it may be sent. Raises Invalid, TooManyExports."""
    some = _figured(asked, by)
    if some.cases.count <= current_app.config["EXPORT_ROWS_AT_ONCE_MAX"]:
        return sheets.content(lambda path: _write(path, some))
    with transaction():
        export, is_new = exports.ask(exports.Kind.FIGURES, dict(asked), by=by, file_name="figures.xlsx",
                                         media_type=XLSX)
        if is_new:
            enqueue("workers.exports.write_figures", export_id=str(export.id))
        return export


def write_figures(export_id: UUID) -> None:
    """Make a larger workbook, of what whoever asked looks over by now. Safe to repeat."""
    exports.fill(export_id, _fill)


def _fill(export: Export, by: Account, path: Path, progress: Progress) -> int:
    some = _figured(dict(export.asked), by)
    _write(path, some, progress)
    return some.cases.count


def _write(path: Path, some: Figured, progress: Progress | None = None) -> None:
    exporting.write_workbook(path, some.found, exporting.definition_rows(some.found, some.filters, some.areas),
                             _rows(some, progress))


def _figured(asked: dict[str, Any], by: Account) -> Figured:
    wanted = GroupedInput().load(asked)
    scope, period, filters = scope_of(by), period_of(wanted), filters_of(wanted)
    with snapshot():
        found = figures_of(scope, period, group_by=wanted["group_by"], filters=filters)
        facts = facts_about(scope, period, filters)
        facts = facts.of(facts.counted())
        if filters.is_of_responders:                # the cases of which those were shares
            ids = facts.ids
            facts = facts_about(scope, period, replace(filters, responder=None, role=None))
            facts = facts.of(np.isin(facts.ids, ids))
        excused = db.session.execute(select(Case.id, Case.due_at, Case.late_excused_at).where(
            Case.late_excused_at.is_not(None), Case.opened_at >= period.since, Case.opened_at < period.until,
            scope.condition(), *filters.condition_on_cases())).all()
    return Figured(found, filters, scope.areas or [], facts.of(newest_first(facts)),
                   {id.bytes.rstrip(b"\0"): Excused(due_at, at) for id, due_at, at in excused})


def _rows(some: Figured, progress: Progress | None = None) -> Iterator[list[Cell]]:
    """A row a case; only its number, which never changes, is read now."""
    for first in range(0, some.cases.count, AT_ONCE):
        cases = some.cases.of(slice(first, first + AT_ONCE))
        ids = [uuid_of(id) for id in cases.ids.tolist()]
        numbers: dict[UUID, str] = dict(db.session.execute(
            select(Case.id, Case.number).where(Case.id.in_(ids))).all())
        yield from exporting.case_rows(cases, [numbers.get(id) for id in ids], some.excused)
        if progress:
            progress(first + cases.count, some.cases.count)
