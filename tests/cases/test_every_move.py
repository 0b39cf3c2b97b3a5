"""The table of moves against every status, everybody and every move, over HTTP: nothing else happens than it says."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from incident_service import cases
from incident_service.accounts import Role
from incident_service.cases import Move, Status
from incident_service.cases.appeal_models import Appeal, SecondLook
from incident_service.cases.models import Case
from incident_service.cases.workflow import MOVES, Who, is_a_step, may_make
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from tests.cases.buttons import BUTTONS, SMALL, press
from tests.factories import a_picture, an_account

PARTS: dict[str, set[Who]] = {
    "resident": {Who.REPORTER}, "neighbour": set(), "manager": {Who.GRID_MANAGER, Who.RESPONDER},
    "officer": {Who.RESPONDER}, "desk": {Who.DESK}, "supervisor": {Who.SUPERVISOR}, "another desk": set()}
NOT_RECTIFIED = {Move.ACCEPT, Move.RECTIFY, Move.RETURN, Move.TRANSFER, Move.WITHDRAW}
REPEATS = {                     # what may be sent from where it leads to: a repeat, or the other part's own
    (Move.CLOSE, Status.CLOSED), (Move.VOID, Status.VOID), (Move.ACCEPT, Status.ACCEPTED),
    (Move.ACCEPT, Status.RECTIFIED), (Move.RECTIFY, Status.RECTIFIED)}


class Desks:
    """Everybody's phone, and one case at a time."""

    def __init__(self, town: Any, phone_of: Any) -> None:
        people = {"resident": town.resident, "neighbour": town.neighbour, "manager": town.manager,
                  "officer": town.officer, "desk": town.desk, "supervisor": town.supervisor,
                  "another desk": an_account(Role.DESK, "360111002")}
        self.phones = {who: phone_of(each) for who, each in people.items()}
        self.other = an_account(Role.OFFICER, "360111J01", kind="traffic", name="交警乙")

    def a_case_for(self, move: Move) -> dict[str, str]:
        """A case that has all a move may need, wherever its status is put."""
        said = self.phones["resident"].report(a_picture(size=SMALL)).json
        number = said["case_number"]
        cases.dispatch(db.session.scalars(select(Case.id).where(Case.number == number)).one())
        if move not in NOT_RECTIFIED:
            self.phones["officer"].send(f"/cases/{number}/rectification", {}, [a_picture(size=SMALL)])
        with transaction():
            case = db.session.scalars(select(Case).where(Case.number == number)).one()
            if move in (Move.APPEAL, Move.DECIDE):
                case.due_at = clock.now() - timedelta(hours=1)
            if move is Move.DECIDE:
                db.session.add(Appeal(id=new_id(), case_id=case.id, by_id=self.other.id, note="", made_at=clock.now()))
            if move is Move.REVIEW:
                db.session.add(SecondLook(id=new_id(), case_id=case.id, round=case.round, drawn_at=clock.now()))
        return {"number": number, "report": said["id"], "responder": str(self.other.id), "category": "fire_lane"}

    def put(self, number: str, status: Status) -> tuple[Any, ...]:
        """Put a case into a status, whatever its history says."""
        db.session.execute(update(Case).where(Case.number == number).values(status=status))
        db.session.commit()
        return self.read(number)

    def read(self, number: str) -> tuple[Any, ...]:
        return tuple(db.session.execute(select(Case.status, Case.version).where(Case.number == number)).one())


@pytest.fixture
def desks(town, phone_of) -> Desks:
    return Desks(town, phone_of)


@pytest.mark.parametrize("move", sorted(BUTTONS))
def test_a_move_is_made_from_where_and_by_whom_the_table_says(desks, move):
    facts = desks.a_case_for(move)
    for status in Status:
        for who, parts in PARTS.items():
            before = desks.put(facts["number"], status)
            answer = press(desks.phones[who], move, facts)
            after, seen = desks.read(facts["number"]), (move, status, who, answer.status_code, answer.json)
            if not may_make(move, parts):
                assert answer.status_code in (403, 404) and after == before, seen
            elif status in MOVES[move].starts or (move, status) in REPEATS:
                assert answer.status_code in (200, 201) and is_a_step(status, move, after[0]), seen
            else:
                assert answer.status_code == 409 and after == before, seen
                assert (answer.json["case_status"], move in answer.json["allowed"]) == (status, False), seen
            if after != before and move is not Move.COMMENT:        # which leaves a case as it was
                facts = desks.a_case_for(move)


def test_every_move_of_people_has_a_button():
    """What is here without one is made by opening a case, has tests of its own, or is not a button yet."""
    elsewhere = {Move.SEE, Move.REDACT, Move.UNVEIL, Move.JOIN, Move.MERGE, Move.UNMERGE, Move.ANSWER, Move.EXTEND,
                 Move.SUSPEND, Move.RESUME, Move.SEPARATE, Move.SUSPEND_REPORTER, Move.OPEN_IDENTITY}
    assert {move for move, each in MOVES.items() if set(each.by) - {Who.PLATFORM}} == set(BUTTONS) | elsewhere
