"""What the platform does by itself when nobody acts: it climbs ladders of silent dispatches, and tells of deadlines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from incident_service import catalogue, notifications
from incident_service.accounts import Role
from incident_service.cases import agenda, history, holding, suspending
from incident_service.cases.dispatch import as_json, give
from incident_service.cases.models import Case, Dispatch
from incident_service.cases.reminding import nearest, remind
from incident_service.cases.standing_in import stand_in
from incident_service.cases.workflow import WATCHED, Move, Status
from incident_service.catalogue import To
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message


def look_at(case_id: UUID) -> None:
    """Do what has become due in a case, and name the moment of the next look.

    Safe to repeat: each rung is climbed once, and each deadline's coming near and passing is told once.
    """
    with transaction():
        case = db.session.scalar(for_update(select(Case).where(Case.id == case_id)))
        if case is None:
            return
        now, given = clock.now(), holding.held(case)
        messages: list[Message] = []
        if case.status is Status.SUSPENDED and case.suspended_until and case.suspended_until <= now:
            suspending.go_on(case)
        if case.status in WATCHED:
            messages += _climb_all(case, given, now)
            messages += remind(case, given, now)
        agenda.wind(case, holding.held(case))
        notifications.tell(messages)


def _climb_all(case: Case, given: Sequence[Dispatch], now: datetime) -> list[Message]:
    """One rung of each ladder that is due: after a time without a scheduler, the rungs still come one by one."""
    due = [each for each in agenda.climbing(given) if each.climbs_at and each.climbs_at <= now]
    return [message for each in due for message in _climb(case, each, now)]


def _climb(case: Case, silent: Dispatch, now: datetime) -> list[Message]:
    """The next rung at which somebody is there; at the end of the ladder nobody is, and the desk must see to it."""
    rungs = catalogue.ladder(case.category, silent.part).rungs
    besides = {each.responder_id for each in holding.held(case)}
    empty: list[str] = []
    while silent.rung < len(rungs):
        to = rungs[silent.rung].to
        silent.rung += 1
        if to is To.AGAIN:
            silent.climbs_at = agenda.next_rung_at(case, silent, now)
            _note(case, silent, to, empty)
            return [Message(silent.responder_id, Kind.PUSHED_AGAIN, f"{silent.id}/{silent.rung}", case.number, both(
                "再次推送：案卷 {number} 待签收", "Pushed again: case {number} waits to be accepted",
                number=case.number))]
        if called := stand_in(case, silent, to, besides=besides):
            silent.climbs_at = agenda.next_rung_at(case, silent, now)
            case.round += 1
            _note(case, silent, to, empty, dispatches=[as_json(called, case.round)])
            message = give(case, called, now, climbs=False)
            db.session.flush()
            return [message]
        empty.append(str(to))
    silent.climbs_at = None
    _note(case, silent, None, empty)
    title = both("案卷 {number} 无人签收，请人工处理", "Nobody accepts case {number}; see to it", number=case.number)
    return [Message(person_id, Kind.NOBODY_ACCEPTS, str(silent.id), case.number, title)
            for person_id in nearest(case, Role.DESK)]


def _note(case: Case, silent: Dispatch, to: To | None, empty: Sequence[str], **details: Any) -> None:
    """The rung that was climbed, and those before it at which nobody was."""
    history.note(case, Move.ESCALATE, by_id=None, part=silent.part, because="not_accepted", rung=silent.rung,
                 to=to and str(to), nobody_at=list(empty), **details)
