"""A desk moves many cases at once: each by itself, and the answer says what came of each."""

import pytest
from sqlalchemy import func, select

from incident_service.accounts import Role
from incident_service.cases import Case, CaseEvent, Move, Status
from incident_service.foundation.database import db
from tests.factories import a_picture, an_account


@pytest.fixture
def some(town, phone_of, run_jobs):
    """A rectified case, one still dispatched, and one in another district."""
    numbers = [phone_of(town.resident).report(latitude=28.69 + n / 5000).json["case_number"] for n in range(2)]
    run_jobs()
    manager = phone_of(town.manager)
    manager.post(f"/cases/{numbers[0]}/acceptance")
    manager.send(f"/cases/{numbers[0]}/rectification", {}, [a_picture()])
    run_jobs()
    return numbers


def statuses():
    return dict(db.session.execute(select(Case.number, Case.status)).all())


def test_what_can_be_closed_is_closed_and_the_rest_says_why_not(some, town, phone_of):
    done, waiting = some
    wanted = [waiting, done, "20261101-NOBODY", done]
    answer = phone_of(town.desk).post("/cases/moves", {"move": "close", "numbers": wanted})
    assert answer.status_code == 200
    assert answer.json["moved"] == 1
    items = answer.json["items"]
    assert [(each["number"], each["status"], each["problem"] and each["problem"]["type"]) for each in items] == [
        (waiting, None, "/problems/case-wrong-turn"), (done, "closed", None),
        ("20261101-NOBODY", None, "/problems/case-unknown")]
    assert items[0]["problem"]["allowed"]
    assert statuses() == {done: Status.CLOSED, waiting: Status.DISPATCHED}


def test_cases_the_desk_may_not_see_are_unknown_and_stay(some, town, phone_of):
    elsewhere = phone_of(an_account(Role.DESK, "360199"))
    answer = elsewhere.post("/cases/moves", {"move": "void", "numbers": some, "reason": "spam", "note": "无"})
    assert [each["problem"]["status"] for each in answer.json["items"]] == [404, 404]
    assert set(statuses().values()) == {Status.RECTIFIED, Status.DISPATCHED}


def test_a_repeated_key_moves_nothing_twice(some, town, phone_of):
    desk = phone_of(town.desk)
    body = {"move": "check", "numbers": some[:1], "note": "看过了"}
    answers = [desk.post("/cases/moves", body, **{"Idempotency-Key": "k"}).json for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["moved"] == 1
    assert db.session.scalar(select(func.count()).select_from(CaseEvent).where(CaseEvent.move == Move.CHECK)) == 1


@pytest.mark.parametrize(("body", "pointer"), [
    ({"move": "void", "numbers": ["x"], "note": "无"}, "#/reason"),
    ({"move": "rework", "numbers": ["x"]}, "#/note"),
    ({"move": "close", "numbers": ["x"], "reason": "spam"}, "#/reason"),
    ({"move": "accept", "numbers": ["x"]}, "#/move"),
    ({"move": "close", "numbers": []}, "#/numbers"),
    ({"move": "close", "numbers": ["x"] * 51}, "#/numbers"),
])
def test_a_move_takes_what_it_takes(town, phone_of, body, pointer):
    answer = phone_of(town.desk).post("/cases/moves", body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].startswith(pointer)


def test_only_a_desk_moves_many(some, town, phone_of):
    assert phone_of(town.manager).post("/cases/moves", {"move": "close", "numbers": some}).status_code == 403
