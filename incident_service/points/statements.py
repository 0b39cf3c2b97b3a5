"""What became of points, for those whose business it is: a person, a centre, a community."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from incident_service.accounts import Account, Role
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import NotFound
from incident_service.foundation.sheets import harmless
from incident_service.foundation.words import both
from incident_service.points.balances import is_not_taken_back, lines_of, signed
from incident_service.points.budgets import left_in
from incident_service.points.days import local, start_of_year
from incident_service.points.fund_models import Fund
from incident_service.points.funds import purse_of_fund
from incident_service.points.ledger import Purse, purse_of
from incident_service.points.models import Hold, Holder, Reason, Reversal, Transfer, Turn
from incident_service.points.rewards import centre_of
from incident_service.points.shop_models import Centre, Redemption, RedemptionStatus

COLUMNS = (both("时间", "time"), both("变动", "change"), both("结余", "balance"), both("说明", "explanation"),
           both("案卷", "case"), both("状态", "state"))
PENDING, SETTLED = both("公示期内", "pending"), both("已到账", "settled")
BOM = "\ufeff"                                  # else spreadsheets take the Chinese for something else


class CommunityUnknown(NotFound):
    """There is no such community, or none within the caller's area."""
    slug, title = "points-community-unknown", both("没有此社区", "There is no such community")


class Span(NamedTuple):
    """From when, and until when (exclusive)."""

    start: datetime
    end: datetime

    def holds(self, at: Any) -> ColumnElement[bool]:
        """The condition on a time that lies in the span."""
        return and_(at >= self.start, at < self.end)


def as_csv(account_id: UUID, year: int, language: str, case_number: Any) -> str:
    """A person's entries of a year with the balance after each, oldest first, as a file for spreadsheets."""
    mine, now = purse_of(account_id).id, clock.now()
    line, span = lines_of(mine), Span(start_of_year(year), start_of_year(year + 1))
    balance = _balance_before(mine, span.start)
    rows = [[words.in_language(language) for words in COLUMNS]]
    for each in db.session.scalars(select(line).where(span.holds(line.at)).order_by(line.at, line.id)):
        balance += signed(each, mine)
        state = PENDING if each.settles_at and each.settles_at > now else SETTLED
        rows.append([f"{local(each.at):%Y-%m-%d %H:%M:%S}", f"{signed(each, mine):+d}", str(balance),
                     harmless(each.explanation_en if language == "en" else each.explanation_zh),
                     case_number(each) or "", state.in_language(language)])
    return _written(rows)


def _balance_before(mine: UUID, at: datetime) -> int:
    into, out = (db.session.scalar(select(func.coalesce(func.sum(Transfer.amount), 0)).where(
        side == mine, Transfer.at < at)) or 0 for side in (Transfer.to_id, Transfer.from_id))
    return into - out


def _written(rows: Sequence[Sequence[str]]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return BOM + written.getvalue()


class HandedOver(NamedTuple):
    """How much of a reward a centre handed over."""

    reward_id: UUID
    reward_name: str
    redemptions: int
    quantity: int
    points: int


def of_centre(id: UUID, *, by: Account, span: Span) -> dict[str, Any]:
    """What a centre handed over in a span, reward by reward, and what is reserved there now. Raises CentreUnknown."""
    centre = centre_of(id, by=by)
    items = [HandedOver(*row) for row in db.session.execute(
        select(Redemption.reward_id, Redemption.reward_name, func.count(), func.sum(Redemption.quantity),
               func.sum(Redemption.points))
        .where(Redemption.centre_id == centre.id, Redemption.status == RedemptionStatus.HANDED_OVER,
               span.holds(Redemption.ended_at))
        .group_by(Redemption.reward_id, Redemption.reward_name).order_by(Redemption.reward_name, Redemption.reward_id))]
    waiting, points = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Redemption.points), 0))
        .where(Redemption.centre_id == centre.id, Redemption.status == RedemptionStatus.RESERVED)).one()
    return {"centre": centre, "from": span.start, "to": span.end, "items": items, "waiting": waiting,
            "waiting_points": points, "quantity": sum(each.quantity for each in items),
            "points": sum(each.points for each in items)}


CENTRE_COLUMNS = (both("兑换品", "reward"), both("次数", "redemptions"), both("数量", "quantity"),
                  both("福分", "points"))


def centre_as_csv(statement: dict[str, Any], language: str) -> str:
    """The same as a file for spreadsheets."""
    return _written([[words.in_language(language) for words in CENTRE_COLUMNS],
                     *([harmless(each.reward_name), str(each.redemptions), str(each.quantity), str(each.points)]
                       for each in statement["items"])])


def of_community(code: str, *, by: Account, year: int) -> dict[str, Any]:
    """What a community's fund gave in a year and what became of points there. Raises CommunityUnknown.

    Spent is what was reserved or collected at the centres of the community, whoever's fund it once came from.
    """
    if not code.isdigit() or not by.holds(Role.SUPERVISOR, Role.ADMIN, reaching=code):
        raise CommunityUnknown()
    purse, span, now = purse_of_fund(code, year), Span(start_of_year(year), start_of_year(year + 1)), clock.now()
    given = [Transfer.from_id == purse.id, Transfer.reason.in_(list(Reason))]
    fund, bin_ = db.session.get(Fund, purse.id), Purse(Holder.EXPIRED, code).id
    return {
        "area_code": code, "year": year, "earned": _sum(*given),
        "taken_back": _sum(Transfer.to_id == purse.id, Transfer.reason.in_(list(Reversal))),
        "pending": _sum(*given, is_not_taken_back(), Transfer.settles_at > now),
        "settled": _sum(*given, is_not_taken_back(), Transfer.settles_at.is_(None) | (Transfer.settles_at <= now)),
        "held": db.session.scalar(select(func.coalesce(func.sum(Hold.amount), 0)).where(
            Hold.fund == code, Hold.decision.is_(None), span.holds(Hold.held_at))),
        "spent": _sum(Transfer.reason == Turn.REDEMPTION, is_not_taken_back(), span.holds(Transfer.at),
                      Transfer.to_id.in_(list(_counters(code)))),
        "expired": _sum(Transfer.to_id == bin_, span.holds(Transfer.at)) - _sum(
            Transfer.from_id == bin_, span.holds(Transfer.at)),
        "budget": fund.budget if fund else None, "fund_left": left_in(fund.id) if fund else None,
    }


def _sum(*where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.coalesce(func.sum(Transfer.amount), 0)).where(*where)) or 0


def _counters(code: str) -> Iterator[UUID]:
    """The accounts of the centres within a community."""
    for id in db.session.scalars(select(Centre.id).where(Centre.area_code.startswith(code, autoescape=True))):
        yield Purse(Holder.CENTRE, str(id)).id
