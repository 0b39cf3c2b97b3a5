"""What was given or held before: under the same reference, and to the same persons since this month began."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, Table, bindparam, case, func, literal_column, select, union_all

from incident_service.foundation.ready import Question
from incident_service.points.days import today
from incident_service.points.ledger import lock_and_ask, purse_of
from incident_service.points.limits import Earned
from incident_service.points.models import Hold, Transfer

ENTRIES, HOLDS = cast(Table, Transfer.__table__), cast(Table, Hold.__table__)
CORRECTIONS = ENTRIES.alias()
# a look for each entry, however the tables grow: an anti-join is planned as a scan of all while they are new
STANDS = select(CORRECTIONS.c.id).where(CORRECTIONS.c.corrects_id == ENTRIES.c.id).scalar_subquery().is_(None)


def _under_the_reference(who: ColumnElement[UUID], of: Table) -> Select[Any]:
    nothing: ColumnElement[int] = literal_column("0")
    return select(literal_column("1"), who, of.c.reason, nothing, nothing, nothing).where(
        of.c.reference == bindparam("reference"))


def _this_month(who: ColumnElement[UUID], of: Table, at: ColumnElement[Any], whose: str, *more: Any) -> Select[Any]:
    return (select(literal_column("0"), who, of.c.reason, func.sum(of.c.amount),
                   func.sum(case((at >= bindparam("day"), of.c.amount), else_=0)),
                   func.sum(case((of.c.place == bindparam("place", type_=String), 1), else_=0)))
            .where(who.in_(bindparam(whose, expanding=True)), at >= bindparam("month"), *more)
            .group_by(who, of.c.reason))


PAST = Question(union_all(                              # one question: each costs a way to the database
    _under_the_reference(ENTRIES.c.to_id, ENTRIES), _under_the_reference(HOLDS.c.person_id, HOLDS),
    _this_month(ENTRIES.c.to_id, ENTRIES, ENTRIES.c.at, "accounts", STANDS),
    _this_month(HOLDS.c.person_id, HOLDS, HOLDS.c.held_at, "persons", HOLDS.c.decision.is_(None))))


class Past(NamedTuple):
    """(reason, person) of everything that was given, held or refused before under a reference; and what the persons
    earned since this month began."""

    dealt_with: set[tuple[str, UUID]]
    earned: Earned


def past_of(person_ids: Collection[UUID], reference: str, place: str | None) -> Past:
    """What came before. The persons' accounts are locked first, so that nobody is given more meanwhile.

    What is held and waits counts as earned: else as much as one likes could be held, and released beyond every cap.
    """
    persons, past = {purse_of(each).id: each for each in person_ids}, Past(set(), Earned())

    def before(day: datetime) -> Sequence[Any]:
        return PAST.ask(reference=reference, accounts=list(persons), persons=list(person_ids), place=place,
                        month=day.replace(day=1), day=day)

    day = today()
    rows = lock_and_ask(map(purse_of, person_ids), partial(before, day))[1]
    if today() != day:                              # it was midnight while the accounts were waited for
        rows = before(today())
    for is_dealt_with, who, reason, month, today_s, times in rows:
        person_id = persons.get(who, who)
        if is_dealt_with:
            past.dealt_with.add((reason, person_id))
        else:
            past.earned.count(person_id, reason, month, today_s, times)
    return past
