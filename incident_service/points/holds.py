"""Held points: listed for the supervisors of their area, and decided by one of them, once."""

from uuid import UUID

from sqlalchemy import or_, select

from incident_service.accounts import Account, Role
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db
from incident_service.foundation.problems import Conflict, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.points import funds, ledger
from incident_service.points.awarding import settles_at
from incident_service.points.ledger import Movement, purse_of
from incident_service.points.models import Decision, Hold


class HoldUnknown(NotFound):
    """There is no such hold, or none within the caller's area."""
    slug = "points-hold-unknown"


class HoldDecided(Conflict):
    """Somebody decided otherwise before."""
    slug, title = "points-hold-decided", both("该笔积分已有决定", "These points were decided before")


class FundExhausted(Conflict):
    """The community's fund of this year has not enough left to give these points."""
    slug, title = "points-fund-exhausted", both("社区年度福分基金余额不足", "The fund has not enough left")


class NotOwnHold(Conflict):
    """Nobody decides about their own points."""
    slug, title = "points-hold-own", both("不能决定自己的积分", "Nobody decides about their own points")


def page_of_holds(*, by: Account, is_open: bool | None, limit: int, cursor: str) -> paging.Page:
    """The holds of a supervisor's areas, newest first."""
    statement = select(Hold).where(or_(*_within(by)))
    if is_open is not None:
        statement = statement.where(Hold.decision.is_(None) if is_open else Hold.decision.is_not(None))
    return paging.newest_first(statement, Hold.held_at, Hold.id, limit=limit, cursor=cursor)


def own_holds(account_id: UUID, *, limit: int, cursor: str) -> paging.Page:
    """A person's own held points and what was decided about them, newest first."""
    return paging.newest_first(select(Hold).where(Hold.person_id == account_id), Hold.held_at, Hold.id,
                               limit=limit, cursor=cursor)


def release(id: UUID, *, by: Account, note: str = "") -> Hold:
    """Give held points after all."""
    return _decide(id, Decision.RELEASED, by=by, note=note)


def refuse(id: UUID, *, by: Account, note: str) -> Hold:
    """Do not give held points; `note` says why."""
    return _decide(id, Decision.REFUSED, by=by, note=note)


def _decide(id: UUID, decision: Decision, *, by: Account, note: str) -> Hold:
    """Settle a hold, once: the same decision again changes nothing.

    Raises HoldUnknown, NotOwnHold, HoldDecided when it was decided otherwise, FundExhausted.
    """
    with transaction():
        held = db.session.scalar(for_update(select(Hold).where(Hold.id == id, or_(*_within(by)))))
        if held is None:
            raise HoldUnknown()
        if held.person_id == by.id:
            raise NotOwnHold()
        if held.decision is not None and held.decision is not decision:
            raise HoldDecided(decision=held.decision)
        if held.decision is None:
            _settle(held, decision, by, note)
        return held


def _settle(held: Hold, decision: Decision, by: Account, note: str) -> None:
    held.decision, held.decided_at, held.decided_by_id, held.note = decision, clock.now(), by.id, note
    if decision is Decision.RELEASED:
        owner = purse_of(held.person_id)
        fund = funds.ask_ahead(held.fund)
        ledger.lock([owner])
        source = funds.reserve(fund, held.amount)
        if source is None:
            raise FundExhausted()
        ledger.write([Movement(source, owner, held.amount, held.reason, held.reference,
                               (held.explanation_zh, held.explanation_en), settles_at(), held.place, held.tariff)])


def _within(by: Account) -> list:
    """The areas a supervisor decides for: a code reaches all that begin with it."""
    return [Hold.area_code.startswith(code, autoescape=True) for code in by.area_codes(Role.SUPERVISOR)]
