"""Writing to an inbox, reading from it, and sending what is in it by the city's channel."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, literal_column, select, tuple_, update

from incident_service.accounts import Account
from incident_service.foundation import clock, gateway, paging
from incident_service.foundation.database import db, insert_into, is_postgresql, new_id
from incident_service.foundation.inserting import insert_absent_along
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import NotFound
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import current_unit, for_update, transaction
from incident_service.foundation.words import Words
from incident_service.notifications.models import Inbox, Notification

INBOX: Table = Inbox.__table__                      # type: ignore[assignment]


class Kind(StrEnum):
    """Why somebody is told something."""

    DISPATCH = "dispatch"               # a case was pushed to a responder
    PUSHED_AGAIN = "pushed_again"       # it was not accepted in time
    NOBODY_ACCEPTS = "nobody_accepts"   # nor by anybody called after: a desk must see to it
    SOON_DUE = "soon_due"
    OVERDUE = "overdue"
    DUE_MOVED = "due_moved"             # the calendar changed, and the deadline with it
    RETURNED = "returned"               # a responder gave a case back: the desk gives it to somebody
    TRANSFERRED = "transferred"         # a case was given to somebody else
    TO_APPROVE = "to_approve"           # more time or a pause is asked for
    APPROVAL = "approval"               # it was granted or refused
    TO_DECIDE = "to_decide"             # it came back twice: this person decides where it belongs
    UNROUTABLE = "unroutable"           # a case waits for the desk
    PART_MISSING = "part_missing"       # a case went out, but one part found nobody
    ROSTER_GAP = "roster_gap"           # nobody will be on duty; no case yet, its number is empty
    RECTIFIED = "rectified"             # a case may be closed
    CLOSED = "closed"                   # a reporter's case is done
    VOID = "void"                       # a reporter's case is none
    ENDED = "ended"                     # what a responder had in hand is no case any more
    JOINED = "joined"                   # somebody else reported the same, or one's own report goes on with theirs
    MAYBE_DUPLICATE = "maybe_duplicate"     # a desk should look whether two cases are one
    COMMENT = "comment"                 # staff have said something about what was reported
    WORK_HANDED_IN = "work_handed_in"   # done offline, for a case that has gone elsewhere since
    APPEAL = "appeal"                   # one was made, or decided
    REPORTING_SUSPENDED = "reporting_suspended"     # one may not report, appeals against it, or learns what came of it
    IDENTITY_OPENED = "identity_opened"     # staff looked, with consent, who a reporter is
    EXPORT_READY = "export_ready"       # a file one asked for can be fetched
    POINTS_EXPIRING = "points_expiring"     # some of a person's points end soon
    FUND_LOW = "fund_low"               # a community's fund is nearly spent
    WEEKLY_REPORT = "weekly_report"     # a supervisor's report of a week is there


class Message(NamedTuple):
    """Something one person is to be told; `reference` says on which occasion, `link` is the path of what to fetch."""

    account_id: UUID
    kind: Kind
    reference: str
    case_number: str
    title: Words
    link: str = ""


def tell(messages: Iterable[Message]) -> None:
    """Write notifications for those who may sign in, and have them sent when the city has a channel.

    All that one transaction tells is told in one call: inboxes are locked in the order of their owners, so that two
    transactions never wait for each other. Must be called inside a transaction. Safe to repeat: once for one person,
    kind and reference.
    """
    current_unit()
    given = list(messages)
    here = _raise_revisions({each.account_id for each in given})
    some = sorted((each for each in given if each.account_id in here), key=lambda each: each.account_id)
    if not some:
        return
    written = insert_absent_along(Notification.__table__, [_row(each) for each in some])       # type: ignore[arg-type]
    if current_app.config["PUSH_CHANNEL"]:
        for id in (id for each in written for id, in each.rows):
            enqueue("workers.notifications.deliver", notification_id=str(id))


def tell_person(account_id: UUID, *, kind: Kind, reference: str, title: Words) -> None:
    """Tell one person something that is about no case. Safe to repeat: once for a person, kind and reference."""
    with transaction():
        tell([Message(account_id, kind, reference, "", title)])


def _row(message: Message) -> dict[str, Any]:
    """A notification to be. Its time is taken once its inbox is locked, so that a later one is never committed before
    it and a phone that asks for what is newer misses none."""
    said = message._asdict()
    title = said.pop("title")
    return said | {"id": new_id(), "title_zh": title.in_language("zh"), "title_en": title.in_language("en"),
                   "at": clock.now()}


def _raise_revisions(account_ids: Collection[UUID]) -> Collection[UUID]:
    """Count up the inboxes of those of these people who may sign in, one after the other; who they are."""
    return {id for id, in _raise(on_postgresql=is_postgresql()).ask(ids=list(account_ids))} if account_ids else ()


@cache
def _raise(*, on_postgresql: bool) -> Question[UUID]:
    """The statement, made once: every push asks it."""
    who: Select[UUID, int] = select(Account.id, literal_column("1")).order_by(Account.id).where(
        Account.is_active, Account.id.in_(bindparam("ids", expanding=True)))
    return Question(
        insert_into(INBOX, on_postgresql=on_postgresql).from_select([INBOX.c.account_id, INBOX.c.revision], who)
        .on_conflict_do_update(index_elements=["account_id"], set_={"revision": INBOX.c.revision + 1})
        .returning(INBOX.c.account_id))


def told(kind: Kind, references: Collection[str]) -> set[tuple[UUID, str]]:
    """Who was told of these occasions: (account id, reference)."""
    rows = db.session.execute(select(Notification.account_id, Notification.reference).where(
        Notification.kind == kind, Notification.reference.in_(references)))
    return {(account_id, reference) for account_id, reference in rows}


def revision_of(account_id: UUID) -> int:
    """How often this inbox has changed: reads one row and no notification."""
    return db.session.scalar(select(Inbox.revision).where(Inbox.account_id == account_id)) or 0


def page_of(account_id: UUID, *, limit: int, cursor: str, after: UUID | None) -> paging.Page:
    """A person's notifications, newest first; with `after`, only those newer than that one.

    Raises NotFound when `after` is not a notification of theirs.
    """
    statement = select(Notification).where(Notification.account_id == account_id)
    if after is not None:
        last = _mine(account_id, after)
        statement = statement.where(tuple_(Notification.at, Notification.id) > tuple_(
            paging.like(Notification.at, last.at), paging.like(Notification.id, last.id)))
    return paging.newest_first(statement, Notification.at, Notification.id, limit=limit, cursor=cursor)


def _mine(account_id: UUID, id: UUID) -> Notification:
    found = db.session.scalar(select(Notification).where(Notification.id == id, Notification.account_id == account_id))
    if found is None:
        raise NotFound()
    return found


def mark_seen(account_id: UUID, id: UUID) -> Notification:
    """Note that a person has seen a notification. Safe to repeat: the first time counts. Raises NotFound."""
    with transaction():
        found = db.session.scalar(for_update(
            select(Notification).where(Notification.id == id, Notification.account_id == account_id)))
        if found is None:
            raise NotFound()
        if found.seen_at is None:
            found.seen_at = clock.now()
            _raise_revisions([account_id])
            if found.kind == Kind.DISPATCH:
                enqueue("workers.routing.note_seen", dispatch_id=found.reference, seen_at=found.seen_at.isoformat())
        return found


def deliver(id: UUID) -> None:
    """Send one notification through the city's channel, unless whom it is for was let go.

    Safe to repeat: the channel gets its id and drops doubles. Raises OSError while the channel is away, so that the
    job is tried again.
    """
    found = db.session.scalar(select(Notification).join(Account, Account.id == Notification.account_id).where(
        Notification.id == id, Notification.delivered_at.is_(None), Account.is_active))
    if found is None:
        return
    gateway.send(current_app.config["PUSH_CHANNEL"], id=str(found.id), account_id=str(found.account_id),
                 kind=found.kind, case_number=found.case_number, title_zh=found.title_zh, title_en=found.title_en,
                 link=found.link)
    with transaction():
        db.session.execute(update(Notification).where(Notification.id == id).values(delivered_at=clock.now())
                           .execution_options(synchronize_session=False))


def forget_of(account_id: UUID) -> None:
    """Delete all that somebody was told, in the open transaction. Safe to repeat."""
    _forget(Notification.account_id == account_id)


def forget_about(account_id: UUID, case_number: str) -> None:
    """Delete what somebody was told of a case, in the open transaction. Safe to repeat."""
    _forget(Notification.account_id == account_id, Notification.case_number == case_number)


def _forget(*which: ColumnElement[bool]) -> None:
    current_unit()
    db.session.execute(delete(Notification).where(*which).execution_options(synchronize_session=False))
