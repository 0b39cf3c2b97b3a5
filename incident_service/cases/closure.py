"""Closing a case (结案)."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask import current_app

from incident_service import accounts, catalogue, notifications
from incident_service.accounts import Account, Role
from incident_service.cases import access, doubts, history, second_look, thanks
from incident_service.cases.case_file import PARTS, CaseFile
from incident_service.cases.comparing import compare_within
from incident_service.cases.doubts import Doubt
from incident_service.cases.models import Case, Flag, Stage
from incident_service.cases.thanks import Grounds, occasion
from incident_service.cases.workflow import Move, Status
from incident_service.foundation import clock
from incident_service.foundation.problems import Conflict, Forbidden
from incident_service.foundation.ready import begin_what_waits
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message


class NotToClose(Forbidden):
    """The caller may see the case, but not close it."""
    slug, title = "case-not-yours-to-close", both("您不能结此案", "This case is not yours to close")


class NoPictureOfResult(Conflict):
    """There is no picture of the result."""
    slug, title = "case-without-after-photo", both("缺少整改后的图片", "There is no picture of the result")


class NotWeighed(Conflict):
    """There are warnings about the pictures of the result, and whoever closes did not say that they weighed them."""
    slug, title = "case-warnings-not-acknowledged", both(
        "请先核对整改照片的警示", "Weigh the warnings about the result")


def close(number: str, *, by: Account, note: str = "", acknowledged: Sequence[Flag] = (),
          version: int | None = None) -> Case:
    """Close a rectified case, give the thanks that are due, and have its reporters told.

    No picture of the case is left uncompared, so no points are given for one that was seen before. Safe to repeat:
    a closed case comes back as it is, and nobody is thanked twice. Raises CaseUnknown, NotToClose, WrongTurn unless
    it is rectified, NoPictureOfResult, NotWeighed, PreconditionFailed.
    """
    return close_file(number, by=by, note=note, acknowledged=acknowledged, version=version).case


def close_file(number: str, *, by: Account, note: str = "", acknowledged: Sequence[Flag] = (),
               version: int | None = None) -> CaseFile:
    """The same, with the file it was decided by, for whoever shows the case next."""
    with transaction():
        case = access.find_to_close(number, by=by)
        file = CaseFile(case, by=by)
        if not access.reaches(by, case, Role.GRID_MANAGER, Role.DESK):
            raise NotToClose()
        if case.status is Status.CLOSED:
            return file
        access.check_version(case, version)
        file.read_ahead(*PARTS)                          # the history too: what a closing adds to it moves no deadline
        catalogue.ask_calendar_ahead()                   # who shows the case says why it was due when it was
        begin_what_waits()                               # all of that is read while the rest is put together
        asked = thanks.ask_ahead(case)
        _check(file, by)
        if compare_within(case, file.pictures):
            file.forget_doubts()
        weighed = _weighed(file.doubts, acknowledged)
        history.move(case, Move.CLOSE, by_id=by.id, note=note, **weighed)
        case.closed_at = clock.now()
        history.keep(case)
        begin_what_waits()                               # while the thanks are weighed
        if file.told:                               # imported history has no reporter
            thanks.give(case, Grounds(file.told, file.held, file.doubts), asked, closed_by_id=by.id)
        second_look.draw(case)
        _tell_reporters(case, file.reporter_ids)
        begin_what_waits()                               # while the case is made ready to be shown
        return file


def _check(file: CaseFile, by: Account) -> None:
    """Closed must mean fixed, seen by somebody who neither reported nor rectified it (city setting)."""
    history.check(file.case, Move.CLOSE)
    if not file.photos[Stage.AFTER]:
        raise NoPictureOfResult()
    if not current_app.config["CLOSING_NEEDS_ANOTHER_PERSON"]:
        return
    if by.id in file.reporter_ids:
        raise NotToClose(both("不能结自己上报的案卷", "Nobody closes a case they reported themselves"))
    if by.id in {each.responder_id for each in file.held if each.rectified_at}:
        raise NotToClose(both("不能结自己整改的案卷", "Nobody closes a case they rectified themselves"))


def _weighed(found: Iterable[Doubt], acknowledged: Sequence[Flag]) -> dict[str, Any]:
    """What the history says of the warnings about the result: those that whoever closed had weighed, and the others.

    Raises NotWeighed for the others where the city asks for each to be named (city setting, off).
    """
    open_ones = doubts.to_weigh(found)
    missing = [each for each in open_ones if each.code not in acknowledged]
    if missing and current_app.config["CLOSING_NEEDS_ACKNOWLEDGEMENT"]:
        raise NotWeighed(missing[0].text, warnings=[
            {"code": each.code, "photo_ids": list(map(str, each.photo_ids)), "other_case": each.other_case}
            for each in missing])
    weighed = {"acknowledged": {each.code for each in open_ones if each.code in acknowledged},
               "not_acknowledged": {each.code for each in missing}}
    return {name: sorted(codes) for name, codes in weighed.items() if codes}


def who_may_close(case: Case) -> list[Account]:
    """The grid manager of the case and the desks of its area."""
    if case.area_code is None:
        return []
    return [*accounts.responsible_for(case.area_code, Role.GRID_MANAGER),
            *accounts.staff_of(case.area_code, Role.DESK)]


def _tell_reporters(case: Case, reporter_ids: set[UUID]) -> None:
    title = both("您上报的{name}已结案", "Your report is closed: {name}",
                 name=catalogue.describe(case.category).category)
    notifications.tell(Message(reporter_id, Kind.CLOSED, occasion(case), case.number, title)
                       for reporter_id in reporter_ids)
