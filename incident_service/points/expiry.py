"""Points that nobody spends expire: those of one year together, at the end of a later one, announced before.

What is spent is the oldest first. So of what was earned by the end of a year, as much expires as was not spent since
(`losses` says of which entries).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import bindparam, func, select

from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.points import ledger, losses
from incident_service.points.balances import is_not_taken_back, unsettled
from incident_service.points.days import local, start_of_year
from incident_service.points.ledger import Movement, Purse, purse_of
from incident_service.points.losses import Earned, Run
from incident_service.points.models import Holder, PointsAccount, Reason, Transfer, Turn
from incident_service.points.telling import ring

EXPIRED = both("{year} 年度福分到期", "points of {year} expired")
UNDONE = both("到期部分不重复扣回", "what had expired is not taken back once more")
SOON = both("您有 {points} 分邻里福分将于 {day} 到期，请及时兑换",
            "{points} of your points expire on {day}; spend them before")
SPENT = Question(select(func.sum(Transfer.amount)).where(
    Transfer.from_id == bindparam("id"), Transfer.corrects_id.is_(None), is_not_taken_back()))
EXPIRY_UNDONE = Question(select(func.sum(Transfer.amount)).where(
    Transfer.to_id == bindparam("id"), Transfer.reason == Turn.EXPIRY_UNDONE))
EARNED_BEFORE = Question(select(func.sum(Transfer.amount)).where(
    Transfer.to_id == bindparam("id"), Transfer.reason.in_(list(Reason)), is_not_taken_back(),
    Transfer.at < bindparam("before")))
HOLDER_KEY = select(PointsAccount.holder_key).where(PointsAccount.id == bindparam("id"))


def announce_expiry(*, batch: int = 1000) -> int:
    """Tell everybody whose points expire soon, POINTS_EXPIRY_NOTICE_DAYS before; how many accounts were looked at.

    Safe to repeat, and by several: a year is announced to a person once.
    """
    return _for_each(_last_year(clock.now() + _notice()), PointsAccount.announced_through, _announce, batch)


def expire_old(*, batch: int = 1000) -> int:
    """Let expire what is past its year and was announced long enough before; how many accounts were looked at.

    Safe to repeat, and by several: a year expires for a person once.
    """
    through = _last_year(clock.now())
    return _for_each(through, PointsAccount.expired_through, _expire, batch, PointsAccount.announced_through >= through,
                     PointsAccount.announced_at <= clock.now() - _notice())


def _notice() -> timedelta:
    return timedelta(days=current_app.config["POINTS_EXPIRY_NOTICE_DAYS"])


def _last_year(at: datetime) -> int:
    """The last year whose points are past their life at a moment; 0 where they live for ever."""
    keep = current_app.config["POINTS_KEEP_YEARS"]
    return local(at).year - 1 - keep if keep else 0


def _for_each(through: int, mark: Any, do: Callable[[PointsAccount, int], None], batch: int,
              *when: Any) -> int:
    wanted: list[Any] = [PointsAccount.holder == Holder.PERSON, PointsAccount.total > 0, mark < through, *when]
    ids = db.session.scalars(select(PointsAccount.id).where(*wanted).limit(batch)).all()
    for id in ids:
        with transaction():
            account = db.session.scalar(for_update(select(PointsAccount).where(PointsAccount.id == id, *wanted)))
            if account is not None:
                do(account, through)
    return len(ids)


def _announce(account: PointsAccount, through: int) -> None:
    account.announced_through, account.announced_at = through, clock.now()
    if points := due(account.id, through):
        day = max(start_of_year(through + 1 + current_app.config["POINTS_KEEP_YEARS"]), local(clock.now() + _notice()))
        ring(account.holder_key, "points_expiring", str(through),
             both(SOON.zh, SOON.en, points=points, day=f"{day:%Y-%m-%d}"))


def _expire(account: PointsAccount, through: int) -> None:
    spendable = (account.total or 0) - unsettled(account.id)
    points = max(0, min(due(account.id, through), spendable))
    account.expired_through = through
    db.session.flush()
    if not points:
        return
    owner, words = purse_of(UUID(account.holder_key)), both(EXPIRED.zh, EXPIRED.en, year=through)
    movements = []
    shares: Counter[str] = Counter()
    for each, lost in losses.of(account.id, Run(through, points, clock.now()))[-1].items():
        shares[each.community] += lost
    for community, share in sorted(shares.items()):
        bin_ = Purse(Holder.EXPIRED, community)
        ledger.open_account(bin_)
        movements.append(Movement(owner, bin_, share, Turn.EXPIRY, f"{through}/{owner.id}", ledger.said(words)))
    ledger.write(movements)


def due(account_id: UUID, through: int) -> int:
    """What was earned by the end of a year and is not spent, nor expired before."""
    spent = (SPENT.ask(id=account_id)[0][0] or 0) - (EXPIRY_UNDONE.ask(id=account_id)[0][0] or 0)
    earned = EARNED_BEFORE.ask(id=account_id, before=start_of_year(through + 1))[0][0] or 0
    return max(0, earned - spent)


def undo(entries: Sequence[Transfer]) -> None:
    """Let what had expired of these entries, which are being taken back, come back from where it went: it was lost to
    its owner then, and is not lost twice. The owners' accounts must be locked."""
    taken = {each.id for each in entries}
    for owner_id in sorted({each.to_id for each in entries}):
        lost = sum(losses.of(owner_id), Counter())
        if mine := {each: lost[each] for each in sorted(lost) if each.id in taken}:
            ledger.write(_ways_back(owner_id, mine))


def _ways_back(owner_id: UUID, lost: Mapping[Earned, int]) -> list[Movement]:
    """From the community of each entry as far as it lies there, and the rest from where it does."""
    owner = Purse(Holder.PERSON, db.session.execute(HOLDER_KEY, {"id": owner_id}).scalar_one())
    there, movements = losses.kept_of(owner_id), []
    for each, points in lost.items():
        left = points
        for community in (each.community, *sorted(there.keys() - {each.community})):
            if (share := min(left, there[community])) > 0:
                movements.append(Movement(Purse(Holder.EXPIRED, community), owner, share, Turn.EXPIRY_UNDONE,
                                          f"{each.reference}#{each.id}/{community}", ledger.said(UNDONE)))
                there[community] -= share
                left -= share
    return movements
