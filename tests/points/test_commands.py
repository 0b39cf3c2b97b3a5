"""`flask points reconcile` proves the ledger, or names what does not add up."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from incident_service import points
from incident_service.foundation.database import db, is_postgresql, new_id
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.points import Reason, Reversal
from incident_service.points.commands import points_commands
from tests.factories import an_account
from tests.points.scenes import a_fund


def reconcile(app: Flask) -> Result:
    """What the command says."""
    return app.test_cli_runner().invoke(points_commands, ["reconcile", "--language", "en"])


def thank(times: int) -> None:
    person = an_account().id
    with transaction():
        for n in range(times):
            points.award(person, reason=Reason.FIRST_REPORT, reference=f"20261120-AAAAAAAA/{n}", category="fire_lane",
                         fund="360102001001", because=both("消防通道占用 · 首报", "Fire lane blocked · first report"))


def test_a_ledger_in_order(app: Flask):
    thank(3)
    result = reconcile(app)
    assert (result.exit_code, result.output) == (
        0, "3 transfers, 2 accounts, all balances together 0; 0 faults\n")


def test_a_transfer_to_nobody_is_named(app: Flask):
    """No client of ours can write it: foreign keys are switched off, as somebody at the database itself might."""
    thank(2)
    keys_off = "SET session_replication_role = replica" if is_postgresql() else "PRAGMA foreign_keys=OFF"
    somebody = db.engine.raw_connection()
    cursor = somebody.cursor()
    cursor.execute(keys_off)
    cursor.execute(f"UPDATE points_transfer SET to_id = '{new_id().hex}' WHERE reference LIKE '%/1'")
    somebody.commit()
    somebody.invalidate()
    result = reconcile(app)
    assert result.exit_code == 1
    named, uneven, total, summary = result.output.splitlines()
    assert named.endswith("names an account that does not exist")
    assert uneven == "all balances together are -10, not 0"
    assert total.endswith("shows 20, its entries say 10")
    assert summary == "2 transfers, 2 accounts, all balances together -10; 3 faults"


@pytest.mark.parametrize(("statement", "named"), [
    ("UPDATE points_account SET total = total + 1 WHERE holder = 'person'", "shows 31, its entries say 30"),
    ("UPDATE points_fund_slice SET points = points + 1 WHERE number = 3", "has 71 left, its entries say 70"),
    ("UPDATE points_transfer SET amount = amount - 1 WHERE corrects_id IS NOT NULL",
     "does not mirror the entry it takes back"),
])
def test_whatever_is_kept_beside_the_entries_is_compared_with_them(app: Flask, statement, named):
    a_fund(100)
    thank(4)
    with transaction():
        points.reverse(reference="20261120-AAAAAAAA/0", reason=Reversal.VOIDED, because=both("作废", "void"))
    assert reconcile(app).exit_code == 0
    with transaction():
        db.session.execute(text(statement))
    result = reconcile(app)
    assert result.exit_code == 1
    assert any(line.endswith(named) for line in result.output.splitlines())
