"""Giving a case to its responders (派遣), both at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import bindparam, func, select

from incident_service import accounts, catalogue, notifications, routing
from incident_service.accounts import Account, Role
from incident_service.areas import Place
from incident_service.cases import access, agenda, deadline, history, holding, sight, words
from incident_service.cases.models import Case, Dispatch
from incident_service.cases.thanks import occasion
from incident_service.cases.workflow import IN_HAND, WAITING, Move
from incident_service.foundation import clock, metrics
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_new
from incident_service.foundation.problems import Problem, Unavailable
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import Words, both
from incident_service.notifications import Kind, Message
from incident_service.routing import Decision, Gap, Part

log = structlog.get_logger(__name__)
OPEN = Question(
    select(Dispatch.responder_id, func.count())
    .join(Case, Case.id == Dispatch.case_id)
    .where(Dispatch.responder_id.in_(bindparam("responder_ids", expanding=True)), holding.is_in_hand(),
           Case.status.in_(IN_HAND))
    .group_by(Dispatch.responder_id))


def dispatch(case_id: UUID) -> None:
    """Find who answers for a case and push it to all of them in one go, or put it into the desk's queue.

    Safe to repeat: only a case that still waits for it is touched, and a part is given once a round.
    """
    with transaction() as unit:
        case = access.find_to_dispatch(case_id)
        if case is None or case.status not in WAITING:
            return
        is_first = case.pushed_at is None
        catalogue.ask_calendar_ahead()
        decision = _decide(case)
        if decision and decision.place.area_code:
            _place(case, decision.place)
        if decision and decision.is_routable:
            push(case, decision.parts, Move.DISPATCH, by_id=None, gaps=decision.gaps)
        else:
            _hold(case, decision.gaps if decision else ())
        history.keep(case)
        if case.pushed_at and is_first:
            seconds = (case.pushed_at - case.opened_at).total_seconds()
            unit.after_commit.append(partial(metrics.PUSH_SECONDS.observe, seconds))


def _place(case: Case, place: Place) -> None:
    """A case lies where the areas of today say, and is found there."""
    here = {"area_code": place.area_code, "beat_code": place.beat, "fire_area_code": place.fire_area}
    if here == {name: getattr(case, name) for name in here}:
        return
    before = sight.of_case(case)
    for name, code in here.items():
        setattr(case, name, code)
    if sight.of_case(case) != before:
        words.write(case)


def _decide(case: Case) -> Decision | None:
    """Who answers for the case. None when tables and areas do not say: then a person must, and the log has why."""
    try:
        return routing.choose(category=case.category, condition=case.condition, longitude=case.longitude,
                              latitude=case.latitude, workload=open_dispatches)
    except Unavailable:
        raise
    except Problem:
        log.exception("dispatch-undecided", case=case.number, category=case.category)
        return None


def push(case: Case, parts: Sequence[Part], move: Move, *, by_id: UUID | None, gaps: Sequence[Gap] = (),
         note: str = "", stays: bool = False, beside: Sequence[Message] = (), **details: Any) -> None:
    """All dispatches, all notifications (and those `beside`) and the deadline, in the open transaction.

    The clock starts at the first push, never at 签收 (DOMAIN §3). The case takes the step, or `stays` where it is.
    """
    now, before = clock.now(), holding.held(case) if case.pushed_at else []
    if case.due_at is None:
        details["deadline"] = deadline.reckon(case, case.pushed_at or now)
    case.pushed_at = case.pushed_at or now
    write = history.note if stays else history.move
    write(case, move, by_id=by_id, note=note, dispatches=[as_json(part, case.round) for part in parts],
          gaps=[_gap_as_json(gap) for gap in gaps], **details)
    given = [assign(case, part, now) for part in parts]
    messages = [_as_message(case, each) for each in given]
    if gaps:
        messages += to_desk(case, Kind.PART_MISSING, both(
            "案卷 {number} 已推送，但有一方无人在岗", "Case {number} was pushed, but one part found nobody",
            number=case.number))
    agenda.wind(case, [*before, *given])
    notifications.tell([*messages, *beside])


def give(case: Case, part: Part, now: datetime, *, climbs: bool = True) -> Message:
    """The dispatch of one part in the present round, and what its responder is told. Who is called by a ladder does
    not climb one of their own."""
    return _as_message(case, assign(case, part, now, climbs=climbs))


def assign(case: Case, part: Part, now: datetime, *, climbs: bool = True) -> Dispatch:
    """The dispatch alone."""
    given = Dispatch(id=new_id(), case_id=case.id, round=case.round, part=part.part, role=part.role, kind=part.kind,
                     area_code=part.area_code, responder_id=part.responder_id, explanation=part.explanation,
                     opened_at=case.opened_at, block=case.block, pushed_at=now, rung=0)
    given.climbs_at = agenda.next_rung_at(case, given, now) if climbs else None
    insert_new([given])
    words.note_given(case.id, part.responder_id)
    return given


def _as_message(case: Case, given: Dispatch) -> Message:
    return Message(given.responder_id, Kind.DISPATCH, str(given.id), case.number, both(
        "新案卷：{category}（{part}）", "New case: {category} ({part})",
        category=catalogue.describe(case.category).category, part=routing.part_name(given.part)))


def _hold(case: Case, gaps: Sequence[Gap]) -> None:
    """Nobody leads: the case waits at the desk, visibly, and the desk is told."""
    case.unroutable_reason = gaps[0].reason if gaps else "undecided"
    history.move(case, Move.HOLD, by_id=None, gaps=[_gap_as_json(gap) for gap in gaps])
    notifications.tell(to_desk(case, Kind.UNROUTABLE, both(
        "案卷 {number} 未找到处置人员，请人工派遣", "Case {number} found no responder; dispatch it by hand",
        number=case.number)))


def to_desk(case: Case, kind: Kind, title: Words) -> list[Message]:
    """What every desk of the case is told, once on its present occasion; where there is none, the supervisors are, else
    the administrators. When there is nobody at all the log and the figure of waiting cases are left."""
    for role in (Role.DESK, Role.SUPERVISOR, Role.ADMIN):
        if people := accounts.staff_of(case.area_code or current_app.config["CITY_CODE"], role):
            return [Message(person.id, kind, occasion(case), case.number, title) for person in people]
    log.error("desk-unheard", case=case.number, area=case.area_code, kind=kind)
    return []


def open_dispatches(responder_ids: Iterable[UUID]) -> Mapping[UUID, int]:
    """How many dispatches each responder has not rectified yet."""
    return dict(OPEN.ask(responder_ids=list(responder_ids)))


def note_seen(dispatch_id: UUID, *, seen_at: datetime) -> None:
    """Note when a responder first saw what was pushed to them. Safe to repeat: the first time counts."""
    with transaction():
        given = db.session.get(Dispatch, dispatch_id)
        if given is None:
            return
        case = db.session.execute(for_update(select(Case).where(Case.id == given.case_id))).scalar_one()
        db.session.refresh(given)
        if given.seen_at is None:
            given.seen_at = max(seen_at, given.pushed_at)
            history.note(case, Move.SEE, by_id=given.responder_id, part=given.part)


def see(number: str, *, by: Account) -> None:
    """Note that a responder has opened a case that was pushed to them. Safe to repeat. Raises CaseUnknown."""
    case = access.find(number, by=by)
    unseen = select(Dispatch.id).where(Dispatch.case_id == case.id, Dispatch.responder_id == by.id,
                                       Dispatch.seen_at.is_(None))
    for dispatch_id in db.session.scalars(unseen).all():
        note_seen(dispatch_id, seen_at=clock.now())


def as_json(part: Part, round: int) -> dict[str, object]:
    """A dispatch as the history keeps it."""
    return {"part": part.part, "round": round, "role": str(part.role), "kind": part.kind, "area": part.area_code,
            "responder_id": str(part.responder_id), "because": part.explanation}


def _gap_as_json(gap: Gap) -> dict[str, object]:
    return {"part": gap.part, "role": str(gap.role), "kind": gap.kind, "area": gap.area_code, "reason": gap.reason}
