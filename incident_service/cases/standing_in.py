"""Who is called when the one a case was given to is silent: a deputy, then the community, then the street."""

from collections.abc import Collection, Iterator
from uuid import UUID

from incident_service import accounts, areas
from incident_service.accounts import Account, Role
from incident_service.cases.models import Case, Dispatch
from incident_service.catalogue import To
from incident_service.routing import Part

LEVELS = {To.COMMUNITY: 12, To.STREET: 9}           # digits of the area's code


def stand_in(case: Case, given: Dispatch, to: To, *, besides: Collection[UUID]) -> Part | None:
    """Who is called for a part at this rung, none of those who have it already; None when nobody is there."""
    for code, role, kind, account in _asked(case, given, to):
        if account.id not in besides:
            return Part(given.part, role, kind, code, account.id, {
                "called": str(to), "area": code, "area_name": areas.name_of(code) if areas.exists(code) else code})
    return None


def _asked(case: Case, given: Dispatch, to: To) -> Iterator[tuple[str, Role, str | None, Account]]:
    """Everybody who might, in the order in which they are asked."""
    same = Role(given.role)
    if to is To.DEPUTY:
        yield from _holders(given.area_code, same, given.kind)
        return
    code = (case.area_code or "")[:LEVELS[to]]
    if len(code) == LEVELS[to]:
        yield from _holders(code, same, given.kind)
        yield from _holders(code, Role.GRID_MANAGER)
        yield from _holders(code, Role.DESK)


def _holders(code: str, role: Role, kind: str | None = None) -> Iterator[tuple[str, Role, str | None, Account]]:
    for account in accounts.responsible_for(code, role, kind):
        yield code, role, kind, account
