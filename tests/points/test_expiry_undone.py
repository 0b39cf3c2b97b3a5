"""Thanks that are taken back after their points expired: each point goes once, and comes back from where it went."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import func, select

from incident_service import points
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import Problem
from incident_service.foundation.transaction import transaction
from incident_service.points import ledger, redemptions
from incident_service.points.ledger import Movement, Purse, purse_of
from incident_service.points.models import Holder, PointsAccount, Transfer, Turn
from tests.factories import an_account
from tests.points.scenes import COMMUNITY, a_reward, reverse, thank

OTHER, THIRD = "360102001002", "360102001003"
EARNED = datetime(2025, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def end_of(year: int) -> datetime:
    """Midnight in Nanchang."""
    return datetime(year, 12, 31, 16, 0, tzinfo=UTC)


@pytest.fixture
def person(app):
    return an_account()


def expire(year: int) -> None:
    """Announce and do what happens at the end of a year."""
    end = end_of(year)
    for moment, verb in ((end - timedelta(days=30), points.announce_expiry), (end, points.expire_old)):
        with clock.stopped(moment):
            verb()


def expired() -> dict[str, int]:
    """What lies where expired points go, by community."""
    moved: Counter[UUID] = Counter()
    for side, sign in ((Transfer.to_id, 1), (Transfer.from_id, -1)):
        for id, amount in db.session.execute(select(side, func.sum(Transfer.amount)).group_by(side)):
            moved[id] += sign * int(amount)
    return {each.holder_key: moved[each.id] for each in db.session.scalars(
        select(PointsAccount).where(PointsAccount.holder == Holder.EXPIRED)) if moved[each.id]}


def test_a_later_run_takes_what_no_earlier_run_took(person):
    with clock.stopped(EARNED):
        thank(person, "a/1", fund=COMMUNITY)
    with clock.stopped(EARNED + DAY):
        thank(person, "b/1", fund=OTHER)
        bought = points.redeem(a_reward().id, quantity=1, by=person)
    expire(2026)
    assert expired() == {OTHER: 10}
    with clock.stopped(end_of(2026) + DAY):
        redemptions.cancel(bought.id, by=person)
    expire(2027)
    assert expired() == {COMMUNITY: 10, OTHER: 10}
    with clock.stopped(end_of(2027) + DAY):
        assert [reverse("a/1"), expired()] == [1, {OTHER: 10}]
        assert [reverse("b/1"), expired()] == [1, {}]
    assert points.of(person.id).balance == 0
    assert points.reconcile().faults == []


def test_what_lies_elsewhere_comes_back_from_there(person):
    """As an installation may have it from when runs took no notice of one another."""
    with clock.stopped(EARNED):
        thank(person, "a/1", fund=COMMUNITY)
    with clock.stopped(end_of(2026)), transaction():
        ledger.lock([purse_of(person.id)])
        mine, bins = purse_of(person.id), {Purse(Holder.EXPIRED, OTHER): 6, Purse(Holder.EXPIRED, THIRD): 4}
        for each in bins:
            ledger.open_account(each)
        ledger.write([Movement(mine, bin_, amount, Turn.EXPIRY, f"2025/{mine.id}", ("", ""))
                      for bin_, amount in bins.items()])
    with clock.stopped(end_of(2026) + DAY):
        assert reverse("a/1") == 1
    assert (points.of(person.id).balance, expired()) == (0, {})
    assert points.reconcile().faults == []


def test_what_was_once_taken_back_from_the_wrong_place_hinders_nothing_later(person):
    """As it may be from then, too: ten points of somebody else's community came back, ours lie in another."""
    for reference, fund in (("a/1", COMMUNITY), ("b/1", OTHER)):
        with clock.stopped(EARNED):
            thank(person, reference, fund=fund)
    with clock.stopped(end_of(2026)), transaction():
        ledger.lock([purse_of(person.id)])
        mine, theirs, ours = purse_of(person.id), Purse(Holder.EXPIRED, COMMUNITY), Purse(Holder.EXPIRED, OTHER)
        for each in (theirs, ours):
            ledger.open_account(each)
        ledger.write([Movement(mine, ours, 20, Turn.EXPIRY, f"2025/{mine.id}", ("", "")),
                      Movement(theirs, mine, 10, Turn.EXPIRY_UNDONE, "a/1", ("", ""))])
    with clock.stopped(end_of(2026) + DAY):
        assert reverse("b/1") == 1
    assert points.reconcile().faults == []


@pytest.mark.parametrize("seed", range(12))
def test_after_years_of_anything_all_that_is_taken_back_went_once(person, seed):
    """Earning, spending, cancelling and taking back at random, with a run of expiry each year; in the end everything is
    taken back, and nothing is left but the debt of what was spent."""
    chance, reward = Random(seed), a_reward(1000, 3, per_person_month_max=1000)
    given: list[str] = []
    for year in range(2025, 2030):
        for n in range(12):
            with clock.stopped(datetime(year, 6, 1, tzinfo=UTC) + n * 15 * DAY):
                step = chance.choice(["thank", "thank", "thank", "spend", "cancel", "reverse"])
                if step == "thank":
                    given.append(f"{year}-{n}/1")
                    thank(person, given[-1], fund=chance.choice([COMMUNITY, OTHER, THIRD]))
                elif step == "spend":
                    buy(reward, chance.randint(1, 5), person)
                elif step == "cancel":
                    give_back(chance, person)
                elif given:
                    reverse(chance.choice(given))
        expire(year)
        assert all(amount > 0 for amount in expired().values())
        assert points.reconcile().faults == []
    for reference in chance.sample(given, len(given)):
        with clock.stopped(end_of(2030)):
            reverse(reference)
        assert points.reconcile().faults == []
    assert expired() == {}
    assert points.of(person.id).balance == -sum(each.points for each in reserved(person))


def buy(reward, quantity, person):
    try:
        points.redeem(reward.id, quantity=quantity, by=person)
    except Problem:
        db.session.rollback()


def give_back(chance, person):
    if some := reserved(person):
        redemptions.cancel(chance.choice(some).id, by=person)


def reserved(person):
    return [each for each in redemptions.own_redemptions(person.id, limit=100, cursor="").items
            if each.status == "reserved"]
