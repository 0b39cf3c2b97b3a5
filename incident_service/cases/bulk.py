"""One move for many cases (批量操作): each case by itself, with its own outcome."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from incident_service.accounts import Account
from incident_service.cases.checking import check, rework
from incident_service.cases.closure import close
from incident_service.cases.voiding import void
from incident_service.cases.workflow import Move, Status
from incident_service.foundation.problems import Problem, Unavailable
from incident_service.foundation.transaction import unit_of_work

AT_ONCE_MAX = 50                                    # so that all are done well before a repeated key takes over


class Takes(NamedTuple):
    """A verb for one case, what it must be given beside the number, and what it may be given."""

    verb: Callable[..., Any]
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()


TAKES: Mapping[Move, Takes] = {
    Move.CHECK: Takes(check, may_have=("note",)),
    Move.REWORK: Takes(rework, needs=("note",)),
    Move.CLOSE: Takes(close, may_have=("note", "acknowledged")),
    Move.VOID: Takes(void, needs=("reason", "note")),
}


class Outcome(NamedTuple):
    """What came of one case: its status now, or why it was refused."""

    number: str
    status: Status | None
    problem: Problem | None = None


def move_many(numbers: Iterable[str], *, move: Move, by: Account, **given: Any) -> list[Outcome]:
    """Make one move in each of many cases, in transactions of their own: one that is refused stops no other.

    A number named twice is moved once. Safe to repeat as far as the move is. Raises Unavailable; what was done stays.
    """
    return [_moved(number, TAKES[move].verb, by, given) for number in dict.fromkeys(numbers)]


def _moved(number: str, verb: Callable[..., Any], by: Account, given: Mapping[str, Any]) -> Outcome:
    try:
        with unit_of_work():
            return Outcome(number, verb(number, by=by, **given).status)
    except Unavailable:
        raise
    except Problem as problem:
        return Outcome(number, None, problem)
