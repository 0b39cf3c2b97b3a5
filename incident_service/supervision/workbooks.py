"""A workbook of figures and their cases: a small one at once, a larger one by a worker, fetched from `exports`."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from incident_service import accounts, exports
from incident_service.accounts import Account
from incident_service.cases import Case
from incident_service.exports import Export, Progress
from incident_service.foundation import sheets
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.transaction import transaction
from incident_service.supervision import exporting
from incident_service.supervision.asking import GroupedInput, filters_of, period_of
from incident_service.supervision.behind import newest_first
from incident_service.supervision.reading import uuid_of
from incident_service.supervision.response_times import ResponseTimes, facts_about, figures_of
from incident_service.supervision.scope import scope_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CASES_MAX = 1_048_575                               # rows of a sheet, under its headings
AT_ONCE = 500


def workbook(asked: dict[str, str], *, by: Account) -> bytes | Export:
    """The figures, what they mean and their cases, the newest first; of many cases the export that a worker makes.
    `asked` is a question as it may be sent. Raises Invalid, TooManyExports."""
    found, ids = _found(asked, by)
    if len(ids) <= current_app.config["EXPORT_ROWS_AT_ONCE_MAX"]:
        return sheets.content(lambda path: exporting.write_workbook(path, found, _cases(ids)))
    with transaction():
        export, is_new = exports.ask(exports.Kind.FIGURES, dict(asked), by=by, file_name="figures.xlsx",
                                         media_type=XLSX)
        if is_new:
            enqueue("workers.exports.write_figures", export_id=str(export.id))
        return export


def write_figures(export_id: UUID) -> None:
    """Make a larger workbook, of what whoever asked looks over by now. Safe to repeat."""
    exports.fill(export_id, _fill)


def _fill(export: Export, path: Path, progress: Progress) -> int:
    found, ids = _found(dict(export.asked), accounts.find(export.account_id))
    exporting.write_workbook(path, found, _cases(ids, progress))
    return len(ids)


def _found(asked: dict[str, Any], by: Account) -> tuple[ResponseTimes, list[bytes]]:
    """The figures, and which cases they are made of: each once, as many as a sheet holds."""
    wanted = GroupedInput().load(asked)
    scope, period, filters = scope_of(by), period_of(wanted), filters_of(wanted)
    with snapshot():
        found = figures_of(scope, period, group_by=wanted["group_by"], filters=filters)
        facts = facts_about(scope, period, filters)
    facts = facts.of(facts.counted())
    return found, list(islice(dict.fromkeys(facts.ids[newest_first(facts)].tolist()), CASES_MAX))


def _cases(ids: list[bytes], progress: Progress | None = None) -> Iterator[Case]:
    for first in range(0, len(ids), AT_ONCE):
        some = [uuid_of(id) for id in ids[first:first + AT_ONCE]]
        known = {case.id: case for case in db.session.scalars(select(Case).where(Case.id.in_(some)))}
        yield from (known[id] for id in some if id in known)
        if progress:
            progress(first + len(some), len(ids))
