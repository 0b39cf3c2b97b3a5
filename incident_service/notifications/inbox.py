"""Writing to an inbox, reading from it, and sending what is in it by the city's channel."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Interval,
    Select,
    Table,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from incident_service.accounts import Account
from incident_service.foundation import clock, gateway, paging
from incident_service.foundation.database import db, insert_into, is_postgresql, new_id
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import NotFound
from incident_service.foundation.ready import Change, Question
from incident_service.foundation.transaction import current_unit, for_update, transaction
from incident_service.foundation.words import Words
from incident_service.notifications.models import Inbox, Notification

INBOX, MESSAGES = cast(Table, Inbox.__table__), cast(Table, Notification.__table__)
REVISION = Question(select(INBOX.c.revision).where(INBOX.c.account_id == bindparam("account_id")))
RAISE = Change(update(INBOX).where(INBOX.c.account_id == bindparam("account_id")).values(revision=INBOX.c.revision + 1))
MOMENT = literal(timedelta(microseconds=1), Interval())      # times are kept that exactly


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
    some, now = sorted(messages, key=lambda each: each.account_id), clock.now()
    if not some:
        return
    _open(on_postgresql=is_postgresql()).make_along(ids=list({each.account_id for each in some}), at=now)
    writing = _write(on_postgresql=is_postgresql())
    written = [writing.ask_along(**_row(each), at=now) for each in some]
    if current_app.config["PUSH_CHANNEL"]:
        for id in (id for each in written for id, in each.rows):
            enqueue("workers.notifications.deliver", notification_id=str(id))


def tell_person(account_id: UUID, *, kind: Kind, reference: str, title: Words) -> None:
    """Tell one person something that is about no case. Safe to repeat: once for a person, kind and reference."""
    with transaction():
        tell([Message(account_id, kind, reference, "", title)])


def _row(message: Message) -> dict[str, Any]:
    said = message._asdict()
    title = said.pop("title")
    return said | {"id": new_id(), "title_zh": title.in_language("zh"), "title_en": title.in_language("en")}


@cache
def _open(*, on_postgresql: bool) -> Change:
    """The statement that counts up the inboxes of those of some people who may sign in, one after the other, and says
    what time it is there: made once, as every push asks it.

    A phone asks for what is newer than the newest it has. So a later notification must have a later time than one
    committed before it, also when it waited for the inbox in between, or comes from a machine whose clock is behind.
    (SQLite is one machine's, and there the time is taken when nobody else is writing.)
    """
    who: Select[UUID, int, datetime] = (
        select(Account.id, literal_column("1"), bindparam("at", type_=INBOX.c.last_at.type)).order_by(Account.id)
        .where(Account.is_active, Account.id.in_(bindparam("ids", expanding=True))))
    opening = insert_into(INBOX, on_postgresql=on_postgresql).from_select(
        [INBOX.c.account_id, INBOX.c.revision, INBOX.c.last_at], who)
    later: ColumnElement[Any] = func.greatest(opening.excluded.last_at, INBOX.c.last_at + MOMENT)
    return Change(opening.on_conflict_do_update(index_elements=["account_id"], set_={
        "revision": INBOX.c.revision + 1, "last_at": later if on_postgresql else opening.excluded.last_at}))


@cache
def _write(*, on_postgresql: bool) -> Question[UUID]:
    """The statement that puts a notification into an inbox that was just opened: at the time that it is there."""
    names = ("id", "kind", "reference", "case_number", "link", "title_zh", "title_en")
    given = [bindparam(name, type_=MESSAGES.c[name].type) for name in names]
    where = (INBOX.c.account_id == bindparam("account_id"), INBOX.c.last_at >= bindparam("at"), Account.is_active)
    what = select(INBOX.c.account_id, INBOX.c.last_at, *given).join(Account, Account.id == INBOX.c.account_id)
    return Question(insert_into(MESSAGES, on_postgresql=on_postgresql)
                    .from_select(["account_id", "at", *names], what.where(*where), include_defaults=False)
                    .on_conflict_do_nothing().returning(MESSAGES.c.id))


def told(kind: Kind, references: Collection[str]) -> set[tuple[UUID, str]]:
    """Who was told of these occasions: (account id, reference)."""
    rows = db.session.execute(select(Notification.account_id, Notification.reference).where(
        Notification.kind == kind, Notification.reference.in_(references)))
    return {(account_id, reference) for account_id, reference in rows}


def revision_of(account_id: UUID) -> int:
    """How often this inbox has changed: reads one row and no notification."""
    return next((revision for revision, in REVISION.ask(account_id=account_id)), 0)


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
            RAISE.make_along(account_id=account_id)
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
