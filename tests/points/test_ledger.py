"""Points only move; one thing is thanked for once; all balances together are zero."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from incident_service import points
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.points import Reason
from incident_service.points.models import Transfer
from tests.factories import an_account

COMMUNITY = "360111001001"


def thank(account, reference="20261120-AAAAAAAA/1", reason=Reason.FIRST_REPORT, category="fire_lane"):
    with transaction():
        return points.award(account.id, reason=reason, reference=reference, category=category, fund=COMMUNITY,
                            because=both("消防通道占用 · 首报", "Fire lane blocked · first report"))


def test_one_thing_is_thanked_for_once(app):
    somebody = an_account()
    assert thank(somebody)
    assert not thank(somebody)
    assert thank(somebody, "20261120-BBBBBBBB/1")
    assert points.of(somebody.id).balance == 20


def test_what_a_person_has_a_fund_has_given(app):
    for _ in range(3):
        thank(an_account())
    reckoning = points.reconcile()
    assert (reckoning.transfers, reckoning.accounts, reckoning.total, reckoning.faults) == (3, 4, 0, [])


def test_many_workers_thanking_at_once_thank_once(app):
    somebody = an_account()
    db.session.rollback()

    def thank_in_a_thread(_):
        with app.app_context():
            return thank(somebody)

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(thank_in_a_thread, range(8)))
    assert given.count(True) == 1
    assert points.of(somebody.id).balance == 10


def test_a_category_s_own_line_of_the_tariff_counts_before_the_general_one(app):
    somebody = an_account()
    thank(somebody, category="suggestion")
    assert points.of(somebody.id).balance == 5


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"amount": -5}, {"to_id": None}])
def test_the_table_refuses_what_must_never_be(app, wrong):
    thank(an_account())
    first = db.session.scalars(select(Transfer)).one()
    if "to_id" in wrong:
        wrong = {"to_id": first.from_id}
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(update(Transfer).values(**wrong))


def test_a_balance_is_the_sum_of_its_lines(phone_of):
    somebody = an_account()
    for number in range(5):
        thank(somebody, f"20261120-{number:08}/1")
    phone = phone_of(somebody)
    page = phone.get("/me/points/entries?limit=3").json
    rest = phone.get(f"/me/points/entries?limit=3&cursor={page['next_cursor']}").json
    lines = page["items"] + rest["items"]
    assert (len(lines), rest["next_cursor"]) == (5, None)
    assert sum(line["amount"] for line in lines) == phone.get("/me/points").json["balance"] == 50
    assert lines[0]["explanation"] == "消防通道占用 · 首报 · +10"
    english = phone.get("/me/points/entries", **{"Accept-Language": "en"}).json["items"][0]
    assert english["explanation"] == "Fire lane blocked · first report · +10"


def test_the_command_proves_the_ledger(app):
    thank(an_account())
    result = app.test_cli_runner().invoke(args=["points", "reconcile", "--language", "en"])
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "1 transfers, 2 accounts, all balances together 0; 0 faults"


def test_nothing_is_given_outside_a_transaction(app):
    with pytest.raises(RuntimeError):
        points.award(new_id(), reason=Reason.FIRST_REPORT, reference="x", category="fire_lane", fund=COMMUNITY,
                     because=both("", ""))
    assert db.session.scalar(select(func.count(Transfer.id))) == 0
