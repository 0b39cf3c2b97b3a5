"""Telling of deadlines (督办): that one comes near, and that one has passed, once each, to its holders and above."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from incident_service import accounts, catalogue
from incident_service.accounts import Account, Role
from incident_service.cases import agenda, history
from incident_service.cases.models import Case, Dispatch
from incident_service.cases.workflow import Move
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message

SOON = both("案卷 {number} 即将到期：{due}", "Case {number} is due soon: {due}")
LATE = both("案卷 {number} 已超期：{due}", "Case {number} is overdue since {due}")


def remind(case: Case, given: Sequence[Dispatch], now: datetime) -> list[Message]:
    """What is to be told now of the case's deadline. A deadline that was moved is told of anew."""
    due_at = case.due_at
    if due_at is None or case.overdue_told_for == due_at:
        return []
    holders = [each.responder_id for each in given if each.rectified_at is None]
    if now >= due_at:
        case.overdue_told_for = case.soon_told_for = due_at
        return _tell(case, Kind.OVERDUE, due_at, [
            *holders, *nearest(case, Role.DESK), *nearest(case, Role.SUPERVISOR)])
    if case.soon_told_for != due_at and now >= agenda.soon_at(case, due_at):
        case.soon_told_for = due_at
        return _tell(case, Kind.SOON_DUE, due_at, [*holders, *nearest(case, Role.DESK)])
    return []


def _tell(case: Case, kind: Kind, due_at: datetime, people: Iterable[UUID]) -> list[Message]:
    history.note(case, Move.ESCALATE, by_id=None, because=str(kind), due_at=due_at.isoformat())
    words = LATE if kind is Kind.OVERDUE else SOON
    local = due_at.astimezone(catalogue.calendar().zone)
    title = both(words.zh, words.en, number=case.number, due=f"{local:%m-%d %H:%M}")
    return [Message(person_id, kind, f"{case.number}/{due_at.isoformat()}", case.number, title)
            for person_id in dict.fromkeys(people)]


def nearest(case: Case, role: Role) -> list[UUID]:
    """The holders of a role within the smallest area around the case that has any."""
    code = case.area_code or ""

    def reach(person: Account) -> int:
        return max((len(area) for area in person.area_codes(role) if code.startswith(area)), default=0)

    people = accounts.staff_of(code, role)
    return [each.id for each in people if reach(each) == reach(people[0])]
