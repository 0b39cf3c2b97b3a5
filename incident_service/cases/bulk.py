"""One move for many cases (批量操作): each case by itself, with its own outcome."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from incident_service.accounts import Account
from incident_service.cases.checking import check
from incident_service.cases.closure import close
from incident_service.cases.commenting import comment
from incident_service.cases.transfer import transfer
from incident_service.cases.voiding import void
from incident_service.cases.workflow import Move, Status
from incident_service.foundation.problems import Problem
from incident_service.foundation.transaction import unit_of_work

AT_ONCE_MAX = 100
VERBS: Mapping[Move, Callable[..., object]] = {
    Move.CLOSE: close, Move.CHECK: check, Move.VOID: void, Move.TRANSFER: transfer, Move.COMMENT: comment}


class Outcome(NamedTuple):
    """What became of one case: its status now, or why it was refused."""

    number: str
    status: Status | None
    problem: Problem | None


def move_many(numbers: Iterable[str], what: Move, *, by: Account, **given: Any) -> list[Outcome]:
    """Make one move in many cases, each in a transaction of its own, so that one that is refused stops no other.

    Safe to repeat as far as the move is: what has ended comes back as it is. Every refusal is in the outcomes.
    """
    return [_moved(number, VERBS[what], by, given) for number in dict.fromkeys(numbers)]


def _moved(number: str, verb: Callable[..., Any], by: Account, given: Mapping[str, Any]) -> Outcome:
    try:
        with unit_of_work():
            return Outcome(number, _status(verb(number, by=by, **given)), None)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return Outcome(number, None, problem)


def _status(moved: Any) -> Status:
    """The status of a case a verb gave back."""
    status: Status = moved.status
    return status
