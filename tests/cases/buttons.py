"""How each move is made over HTTP: the least that is valid, whoever presses, one after the other or all at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Flask

from incident_service import catalogue
from incident_service.cases.workflow import Move
from incident_service.demo.caller import form
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.factories import Phone, a_picture

SMALL = (160, 120)


class Button(NamedTuple):
    """Where a move is sent, what goes with it, and whether a picture does."""

    path: str
    body: dict[str, Any]
    has_picture: bool = False


def press(phone: Phone, move: Move, facts: dict[str, str], **headers: str) -> Any:
    """Make a move on the case of `facts` (`number`, `report`, `responder`, `other`); the answer, whatever it is."""
    path, body, has_picture = (BUTTONS | LATER)[move](facts)
    path = path.format(**facts)
    return phone.send(path, body, [a_picture(size=SMALL)], **headers) if has_picture else phone.post(
        path, body, **headers)


class Answer(NamedTuple):
    """What came of a press."""

    path: str
    status: int
    json: dict[str, Any]


def all_at_once(app: Flask, presses: Sequence[tuple[Phone, str, dict[str, Any]]]) -> list[Answer]:
    """Send each body to each path in a thread of its own; a rectification goes with a picture."""
    db.session.rollback()

    def press_one(each: tuple[Phone, str, dict[str, Any]]) -> Answer:
        phone, path, body = each
        sent: dict[str, Any] = {"json": body}
        if path.endswith("/rectification"):
            data, kind = form(body, [a_picture(size=SMALL)])
            sent = {"data": data, "content_type": kind}
        with app.app_context():
            answer = app.test_client().post(f"/api/v1{path}", headers=phone.headers, **sent)
            return Answer(path.rpartition("/")[2], answer.status_code, answer.json)

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press_one, presses))


def _of_case(name: str, has_picture: bool = False, **body: Any) -> Callable[[dict[str, str]], Button]:
    return lambda facts: Button(f"/cases/{{number}}/{name}", body, has_picture)


BUTTONS: dict[Move, Callable[[dict[str, str]], Button]] = {
    Move.ACCEPT: _of_case("acceptance"),
    Move.RECTIFY: _of_case("rectification", has_picture=True, note="已处置"),
    Move.CHECK: _of_case("check"),
    Move.REWORK: _of_case("rework", note="仍有车辆"),
    Move.CLOSE: _of_case("closure"),
    Move.VOID: _of_case("voiding", reason="not_found", note="现场没有"),
    Move.AMEND: _of_case("amendment", category="other", note="不是占道"),
    Move.REGRADE: lambda facts: Button("/cases/{number}/condition", {
        "condition": catalogue.category(facts["category"]).conditions[-1].code, "note": "现场更严重"}),
    Move.COMMENT: _of_case("comments", text="请尽快"),
    Move.APPEAL: _of_case("appeal", note="先送错了单"),
    Move.DECIDE: _of_case("appeal/decision", verdict="granted", note="情况属实"),
    Move.REVIEW: _of_case("review", verdict="confirmed"),
    Move.REOPEN: _of_case("reopening", has_picture=True, reason="not_solved", note="还在"),
    Move.TRANSFER: lambda facts: Button("/cases/{number}/transfer", {
        "responder_id": facts["responder"], "reason": "nobody_found"}),
    Move.RETURN: _of_case("return", reason="not_my_duty"),
    Move.WITHDRAW: lambda facts: Button("/reports/{report}/withdrawal", {}),
}
# what stands on more than a status: an answer, a wish that others grant, a second case, a person
LATER: dict[Move, Callable[[dict[str, str]], Button]] = {
    Move.ANSWER: _of_case("satisfaction", solved=False, satisfied=False),
    Move.EXTEND: _of_case("extension", reason="material"),
    Move.SUSPEND: lambda facts: Button("/cases/{number}/suspension", {
        "reason": "weather", "until": (clock.now() + timedelta(days=9)).isoformat()}),
    Move.RESUME: _of_case("resumption"),
    Move.MERGE: lambda facts: Button("/cases/{number}/merge", {"into": facts["other"]}),
    Move.UNMERGE: _of_case("unmerging", note="是两回事"),
    Move.SUSPEND_REPORTER: _of_case("reporter-suspensions", reason="spam", note="重复上报"),
    Move.OPEN_IDENTITY: _of_case("identity-requests", reason="公安机关来函"),
}
