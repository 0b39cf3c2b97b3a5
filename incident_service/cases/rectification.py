"""What responders do: accept a case (签收) and rectify it (整改)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from incident_service import notifications, photos
from incident_service.accounts import Account
from incident_service.cases import access, evidence, history, holding, in_hand, offline
from incident_service.cases.closure import occasion, who_may_close
from incident_service.cases.intake import attach
from incident_service.cases.models import Case, CasePhoto, Dispatch, Stage
from incident_service.cases.workflow import Move, Status, WrongTurn, allowed
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.transaction import let_go, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message
from incident_service.photos import Photo

TAKEN = (Status.ACCEPTED, Status.RECTIFIED)


def accept(number: str, *, by: Account, done_at: datetime | None = None, version: int | None = None) -> Case:
    """Confirm that a dispatch was received (签收).

    The case is accepted at the first acceptance by either part; the other part's sets its own clock only. `done_at` is
    the phone's own time of what was done offline: it is kept, and the clocks take the time received. Safe to repeat.
    Raises CaseUnknown, NotYours, NoLongerYours, WrongTurn, PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        if done_at and (gone := offline.stray(case, Move.ACCEPT, by=by)):
            offline.hand_in(case, Move.ACCEPT, gone, by=by, done_at=done_at)
            return case
        mine = [each for each in in_hand.of(case, by) if each.accepted_at is None]
        if not mine:
            return case
        access.check_version(case, version)
        now = clock.now()
        for given in mine:
            given.seen_at, given.accepted_at = given.seen_at or now, now        # who accepts has seen it
        holding.take_over(case, mine)
        kept = {"parts": [given.part for given in mine]} | offline.said(done_at, mine[0])
        if case.status in TAKEN:
            history.note(case, Move.ACCEPT, by_id=by.id, **kept)
        else:
            history.move(case, Move.ACCEPT, by_id=by.id, **kept)
            case.accepted_at = case.accepted_at or mine[0].accepted_at
        return case


def rectify(number: str, *, by: Account, uploads: list[Any], note: str = "", done_at: datetime | None = None,
            version: int | None = None) -> Case:
    """Say that the work is done, with at least one picture of the result.

    The case is rectified at the first rectification by either part; rectifying what was not accepted accepts it
    too. Sending the same pictures again changes nothing. Work done offline (`done_at`) is never refused: when the case
    has gone elsewhere, pictures and words are kept and put before those who close. Raises CaseUnknown, NotYours,
    NoLongerYours, Invalid (pictures), WrongTurn, PreconditionFailed.
    """
    seen = access.find(number, by=by)
    if not (done_at and offline.stray(seen, Move.RECTIFY, by=by)):
        in_hand.of(seen, by)
    let_go()
    sealed = photos.take_in(uploads)
    with transaction():
        case = access.find_to_change(number, by=by)
        gone = offline.stray(case, Move.RECTIFY, by=by) if done_at else None
        mine = [gone] if gone else in_hand.of(case, by)
        if _digests(mine[0]) == [each.sha256 for each in sealed]:
            return case
        if gone and done_at:
            if offline.hand_in(case, Move.RECTIFY, gone, by=by, done_at=done_at, note=note):
                _attach(case, sealed, Stage.LATE, gone, by)
            return case
        access.check_version(case, version)
        _set_clocks(case, mine, note=note, by=by, **offline.said(done_at, mine[0]))
        kept = _attach(case, sealed, Stage.AFTER, mine[0], by)
        evidence.weigh_result(case, kept)
        enqueue("workers.media.lay_side_by_side", case_id=str(case.id))
        _tell_closers(case, by)
        return case


def _attach(case: Case, sealed: list[Any], stage: Stage, given: Dispatch, by: Account) -> list[Photo]:
    kept = photos.keep(sealed, by_id=by.id)
    attach(case, kept, stage, dispatch_id=given.id)
    return kept


def _set_clocks(case: Case, mine: list[Dispatch], *, note: str, by: Account, **said: Any) -> None:
    """Stop the clocks of every part the responder holds; the case's own stop with the first."""
    if mine[0].rectified_at is not None:
        raise WrongTurn(both("您已提交过整改", "You have already rectified this case"), case_status=case.status,
                        allowed=allowed(case.status))
    now = clock.now()
    for given in mine:
        given.seen_at, given.accepted_at, given.rectified_at = given.seen_at or now, given.accepted_at or now, now
    holding.take_over(case, mine)
    parts = [given.part for given in mine]
    if case.status is Status.RECTIFIED:
        history.note(case, Move.RECTIFY, by_id=by.id, note=note, parts=parts, **said)
        return
    history.move(case, Move.RECTIFY, by_id=by.id, note=note, parts=parts, **said)
    case.accepted_at = case.accepted_at or now
    case.rectified_at = case.rectified_at or now


def _digests(given: Dispatch) -> list[str]:
    """The digests of the pictures already sent with this dispatch, in order."""
    return list(db.session.scalars(
        select(Photo.sha256).join(CasePhoto, CasePhoto.photo_id == Photo.id)
        .where(CasePhoto.dispatch_id == given.id).order_by(CasePhoto.position)))


def _tell_closers(case: Case, by: Account) -> None:
    title = both("案卷 {number} 已整改，请核查结案", "Case {number} is rectified; check and close it",
                 number=case.number)
    notifications.tell(Message(person.id, Kind.RECTIFIED, occasion(case), case.number, title)
                       for person in who_may_close(case) if person.id != by.id)
