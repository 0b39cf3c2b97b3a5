"""Who is called when the one a case was given to is silent: a deputy, then the community, then the street."""

from collections.abc import Collection
from uuid import UUID

from incident_service import routing
from incident_service.accounts import Role
from incident_service.cases.models import Case, Dispatch
from incident_service.catalogue import To
from incident_service.routing import Part, Step

ASKED = {To.DEPUTY: (Step.HOLDER, Step.DEPUTY), To.COMMUNITY: (Step.COMMUNITY,), To.STREET: (Step.STREET,)}


def stand_in(case: Case, given: Dispatch, to: To, *, besides: Collection[UUID]) -> Part | None:
    """Who is on duty and called for a part at this rung, none of those who have it already; None when nobody is."""
    for each in routing.fallbacks(role=Role(given.role), kind=given.kind, area_code=given.area_code,
                                  case_area=case.area_code):
        if each.step in ASKED[to] and each.account_id not in besides:
            return Part(given.part, each.role, each.kind, each.area_code, each.account_id,
                        each.explanation | {"called": str(to)})
    return None
