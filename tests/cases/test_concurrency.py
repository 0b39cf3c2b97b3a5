"""Two people press different buttons at the same second: one wins, the other is told what happened."""

import pytest
from sqlalchemy import func, select

from incident_service.cases.models import Case, CaseEvent
from incident_service.foundation.database import db
from tests.cases.buttons import all_at_once
from tests.factories import a_picture


@pytest.fixture
def number(town, phone_of, run_jobs) -> str:
    """A case that is rectified."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    return number


def test_closing_and_rework_at_once(app, number, town, phone_of):
    """The loser's refusal names the winner's move, when it was and in what part it was made, but nobody."""
    names = {town.desk.name, town.supervisor.name}
    answers = all_at_once(app, [(phone_of(town.desk), f"/cases/{number}/closure", {}),
                                (phone_of(town.supervisor), f"/cases/{number}/rework", {"note": "仍有车辆"})] * 3)
    won = {path for path, status, _ in answers if status == 200}
    lost = [(path, body) for path, status, body in answers if status != 200]
    assert len(won) == 1 and {status for _, status, _ in answers} == {200, 409}
    (winner,) = won
    move, part, case_status = {"closure": ("close", "desk", "closed"),
                               "rework": ("rework", "supervisor", "rework")}[winner]
    for path, body in lost:
        assert (path != winner or winner == "rework") and body["case_status"] == case_status
        assert (body["happened"]["move"], body["happened"]["by"]) == (move, part)
        assert body["happened"]["at"] and "allowed" in body
        assert not any(name in str(body) for name in names)
    counted = db.session.scalar(select(func.count()).where(CaseEvent.move == move).select_from(CaseEvent))
    assert (counted, db.session.scalars(select(Case)).one().status) == (1, case_status)


def test_a_refusal_says_what_the_platform_or_the_reporter_did(town, phone_of, run_jobs):
    number = phone_of(town.resident).report().json["case_number"]
    assert phone_of(town.desk).post(f"/cases/{number}/closure").json["happened"] | {"at": None} == {
        "move": "report", "at": None, "by": "reporter"}
    run_jobs()
    assert phone_of(town.desk).post(f"/cases/{number}/closure").json["happened"] | {"at": None} == {
        "move": "dispatch", "at": None, "by": "platform"}


MOVES = {"acceptance", "return", "transfer", "rectification", "closure", "check", "rework", "voiding", "amendment",
         "condition", "reopening", "comments", "appeal", "appeal/decision", "review"}


def test_every_move_takes_a_key_and_says_how_it_is_refused(client):
    """From the API document: each POST below a case honours Idempotency-Key; what changes it honours If-Match."""
    paths = client.get("/api/openapi.json").json["paths"]
    posts = {path.removeprefix("/api/v1/cases/{number}/"): each["post"] for path, each in paths.items()
             if path.startswith("/api/v1/cases/{number}/") and "post" in each}
    assert set(posts) >= MOVES
    for name in MOVES:
        headers = {each.get("name") for each in posts[name].get("parameters", ())}
        assert "Idempotency-Key" in headers, name
        if name != "comments":
            assert "If-Match" in headers and {"409", "412"} <= set(posts[name]["responses"]), name
