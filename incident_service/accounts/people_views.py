"""People, as administrators add, see and change them."""

from typing import Any
from uuid import UUID

from incident_service.accounts import administration, presenting
from incident_service.accounts.access import current_account, requires
from incident_service.accounts.administration import BeyondReach
from incident_service.accounts.models import Account
from incident_service.accounts.people import HandUnproven, OwnAccount, PhoneTaken
from incident_service.accounts.roles import Role
from incident_service.accounts.schemas import PersonChange, PersonInput, PersonOutput
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, PageInput, page_schema

bp = Blueprint("people", __name__, url_prefix="/api/v1", description="人员管理")


@bp.post("/people")
@requires(Role.ADMIN)
@bp.refuses(BeyondReach, HandUnproven, PhoneTaken)
@bp.arguments(PersonInput)
@idempotent
@bp.response(201, PersonOutput)
def add(body: dict[str, Any]) -> dict[str, Any]:
    """Add somebody, with roles within the areas one administers. A resident keeps their account and password.

    A password given here lets them in once, to set their own; until they sign in by a code they are no second person to
    whoever gave it.
    """
    return _shown(administration.add(**body, by=current_account()))


@bp.get("/people")
@requires(Role.ADMIN)
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(PersonOutput))
def people(wanted: dict[str, Any]) -> Page:
    """Everybody who holds a role within the areas one administers, newest first."""
    found = administration.page_of_people(current_account(), **wanted)
    return Page([_shown(each) for each in found.items], found.next_cursor)


@bp.get("/people/<uuid:id>")
@requires(Role.ADMIN)
@bp.response(200, PersonOutput)
def person(id: UUID) -> dict[str, Any]:
    """One of them."""
    return _shown(administration.find_person(id, by=current_account()))


@bp.patch("/people/<uuid:id>")
@requires(Role.ADMIN)
@bp.refuses(BeyondReach, OwnAccount)
@bp.arguments(PersonChange)
@bp.response(200, PersonOutput)
def change(body: dict[str, Any], id: UUID) -> dict[str, Any]:
    """Change a name, or the roles held within the areas one administers; roles held elsewhere stay."""
    return _shown(administration.change(id, by=current_account(), **body))


@bp.post("/people/<uuid:id>/deactivation")
@requires(Role.ADMIN)
@bp.refuses(BeyondReach, OwnAccount)
@idempotent
@bp.response(200, PersonOutput)
def deactivate(id: UUID) -> dict[str, Any]:
    """Let somebody in no longer: their tokens end at once."""
    return _shown(administration.deactivate(id, by=current_account()))


@bp.post("/people/<uuid:id>/reactivation")
@requires(Role.ADMIN)
@bp.refuses(BeyondReach)
@idempotent
@bp.response(200, PersonOutput)
def reactivate(id: UUID) -> dict[str, Any]:
    """Let somebody in again, to sign in anew."""
    return _shown(administration.reactivate(id, by=current_account()))


def _shown(account: Account) -> dict[str, Any]:
    return presenting.person(account, by=current_account())
