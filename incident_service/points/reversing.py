"""Taking thanks back: a counter-entry for what was given, and no more waiting for what was held."""

from collections import Counter
from uuid import UUID

from sqlalchemy import bindparam, select

from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import current_unit, for_update
from incident_service.foundation.words import Words
from incident_service.points import expiry, funds, ledger
from incident_service.points.balances import is_not_taken_back
from incident_service.points.ledger import purse_of
from incident_service.points.models import Decision, Hold, PointsAccount, Reason, Reversal, Transfer

HELD = select(Hold).where(Hold.reference == bindparam("reference")).order_by(Hold.id)
GIVEN = (select(Transfer).where(Transfer.reference == bindparam("reference"), Transfer.reason.in_(list(Reason)),
                                is_not_taken_back()).order_by(Transfer.id))
PERSONS = Question(
    select(PointsAccount.holder_key).join(Transfer, Transfer.to_id == PointsAccount.id)
    .where(Transfer.reference == bindparam("reference"), Transfer.reason.in_(list(Reason))))


def reverse(*, reference: str, reason: Reversal, because: Words) -> int:
    """Take back all that was given or is held under a reference; how many entries were answered by a counter-entry.

    Points go back into the fund they came from; who has spent theirs owes them and earns them back, and what has
    expired is not lost a second time. Safe to repeat:
    an entry is answered once. Whoever calls it holds what the reference stands for, so that nobody gives meanwhile.
    Must be called inside a transaction. `because` tells the owner why.
    """
    current_unit()
    held = db.session.scalars(for_update(HELD), {"reference": reference}).all()
    ledger.lock({purse_of(each) for each in _persons(reference)})
    given = db.session.scalars(GIVEN, {"reference": reference}).all()
    for each in held:
        if each.decision is None:
            each.decision, each.decided_at, each.note = Decision.REFUSED, clock.now(), because.in_language("zh")
    back: Counter[UUID] = Counter()
    for entry in given:
        back[entry.from_id] += entry.amount
    funds.put_back(back)
    if given:
        ledger.take_back(given, reason=reason, because=because)
        expiry.undo(given)
    return len(given)


def _persons(reference: str) -> set[UUID]:
    """Whoever was given something under a reference."""
    return {UUID(key) for key, in PERSONS.ask(reference=reference)}
