"""Points of a year expire together, announced thirty days before, the oldest spent first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from incident_service import points
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.notifications.models import Notification
from incident_service.points.models import Holder, PointsAccount
from tests.factories import an_account
from tests.points.scenes import COMMUNITY, a_fund, a_reward, reverse, settings, thank

EARNED, NEXT = datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
END = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)         # midnight in Nanchang
NOTICE = END - timedelta(days=30)


@pytest.fixture
def resident(app):
    person = an_account(Role.RESIDENT)
    with clock.stopped(EARNED):
        for n in range(3):
            thank(person, f"old/{n}")
    with clock.stopped(NEXT):
        thank(person, "new/1")
    return person


def at(moment, *verbs):
    with clock.stopped(moment):
        return [verb() for verb in verbs]


def test_what_was_earned_in_a_year_expires_at_the_end_of_the_next(resident, run_jobs):
    at(NOTICE, points.announce_expiry)
    at(END - timedelta(seconds=1), points.expire_old)
    assert points.of(resident.id).balance == 40
    at(END, points.expire_old, points.expire_old)
    assert points.of(resident.id).balance == 10
    assert points.reconcile().faults == []


def test_it_is_announced_thirty_days_before_and_once(resident, run_jobs):
    at(NOTICE - timedelta(days=1), points.announce_expiry)
    assert run_jobs() == 0
    at(NOTICE, points.announce_expiry, points.announce_expiry)
    with clock.stopped(NOTICE + timedelta(minutes=1)):
        run_jobs()
    told, = db.session.scalars(select(Notification).where(Notification.account_id == resident.id))
    assert (told.kind, told.title_zh) == ("points_expiring", "您有 30 分邻里福分将于 2027-01-01 到期，请及时兑换")


def test_nothing_expires_unannounced(resident):
    at(END, points.expire_old)
    assert points.of(resident.id).balance == 40
    at(END, points.announce_expiry, points.expire_old)
    assert points.of(resident.id).balance == 40
    at(END + timedelta(days=30), points.expire_old)
    assert points.of(resident.id).balance == 10


@pytest.mark.parametrize(("quantity", "left"), [(1, 10), (3, 10), (4, 0)])
def test_the_oldest_points_are_spent_first(resident, quantity, left):
    reward = a_reward()
    with clock.stopped(NEXT + timedelta(days=1)):
        points.redeem(reward.id, quantity=quantity, by=resident)
    at(NOTICE, points.announce_expiry)
    at(END, points.expire_old)
    assert points.of(resident.id).balance == left
    assert points.reconcile().faults == []


def test_what_was_taken_back_does_not_expire_as_well(resident):
    reverse("old/1")
    at(NOTICE, points.announce_expiry)
    at(END, points.expire_old)
    assert points.of(resident.id).balance == 10


@pytest.mark.parametrize(("taken", "spent", "left"), [
    (["old/2"], 0, 10), (["old/0", "old/1", "old/2"], 0, 10), (["new/1"], 0, 0),
    (["old/0"], 1, 0), (["old/1"], 1, 10), (["old/0", "old/1", "old/2"], 1, 0)])
def test_what_has_expired_is_not_taken_back_once_more(resident, taken, spent, left):
    """What was spent before is owed; and later years expire as if what was taken back had never been."""
    if spent:
        reward = a_reward()
        with clock.stopped(NEXT + timedelta(days=1)):
            points.redeem(reward.id, quantity=spent, by=resident)
    at(NOTICE, points.announce_expiry)
    at(END, points.expire_old)
    with clock.stopped(END + timedelta(days=1)):
        for reference in taken:
            assert reverse(reference) == 1
            assert reverse(reference) == 0
    assert points.of(resident.id).balance == left
    assert points.reconcile().faults == []
    later = END + timedelta(days=365)
    at(later - timedelta(days=30), points.announce_expiry)
    at(later, points.expire_old)
    assert points.of(resident.id).balance == 0
    assert points.reconcile().faults == []


def test_it_is_known_of_which_communities_fund_they_were(app):
    person = an_account()
    with clock.stopped(EARNED):
        thank(person, "a/1", fund="360102001002")
        thank(person, "b/1", fund=COMMUNITY)
    at(NOTICE, points.announce_expiry)
    at(END, points.expire_old)
    holders = db.session.scalars(select(PointsAccount.holder_key).where(PointsAccount.holder == Holder.EXPIRED))
    assert sorted(holders) == [COMMUNITY, "360102001002"]


def test_a_city_may_let_points_live_for_ever(app, resident):
    with settings(app, POINTS_KEEP_YEARS=0):
        at(NOTICE, points.announce_expiry)
        at(END + timedelta(days=400), points.expire_old)
    assert points.of(resident.id).balance == 40


def test_supervisors_are_told_once_when_a_fund_is_spent_by_four_fifths(app, run_jobs):
    supervisor = an_account(Role.SUPERVISOR, COMMUNITY[:9])
    a_fund(50)
    for n in range(4):
        assert points.watch_funds() == 0
        thank(an_account(), f"{n}/1")
    assert [points.watch_funds(), points.watch_funds()] == [1, 0]
    run_jobs()
    told, = db.session.scalars(select(Notification).where(Notification.account_id == supervisor.id))
    assert (told.kind, told.title_zh.endswith("仅余 10 / 50")) == ("fund_low", True)
    a_fund(100)
    assert points.watch_funds() == 0
