"""Putting past cases into the tables, a batch a transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert, select, update

from incident_service import areas, catalogue
from incident_service.cases import chain, sight, words
from incident_service.cases.importing.presets import Preset
from incident_service.cases.importing.rows import PastCase, Remark
from incident_service.cases.intake import case_number
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.workflow import Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import alone, transaction

ROWS_AT_ONCE = 2_000
IMPORTED = "imported"                               # why an open one waits at the desk


class Outcome(NamedTuple):
    """How many rows became cases, closed cases of an earlier import, were known already; how many lie in no area."""

    added: int = 0
    closed: int = 0
    known: int = 0
    in_no_area: int = 0

    def and_then(self, other: "Outcome") -> "Outcome":
        """Both together."""
        return Outcome(*map(sum, zip(self, other, strict=True)))


class Known(NamedTuple):
    """A past case that an earlier import stored."""

    id: UUID
    is_waiting: bool                                # open, and touched by nobody since
    head: str | None                                # the hash of its history's last line; None: older than the chain


def take_over(rows: Iterable[PastCase | Remark], preset: Preset, *, tell: Callable[[Remark], object],
              advance: Callable[[int], object]) -> Outcome:
    """Store past cases and tell every remark. Safe to repeat: a case is known by its origin and its id there; one that
    was open at the first import, waits still and is closed in the file now is closed."""
    outcome = Outcome()
    for batch in _batches(rows):
        outcome = outcome.and_then(_store([each for each in batch if isinstance(each, PastCase)], preset))
        for remark in (each for each in batch if isinstance(each, Remark)):
            tell(remark)                            # afterwards: what is told to be taken is stored
        advance(max(each.row for each in batch))
    return outcome


def _batches(rows: Iterable[PastCase | Remark]) -> Iterator[list[PastCase | Remark]]:
    left = iter(rows)
    while batch := list(islice(left, ROWS_AT_ONCE)):
        yield batch


def _store(rows: Sequence[PastCase], preset: Preset) -> Outcome:
    held = areas.holding((row.longitude, row.latitude) for row in rows)
    places = {row.external_id: each for row, each in zip(rows, held, strict=True)}
    with transaction():
        alone("cases-import")
        known = _known(rows, preset)
        new = [row for row in rows if row.external_id not in known]
        ended = [row for row in rows if row.closed_at and (old := known.get(row.external_id)) and old.is_waiting]
        cases = [_case(row, preset, places[row.external_id]) for row in new]
        if cases:
            lines = list(_begun(new, cases))
            heads = ({"head": line["hash"]} for line in lines)
            db.session.execute(insert(Case), [case | head for case, head in zip(cases, heads, strict=True)])
            db.session.execute(insert(CaseEvent), lines)
            words.write_new((case["id"], row.opened_at, (case["number"], row.address, row.description, row.kind),
                             sight.of_place(case["area_code"], case["beat_code"]))
                            for row, case in zip(new, cases, strict=True))
        for row in ended:
            _end(known[row.external_id], row)
    return Outcome(len(new), len(ended), len(rows) - len(new) - len(ended),
                   sum(case["area_code"] is None for case in cases))


def _known(rows: Sequence[PastCase], preset: Preset) -> dict[str, Known]:
    found = db.session.execute(
        select(Case.external_id, Case.id, Case.status, Case.version, Case.head)
        .where(Case.origin == preset.code, Case.external_id.in_([row.external_id for row in rows])))
    return {str(external_id): Known(id, status is Status.UNROUTABLE and version == 1, head)
            for external_id, id, status, version, head in found}


def _case(row: PastCase, preset: Preset, place: areas.Held) -> dict[str, Any]:
    """The row of the table. One still open waits at the desk, for a person to dispatch or void; it has no push."""
    category = catalogue.category(preset.categories.get(row.kind, preset.otherwise))
    return {
        "id": new_id(), "number": case_number(row.opened_at), "status": _status(row), "category": category.code,
        "condition": category.default_condition.code, "longitude": row.longitude, "latitude": row.latitude,
        "address": row.address, "area_code": place.area, "beat_code": place.beat, "round": 1, "version": 1,
        "unroutable_reason": None if row.closed_at else IMPORTED, "opened_at": row.opened_at,
        "closed_at": row.closed_at, "due_at": row.due_at, "origin": preset.code, "external_id": row.external_id,
        "original_kind": row.kind}


def _status(row: PastCase) -> Status:
    return Status.CLOSED if row.closed_at else Status.UNROUTABLE


def _begun(rows: Sequence[PastCase], cases: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The one line of history of each."""
    for row, case in zip(rows, cases, strict=True):
        said = {"row": row.row, "description": row.description}
        details = {name: value for name, value in said.items() if value}
        yield chain.linked(_event(case["id"], 1, None, case["status"], details), None)


def _end(known: Known, row: PastCase) -> None:
    """Close what the file says is closed by now."""
    line = _event(known.id, 2, Status.UNROUTABLE, Status.CLOSED, {"row": row.row})
    if known.head:
        line = chain.linked(line, known.head)
    db.session.execute(update(Case).where(Case.id == known.id).values(
        status=Status.CLOSED, closed_at=row.closed_at, unroutable_reason=None, version=2, head=line.get("hash"))
        .execution_options(synchronize_session=False))
    db.session.execute(insert(CaseEvent), [line])


def _event(case_id: UUID, sequence: int, before: Status | None, after: Status,
           details: dict[str, Any]) -> dict[str, Any]:
    return {"id": new_id(), "case_id": case_id, "sequence": sequence, "at": clock.now(), "move": Move.IMPORT,
            "by_id": None, "status_before": before, "status_after": after, "note": "", "details": details}
