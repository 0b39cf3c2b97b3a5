"""Every status against every move against everybody who may act; and whatever is made from that table."""

from itertools import combinations

import pytest

from incident_service.cases import lifecycle
from incident_service.cases.workflow import (
    MOVE_NAMES,
    MOVES,
    NAMES,
    PEOPLE,
    UNDOES,
    WHO_NAMES,
    Ends,
    Move,
    Status,
    Who,
    WrongTurn,
    allowed,
    is_a_step,
    may_make,
    step,
)
from tests.house.reading import ROOT

# The letters of the statuses a move may start from, and where it ends; written down apart from the table it tests.
LETTERS = dict(zip("gudarwsxcomv", Status, strict=True))
EXPECTED = {
    "dispatch": ("go", "d", "platform"), "hold": ("godaw", "u", "platform"),
    "see": ("gudarwsxcomv", "=", "responder"), "accept": ("dw", "a", "responder"),
    "escalate": ("gudarwox", "=", "platform"), "return": ("daw", "r", "responder"),
    "transfer": ("urdaw", "d", "desk"), "extend": ("daw", "=", "responder desk supervisor"),
    "suspend": ("urdaw", "s", "responder desk supervisor"), "resume": ("s", "back", "platform desk supervisor"),
    "rectify": ("daw", "x", "responder"), "check": ("x", "=", "grid_manager desk"),
    "rework": ("x", "w", "grid_manager desk supervisor"), "close": ("x", "c", "grid_manager desk"),
    "void": ("gudarwso", "v", "desk supervisor"), "withdraw": ("gudr", "v", "reporter"),
    "reopen": ("c", "o", "reporter desk supervisor"), "merge": ("gudarwso", "m", "platform desk"),
    "separate": ("gudarwsxo", "=", "desk"),
    "unmerge": ("m", "back", "desk"), "join": ("gudarwso", "=", "platform desk"), "amend": ("gudarwo", "g", "desk"),
    "regrade": ("gudarwso", "=", "grid_manager desk"),
    "reckon": ("gudarwso", "=", "platform"),
    "comment": ("gudarwsxcomv", "=", "reporter responder grid_manager desk supervisor"),
    "appeal": ("xc", "=", "responder"), "decide": ("xc", "=", "supervisor"), "review": ("c", "=", "supervisor"),
    "answer": ("c", "=", "reporter"), "redact": ("gudarwsxcomv", "=", "grid_manager desk"),
    "unveil": ("gudarwsxcomv", "=", "grid_manager desk"), "warn": ("gudarwsxcomv", "=", "platform"),
    "suspend_reporter": ("gudarwsxcomv", "=", "supervisor"), "open_identity": ("gudarwsxcomv", "=", "desk supervisor"),
}


def test_every_move_but_a_first_one_is_expected():
    assert set(EXPECTED) == {str(move) for move in MOVES} == {str(move) for move in Move} - {"report", "import"}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("now", Status)
def test_a_case_goes_only_where_the_table_leads(now, move):
    starts, ends, by = EXPECTED[move]
    if now not in {LETTERS[letter] for letter in starts}:
        for back_to in (None, Status.DISPATCHED):
            with pytest.raises(WrongTurn) as refused:
                step(now, move, back_to=back_to)
            assert refused.value.extras["allowed"] == allowed(now)
        assert not any(is_a_step(now, move, after) for after in Status if after is not now)
        assert move not in allowed(now)
        return
    reached = step(now, move, back_to=Status.DISPATCHED)
    assert reached is {"=": now, "back": Status.DISPATCHED}.get(ends) or reached is LETTERS[ends]
    assert is_a_step(now, move, reached)
    assert (move in allowed(now)) == (by != "platform")


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("now", Status)
def test_everybody_is_offered_exactly_their_own_moves(now, move):
    starts, _, by = EXPECTED[move]
    for size in (1, 2, 3):
        for acting in combinations(PEOPLE, size):
            is_theirs = not set(by.split()).isdisjoint(acting)
            assert may_make(move, acting) == is_theirs
            assert (move in allowed(now, acting=acting)) == (is_theirs and now in {LETTERS[each] for each in starts})
    assert move not in allowed(now, acting=())


def test_what_undoes_a_move_leads_back_to_where_that_one_began_and_nowhere_else():
    for undoing, undone in UNDOES.items():
        assert MOVES[undoing].ends is Ends.BACK
        (now,) = MOVES[undoing].starts
        for back_to in set(Status) - {now}:
            if back_to in MOVES[undone].starts:
                assert step(now, undoing, back_to=back_to) is back_to
            else:
                assert not is_a_step(now, undoing, back_to)
                with pytest.raises(ValueError, match="cannot lead back"):
                    step(now, undoing, back_to=back_to)


def test_every_status_move_and_part_has_a_name_on_screens():
    assert (set(NAMES), set(MOVE_NAMES), set(WHO_NAMES)) == (set(Status), set(Move), set(Who))


def test_the_page_in_the_docs_is_the_table():
    assert (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8") == lifecycle.as_page()


def test_screens_read_the_table(town, phone_of):
    table = phone_of(town.resident).get("/workflow").json
    found = {each["code"]: each for each in table["moves"]}
    assert found["close"] == {"code": "close", "name": "结案", "from": ["rectified"], "to": "closed",
                              "by": ["grid_manager", "desk"], "takes": []}
    assert found["resume"]["to"] is None
    assert {"code": "unroutable", "name": "待人工派遣"} in table["statuses"]


def test_a_case_offers_its_reader_the_moves_that_are_theirs(town, phone_of, run_jobs):
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    offered = {who: set(phone_of(getattr(town, who)).get(f"/cases/{number}").json["allowed"])
               for who in ("officer", "manager", "desk", "supervisor")}
    assert {"accept", "rectify", "return"} <= offered["officer"] & offered["manager"]
    assert "regrade" in offered["manager"] - offered["officer"]
    assert {"amend", "void"} <= offered["desk"] and not {"accept", "close"} & offered["desk"]
    assert "void" in offered["supervisor"] and "amend" not in offered["supervisor"]
