"""Every status against every move."""

import pytest

from incident_service.cases.workflow import BY_THE_PLATFORM, MOVES, NAMES, Move, Status, WrongTurn, allowed, step

STEPS = {
    (Status.DISPATCHING, Move.DISPATCH): Status.DISPATCHED,
    (Status.UNROUTABLE, Move.TRANSFER): Status.DISPATCHED,
    (Status.DISPATCHING, Move.HOLD): Status.UNROUTABLE,
    (Status.DISPATCHED, Move.ACCEPT): Status.ACCEPTED,
    (Status.DISPATCHED, Move.RECTIFY): Status.RECTIFIED,
    (Status.ACCEPTED, Move.RECTIFY): Status.RECTIFIED,
    (Status.RECTIFIED, Move.CLOSE): Status.CLOSED,
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("now", Status)
def test_a_case_goes_only_where_the_table_leads(now, move):
    if (now, move) in STEPS:
        assert step(now, move) is STEPS[now, move]
        assert (move in allowed(now)) == (move not in BY_THE_PLATFORM)
        return
    with pytest.raises(WrongTurn) as refused:
        step(now, move)
    assert refused.value.extras["allowed"] == allowed(now)


def test_every_status_has_a_name_on_screens():
    assert set(NAMES) == set(Status)


def test_a_closed_case_goes_nowhere():
    assert allowed(Status.CLOSED) == []
