"""What points buy: reserved in one step, collected once, given back; never oversold, never spent twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from incident_service import accounts, points
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.idempotency import IdempotentRequest
from incident_service.foundation.problems import Conflict
from incident_service.foundation.transaction import transaction
from incident_service.points import redemptions
from incident_service.points.shop_models import Redemption, Reward
from tests.factories import an_account
from tests.points.scenes import COMMUNITY, a_reward, reverse, settings, somebody_with, thank


def stock_of(reward) -> int:
    return db.session.scalar(select(Reward.stock).where(Reward.id == reward.id))


@pytest.fixture
def desk(app, phone_of):
    return phone_of(an_account(Role.DESK, COMMUNITY[:9]))


def test_points_and_stock_are_reserved_in_one_step_and_handed_over_once(phone_of, desk):
    reward, buyer = a_reward(stock=3), somebody_with(30)
    phone = phone_of(buyer)
    bought = phone.post("/redemptions", {"reward_id": str(reward.id), "quantity": 2})
    assert (bought.status_code, bought.json["points"], stock_of(reward)) == (201, 20, 1)
    assert phone.get("/me/points").json == {"balance": 10, "pending": 0}
    line = phone.get("/me/points/entries").json["items"][0]
    assert (line["amount"], line["explanation"], line["case_number"]) == (-20, "兑换 大米 1 kg × 2 · -20", None)
    code = bought.json["code"]
    handed = desk.post(f"/redemptions/{code.lower().replace('-', '')}/handover")
    assert (handed.status_code, handed.json["status"], "code" in handed.json) == (200, "handed_over", False)
    assert desk.post(f"/redemptions/{code}/handover").json["type"] == "/problems/redemption-ended"
    assert phone.post(f"/me/redemptions/{bought.json['id']}/cancellation").status_code == 409
    assert points.reconcile().faults == []


def test_the_code_is_kept_nowhere_and_shown_again_to_its_owner_alone(phone_of):
    buyer = somebody_with(10)
    phone, body = phone_of(buyer), {"reward_id": str(a_reward().id)}
    answers = [phone.post("/redemptions", body, **{"Idempotency-Key": "once"}).json for _ in range(2)]
    assert answers[0] == answers[1]
    code, id = answers[0]["code"], answers[0]["id"]
    bare = code.replace("-", "")
    kept = [*db.session.scalars(select(IdempotentRequest.body)), *db.session.scalars(select(Redemption.code_hash))]
    assert not any(bare in str(each) or code in str(each) for each in kept)
    assert phone.get("/me/redemptions").json["items"][0]["code"] == code
    picture = phone.get(f"/me/redemptions/{id}/code.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert phone_of(an_account(Role.RESIDENT)).get(f"/me/redemptions/{id}/code.svg").status_code == 404


@pytest.mark.parametrize(("role", "area", "status"), [
    (Role.DESK, COMMUNITY, 200), (Role.DESK, "360102002", 404), (Role.SUPERVISOR, "3601", 403)])
def test_only_a_desk_of_the_centre_hands_over(phone_of, role, area, status):
    code = phone_of(somebody_with(10)).post("/redemptions", {"reward_id": str(a_reward().id)}).json["code"]
    assert phone_of(an_account(role, area)).post(f"/redemptions/{code}/handover").status_code == status


def test_nobody_hands_over_to_themselves(phone_of):
    clerk = accounts.add_person("13900777001", "某人", roles=[
        accounts.Grant(Role.DESK, "3601"), accounts.Grant(Role.RESIDENT, "3601")])
    thank(clerk)
    phone = phone_of(clerk)
    code = phone.post("/redemptions", {"reward_id": str(a_reward().id)}).json["code"]
    assert phone.post(f"/redemptions/{code}/handover").json["type"] == "/problems/redemption-own"


def test_a_cancelled_reservation_gives_points_and_stock_back_once(phone_of, desk):
    reward, buyer = a_reward(stock=1), somebody_with(10)
    phone = phone_of(buyer)
    bought = phone.post("/redemptions", {"reward_id": str(reward.id)}).json
    again = [phone.post(f"/me/redemptions/{bought['id']}/cancellation").json["status"] for _ in range(2)]
    assert (again, stock_of(reward), points.of(buyer.id)) == (["cancelled"] * 2, 1, (10, 0))
    assert desk.post(f"/redemptions/{bought['code']}/handover").status_code == 409
    assert points.reconcile().faults == []


def test_what_is_not_collected_in_time_is_given_back(phone_of, desk):
    reward, buyer = a_reward(collect_days=2), somebody_with(10)
    bought = phone_of(buyer).post("/redemptions", {"reward_id": str(reward.id)}).json
    with clock.stopped(clock.now() + timedelta(days=2, minutes=1)):
        with pytest.raises(redemptions.RedemptionEnded):
            redemptions.hand_over(bought["code"], by=accounts.find(desk.account.id))
        assert [points.end_stale_redemptions(), points.end_stale_redemptions()] == [1, 0]
    assert (stock_of(reward), points.of(buyer.id)) == (10, (10, 0))
    assert points.reconcile().faults == []


def test_pending_points_buy_nothing(app, phone_of):
    reward, buyer = a_reward(), an_account(Role.RESIDENT)
    with settings(app, POINTS_OBJECTION_DAYS=3):
        thank(buyer)
    refused = phone_of(buyer).post("/redemptions", {"reward_id": str(reward.id)})
    assert (refused.status_code, refused.json["balance"], refused.json["cost"]) == (409, 0, 10)
    assert stock_of(reward) == 10


def test_who_owes_points_earns_them_back_first(phone_of):
    reward, buyer = a_reward(), somebody_with(10)
    phone = phone_of(buyer)
    phone.post("/redemptions", {"reward_id": str(reward.id)})
    reverse(f"{buyer.id}/0")
    assert points.of(buyer.id) == (-10, 0)
    thank(buyer)
    assert phone.post("/redemptions", {"reward_id": str(reward.id)}).json["balance"] == 0
    thank(buyer, "more/1")
    assert phone.post("/redemptions", {"reward_id": str(reward.id)}).status_code == 201


@pytest.mark.parametrize(("terms", "status"), [
    ({"offered_from": timedelta(hours=1)}, 404), ({"offered_to": timedelta(hours=-1)}, 404),
    ({"offered_from": timedelta(hours=-1), "offered_to": timedelta(hours=1)}, 201), ({"stock": 0}, 409),
    ({"is_offered": False}, 404)])
def test_a_reward_is_had_while_it_is_offered_and_there(phone_of, terms, status):
    now = clock.now()
    reward = a_reward(**{name: now + value if isinstance(value, timedelta) else value for name, value in terms.items()})
    phone = phone_of(somebody_with(10))
    assert phone.post("/redemptions", {"reward_id": str(reward.id)}).status_code == status
    assert len(phone.get("/rewards").json["items"]) == (status != 404)


def test_a_month_s_limit_for_one_person_holds_until_the_next_month(phone_of):
    reward, buyer = a_reward(per_person_month_max=2), somebody_with(50)
    phone, body = phone_of(buyer), {"reward_id": str(reward.id), "quantity": 2}
    first = phone.post("/redemptions", body)
    assert phone.post("/redemptions", body | {"quantity": 1}).json["type"] == "/problems/reward-limit-reached"
    phone.post(f"/me/redemptions/{first.json['id']}/cancellation")
    assert phone.post("/redemptions", body).status_code == 201
    with clock.stopped(clock.now() + timedelta(days=32)):
        assert points.redeem(reward.id, quantity=1, by=buyer).quantity == 1


def test_stock_is_changed_by_what_is_brought_in(phone_of):
    reward = a_reward(stock=2)
    admin = phone_of(an_account(Role.ADMIN, "3601"))
    assert admin.post(f"/rewards/{reward.id}/stock", {"change": 3}).json["stock"] == 5
    assert admin.post(f"/rewards/{reward.id}/stock", {"change": -6}).json["type"] == "/problems/reward-stock-too-low"
    assert admin.post(f"/rewards/{reward.id}", {"price": 20}, method="PATCH").json["price"] == 20
    assert phone_of(an_account(Role.DESK, "360102002")).post(f"/rewards/{reward.id}/stock",
                                                             {"change": 1}).status_code == 404
    assert points.reconcile().faults == []


@pytest.mark.parametrize("body", [{"quantity": 0}, {"quantity": -1}, {"quantity": 101}, {"quantity": "1"}, {}])
def test_bad_quantities_are_refused(phone_of, body):
    reward = {} if body == {} else {"reward_id": str(a_reward().id)}
    assert phone_of(somebody_with(10)).post("/redemptions", reward | body).status_code == 422


def test_the_tables_refuse_overselling(app):
    reward = a_reward(stock=1)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(update(Reward).where(Reward.id == reward.id).values(stock=-1))


def test_a_hundred_buyers_at_once_get_what_is_there_and_no_more(app):
    """Each has points for one and presses twice."""
    count = 100 if is_postgresql() else 24
    reward, buyers = a_reward(stock=30).id, [somebody_with(10).id for _ in range(count // 2)]
    db.session.rollback()
    start = threading.Barrier(count, timeout=60)

    def buy(place):
        with app.app_context():
            buyer = accounts.find(buyers[place // 2])           # each presses twice
            db.session.rollback()
            start.wait()
            try:
                return points.redeem(reward, quantity=1, by=buyer).points
            except Conflict as refused:
                return refused.slug

    with ThreadPoolExecutor(count) as pool:
        outcome = list(pool.map(buy, range(count)))
    sold = outcome.count(10)
    assert sold == min(30, count // 2)
    assert set(outcome) <= {10, "reward-sold-out", "points-not-enough"}
    assert db.session.get_one(Reward, reward).stock == 30 - sold
    assert all(points.of(each).balance >= 0 for each in buyers)
    assert points.reconcile().faults == []
