"""Putting right what a report said: its category or place (it is routed anew), or how grave it is (it is due anew)."""

from typing import Any

from incident_service import areas, catalogue
from incident_service.accounts import Account
from incident_service.areas import CoordinateSystem
from incident_service.cases import access, agenda, history, holding, reckoning, words
from incident_service.cases.models import Case, Ending
from incident_service.cases.workflow import Move
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both


def amend(number: str, *, by: Account, note: str, category: str | None = None, longitude: float | None = None,
          latitude: float | None = None, coordinate_system: CoordinateSystem | None = None,
          address: str | None = None, version: int | None = None) -> Case:
    """Correct the category or the place of a case; it is then routed anew, in a new round, and the history keeps what
    it was before. A deadline that began is reckoned anew from the same push; extensions and pauses stay with it.

    Raises CaseUnknown, NotYourMove, WrongTurn, PreconditionFailed, Invalid (nothing to change, half a place), and
    UnknownCategory.
    """
    place = (longitude, latitude, coordinate_system)
    if any(each is None for each in place) and any(each is not None for each in place):
        raise Invalid(errors=[FieldError("#/longitude", both("位置须含经度、纬度和坐标系",
                                                             "A place needs both degrees and their system"))])
    if category is None and longitude is None and address is None:
        raise Invalid(errors=[FieldError("#", both("没有要更正的内容", "There is nothing to change"))])
    with transaction():
        case = access.find_to_change(number, by=by, version=version)
        access.check_may(by, case, Move.AMEND)
        history.check(case, Move.AMEND)
        before = {"category": case.category, "condition": case.condition, "longitude": case.longitude,
                  "latitude": case.latitude, "address": case.address}
        if category is not None:
            _recategorise(case, category)
        if longitude is not None and latitude is not None and coordinate_system is not None:
            case.longitude, case.latitude = areas.to_wgs84(longitude, latitude, coordinate_system)
            holding.note_place(case)
        if address is not None:
            case.address = address
            words.write(case)
        history.move(case, Move.AMEND, by_id=by.id, note=note, before=before, **_due_anew(case))
        _route_anew(case)
        return case


def regrade(number: str, *, by: Account, condition: str, note: str, version: int | None = None) -> Case:
    """Set how grave a case is (立案条件); its deadline is reckoned anew from the same push, never from now, with the
    extensions and pauses it was given.

    Safe to repeat: the same condition changes nothing. Raises CaseUnknown, NotYourMove, WrongTurn, PreconditionFailed,
    UnknownCondition.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        access.check_may(by, case, Move.REGRADE)
        catalogue.category(case.category).condition(condition)
        if case.condition == condition:
            return case
        access.check_version(case, version)
        history.check(case, Move.REGRADE)
        before, case.condition = case.condition, condition
        history.note(case, Move.REGRADE, by_id=by.id, note=note, before=before, condition=condition, **_due_anew(case))
        agenda.wind(case, holding.held(case))
        return case


def _recategorise(case: Case, code: str) -> None:
    """Another category, with its default condition."""
    known = catalogue.category(code)
    case.category, case.condition = known.code, known.default_condition.code


def _due_anew(case: Case) -> dict[str, Any]:
    """The deadline of what the case now is, for the history; nothing before the push."""
    return {"deadline": reckoning.anew(case)} if case.pushed_at else {}


def _route_anew(case: Case) -> None:
    """Whoever had it before has it no more; the platform looks for responders."""
    for each in holding.held(case):
        holding.end(each, Ending.AMENDED)
    case.round += 1
    case.unroutable_reason = None
    enqueue("workers.routing.dispatch_case", case_id=str(case.id))
