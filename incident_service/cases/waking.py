"""Finding what has become due: one look at an index, whatever the number of open cases."""

from sqlalchemy import select, update

from incident_service.cases.models import Case
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.transaction import let_go, transaction

AT_ONCE = 500


def wake_due(*, batch: int = AT_ONCE) -> int:
    """Promise a look at every case whose moment has come, the longest waiting first; how many those were.

    Safe to repeat, and by several at once: a case is passed on with its moment taken away in one transaction, and one
    that somebody is changing at this instant is left for the next time.
    """
    found = 0
    while True:
        promised = _promise(batch)
        found += promised
        if promised < batch:
            return found


def _promise(batch: int) -> int:
    due = select(Case.id).where(Case.wakes_at <= clock.now()).order_by(Case.wakes_at).limit(batch)
    if not db.session.execute(due.limit(1)).first():
        let_go()
        return 0
    with transaction():
        ids = list(db.session.scalars(due.with_for_update(skip_locked=True)))
        db.session.execute(update(Case).where(Case.id.in_(ids)).values(wakes_at=None)
                           .execution_options(synchronize_session=False))
        for case_id in ids:
            enqueue("workers.routing.look_at_case", case_id=str(case_id))
    return len(ids)
