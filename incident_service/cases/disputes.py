"""A case that comes back a second time: what speaks for where it went, and the person who decides (裁定)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select

from incident_service import accounts, areas, routing
from incident_service.accounts import Account, Role
from incident_service.cases import history
from incident_service.cases.models import Case, Dispatch, Dispute, Ending
from incident_service.cases.reminding import nearest
from incident_service.cases.workflow import Move
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.words import Words, both
from incident_service.notifications import Kind, Message

RETURNS_MAX = 2                                     # then a person decides, once and for all
# when a case was last amended or reopened: what was decided before speaks of another question
ROUTED_ANEW_AT = func.coalesce(
    select(func.max(Dispatch.ended_at)).where(
        Dispatch.case_id == bindparam("case_id"),
        Dispatch.ended_because.in_([Ending.AMENDED, Ending.REOPENED])).scalar_subquery(),
    bindparam("opened_at", type_=Dispatch.ended_at.type))
RETURNS = select(func.count(Dispatch.ended_at.distinct())).where(
    Dispatch.case_id == bindparam("case_id"), Dispatch.ended_because == Ending.RETURNED,
    Dispatch.ended_at > ROUTED_ANEW_AT)
LATEST = (select(Dispute).where(Dispute.case_id == bindparam("case_id"), Dispute.put_at > ROUTED_ANEW_AT)
          .order_by(Dispute.round.desc()).execution_options(populate_existing=True))


def returns_of(case: Case) -> int:
    """How often a case came back, since it was last routed anew as something else."""
    return db.session.scalar(RETURNS, {"case_id": case.id, "opened_at": case.opened_at}) or 0


def dispute_of(case: Case) -> Dispute | None:
    """The latest dispute about a case, open or decided, since it was last routed anew as something else."""
    return db.session.scalars(LATEST, {"case_id": case.id, "opened_at": case.opened_at}).first()


def put_before_somebody(case: Case) -> list[Message]:
    """Name the person who decides: a supervisor of the smallest area around the case that has one, else a desk clerk.

    The first of them by the longest service. When there is nobody, the case waits for the desk like any other.
    """
    decider_id = _decider(case)
    if decider_id is None:
        return []
    db.session.add(Dispute(id=new_id(), case_id=case.id, round=case.round, decider_id=decider_id, put_at=clock.now()))
    return _put(case, decider_id, because="returned_again")


def put_before_another(case: Case, dispute: Dispute) -> list[Message]:
    """Name another person in place of one who serves there no more; with nobody there the dispute stays as it is, and
    any desk of the area decides."""
    decider_id = _decider(case)
    if decider_id is None:
        return []
    dispute.decider_id = decider_id
    return _put(case, decider_id, because="decider_left")


def _decider(case: Case) -> UUID | None:
    people = nearest(case, Role.SUPERVISOR) or nearest(case, Role.DESK)
    return people[0] if people else None


def _put(case: Case, decider_id: UUID, *, because: str) -> list[Message]:
    history.note(case, Move.ESCALATE, by_id=None, because=because, to_id=str(decider_id))
    return [Message(decider_id, Kind.TO_DECIDE, f"{case.number}/{case.round}", case.number, both(
        "案卷 {number} 两次退单，请裁定责任归属", "Case {number} came back twice; decide where it belongs",
        number=case.number))]


def may_decide(dispute: Dispute, by: Account) -> bool:
    """Whether somebody may decide: the named person, and others only once that person is not in service any more."""
    return by.id == dispute.decider_id or not accounts.find(dispute.decider_id).is_active


def offered(moves: Sequence[Move], dispute: Dispute | None, by: Account) -> list[Move]:
    """What somebody may do with a case: while a dispute is open, giving the case to a responder is the decision."""
    if dispute is None or dispute.decided_at:
        return list(moves)
    others = {move for move in moves if move is not Move.TRANSFER}
    return sorted(others | {Move.TRANSFER} if may_decide(dispute, by) else others)


def decide(dispute: Dispute, by: Account) -> None:
    """Note that it is decided: from now on nobody returns the case."""
    dispute.decided_at, dispute.decided_by_id = clock.now(), by.id


def proof(given: Sequence[tuple[Dispatch, str]]) -> list[dict[str, Any]]:
    """What speaks for where a case went: for each dispatch that came back, the boundary that held the place when it
    was chosen and the rule, in words."""
    return [_proof(each) for each, _ in given if each.ended_because is Ending.RETURNED]


def _proof(given: Dispatch) -> dict[str, Any]:
    why = given.explanation
    edition, code = why.get("edition"), why.get("place", given.area_code)
    return {
        "part": given.part, "area_code": code, "area_name": why.get("place_name", why.get("area_name", code)),
        "edition": edition, "rule": why.get("rule"),
        "boundary": None if edition is None else areas.boundary(code, edition),
        "text": routing.sentence(given.part, given.role, given.kind, why)}


def who_decides(dispute: Dispute) -> Words:
    """The named person, in words for the desk."""
    names: dict[UUID, str] = accounts.names_of([dispute.decider_id])
    return both("已提交 {name} 裁定", "put before {name} to decide", name=names.get(dispute.decider_id, ""))
