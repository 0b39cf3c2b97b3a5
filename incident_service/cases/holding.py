"""Who holds a case at this moment: the dispatches that have not ended."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, select, update

from incident_service.accounts import Account
from incident_service.cases.models import Case, Dispatch, Ending, follow
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.ready import Change


def is_held() -> ColumnElement[bool]:
    """The condition on dispatches whose responder still has the case."""
    return Dispatch.ended_at.is_(None)


def is_in_hand() -> ColumnElement[bool]:
    """The condition on dispatches whose responder still has the case, while it goes on."""
    return and_(is_held(), Dispatch.case_ended_at.is_(None))


# built once: every move asks it
HELD = (select(Dispatch).where(Dispatch.case_id == bindparam("case_id"), is_held())
        .order_by(Dispatch.part.desc(), Dispatch.round, Dispatch.id).execution_options(populate_existing=True))

NOTE_END = Change(update(Dispatch).where(Dispatch.case_id == bindparam("case_id"))
                  .values(case_ended_at=bindparam("at")))

NOTE_PLACE = Change(update(Dispatch).where(Dispatch.case_id == bindparam("case_id"))
                    .values(block=bindparam("on")))


def held(case: Case, by: Account | None = None) -> list[Dispatch]:
    """The dispatches of a case that have not ended, of everybody or of one responder, the lead first, read afresh."""
    given = db.session.scalars(HELD, {"case_id": case.id}).all()
    return [each for each in given if by is None or each.responder_id == by.id]


def answering(given: Iterable[Dispatch]) -> list[Dispatch]:
    """Of each part the one who answers for it: who accepted it, else who was given it first. For dispatches in the
    order of `held`."""
    parts: dict[str, Dispatch] = {}
    for each in given:
        if each.part not in parts or (each.accepted_at and not parts[each.part].accepted_at):
            parts[each.part] = each
    return list(parts.values())


def end(given: Dispatch, because: Ending) -> None:
    """Note that a responder does not hold the case any more."""
    given.ended_at, given.ended_because, given.climbs_at = clock.now(), because, None


def note_end(case: Case, at: datetime | None) -> None:
    """Note on all dispatches of a case that it is over, or goes on again. Must be called with its change of status."""
    NOTE_END.make_along(case_id=case.id, at=at)


def note_place(case: Case) -> None:
    """Note on all dispatches of a case on which square it lies. Must be called with its change of place."""
    follow(case)
    NOTE_PLACE.make_along(case_id=case.id, on=case.block)


def take_over(case: Case, mine: Collection[Dispatch]) -> None:
    """Who accepts a part has it: whoever else was called for it, before or after, is freed of it."""
    parts, own = {each.part for each in mine}, {each.id for each in mine}
    for each in held(case):
        if each.part in parts and each.id not in own and each.accepted_at is None:
            end(each, Ending.TAKEN_OVER)
