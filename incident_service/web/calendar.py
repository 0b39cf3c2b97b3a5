"""The working calendar, to be read by everybody and changed by the city's administrators.

The views stand here because the catalogue lives below the room that knows who is speaking.
"""

from typing import Any

from flask import Response, current_app

from incident_service import catalogue
from incident_service.accounts import Role, current_account, requires, signed_in
from incident_service.catalogue import Year
from incident_service.catalogue.schemas import CalendarOutput, SlotsInput, SlotsOutput, YearInput, YearOutput
from incident_service.foundation.http import Blueprint, if_match, unchanged
from incident_service.foundation.problems import Forbidden, PreconditionFailed
from incident_service.foundation.words import both

bp = Blueprint("calendar", __name__, url_prefix="/api/v1", description="工作日历")
Tagged = tuple[Any, int, dict[str, str]]


class NotForYou(Forbidden):
    """The working calendar is the whole city's."""
    slug, title = "calendar-not-yours", both("工作日历由全市管理员维护",
                                             "The working calendar is kept by the city's administrators")


@bp.get("/calendar")
@signed_in
@bp.response(200, CalendarOutput)
@bp.tagged
def show_calendar() -> Response | Tagged:
    """The calendar in force: the slots of a working day, and every year that was published."""
    known = catalogue.calendar()
    shown = {"version": known.version, "time_zone": known.zone.key, "slots": known.slots,
             "years": catalogue.arrangements()}
    return unchanged(known.version) or (shown, 200, {"ETag": f'W/"{known.version}"'})


@bp.get("/calendar/slots")
@signed_in
@bp.response(200, SlotsOutput)
@bp.tagged
def show_slots() -> Response | Tagged:
    """The slots of every working day."""
    return _shown(catalogue.slots())


@bp.put("/calendar/slots")
@requires(Role.ADMIN)
@bp.refuses(NotForYou, PreconditionFailed)
@bp.arguments(SlotsInput)
@bp.response(200, SlotsOutput)
def change_slots(body: dict[str, Any]) -> Tagged:
    """Change the slots of every working day, for every deadline set from now on."""
    catalogue.arrange_slots(tuple(body["slots"]), source=body["source"], by_id=administrator(), revision=if_match())
    return _told(catalogue.slots())


@bp.get("/calendar/<int(min=2000,max=2100):year>")
@signed_in
@bp.response(200, YearOutput)
@bp.tagged
def show_year(year: int) -> Response | Tagged:
    """The days off and days made up of a year. One that is not published yet counts by its weekdays, and says so."""
    return _shown(catalogue.arrangement(year))


@bp.put("/calendar/<int(min=2000,max=2100):year>")
@requires(Role.ADMIN)
@bp.refuses(NotForYou, PreconditionFailed)
@bp.arguments(YearInput)
@bp.response(200, YearOutput)
def change_year(body: dict[str, Any], year: int) -> Tagged:
    """Enter the arrangement of a year, for every deadline set from now on.

    A deadline that is set already stays, and says by which version it was reckoned.
    """
    arranged = Year(year, body["source"], tuple(body["holidays"]), tuple(body["make_up"]))
    catalogue.arrange_year(arranged, by_id=administrator(), revision=if_match())
    return _told(catalogue.arrangement(year))


def administrator() -> Any:
    """Who is speaking, if the whole city is theirs. Raises NotForYou."""
    account = current_account()
    if not account.holds(Role.ADMIN, reaching=current_app.config["CITY_CODE"]):
        raise NotForYou()
    return account.id


def _shown(found: Any) -> Response | Tagged:
    return unchanged(str(found.revision)) or _told(found)


def _told(found: Any) -> Tagged:
    return found, 200, {"ETag": f'W/"{found.revision}"'}
