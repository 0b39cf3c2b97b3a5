"""Which status may follow which: one table. No database, no Flask."""

from enum import StrEnum
from typing import NamedTuple

from incident_service.foundation.problems import Conflict
from incident_service.foundation.words import both


class Status(StrEnum):
    """Where a case stands."""

    DISPATCHING = "dispatching"
    UNROUTABLE = "unroutable"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    RECTIFIED = "rectified"
    CLOSED = "closed"
    RETURNED = "returned"


class Move(StrEnum):
    """What can be done to a case."""

    REPORT = "report"                   # 上报
    DISPATCH = "dispatch"               # 派遣
    HOLD = "hold"                       # nobody found: the desk's queue
    ACCEPT = "accept"                   # 签收
    TRANSFER = "transfer"               # a desk names the responder
    RETURN = "return"                   # 退单: "not mine"
    RECTIFY = "rectify"                 # 处置
    CLOSE = "close"                     # 结案
    REDACT = "redact"                   # boxes were put on a picture; no status follows
    UNVEIL = "unveil"                   # a box was taken away; no status follows
    SEE = "see"                         # a responder has opened what was pushed; no status follows
    ESCALATE = "escalate"               # the platform called the next one, or told of a deadline; no status follows
    IMPORT = "import"                   # taken over from another system (历史导入)
    WARN = "warn"                       # a picture was seen before; no status follows


class Step(NamedTuple):
    """Where a move may start and where it ends."""

    starts: frozenset[Status]
    ends: Status


MOVES = {
    # move          may start from                                                       ends in
    Move.DISPATCH: Step(frozenset({Status.DISPATCHING}),                                 Status.DISPATCHED),
    Move.HOLD:     Step(frozenset({Status.DISPATCHING}),                                 Status.UNROUTABLE),
    Move.TRANSFER: Step(frozenset({Status.UNROUTABLE, Status.DISPATCHED, Status.ACCEPTED,
                                   Status.RETURNED}),                                    Status.DISPATCHED),
    Move.RETURN:   Step(frozenset({Status.DISPATCHED, Status.ACCEPTED}),                 Status.RETURNED),
    Move.ACCEPT:   Step(frozenset({Status.DISPATCHED}),                                  Status.ACCEPTED),
    Move.RECTIFY:  Step(frozenset({Status.DISPATCHED, Status.ACCEPTED}),                 Status.RECTIFIED),
    Move.CLOSE:    Step(frozenset({Status.RECTIFIED}),                                   Status.CLOSED),
}

BY_THE_PLATFORM = frozenset({Move.DISPATCH, Move.HOLD})
WATCHED = frozenset({                                       # the clock runs, and the platform looks at it by itself
    Status.DISPATCHED, Status.ACCEPTED, Status.RETURNED})


class TransferReason(StrEnum):
    """Why a desk names the responder."""

    NOBODY_FOUND = "nobody_found"
    WRONG_AREA = "wrong_area"
    WRONG_CATEGORY = "wrong_category"
    NOT_ACCEPTED = "not_accepted"
    OVERLOAD = "overload"               # they have too much in hand
    RETURNED = "returned"               # it came back
    DECIDED = "decided"                 # by the person a second return was put before
    OTHER = "other"


class ReturnReason(StrEnum):
    """Why a responder says that a case is not theirs."""

    NOT_MY_AREA = "not_my_area"         # 不在我的责任区
    NOT_MY_DUTY = "not_my_duty"         # 不属我的职责
    WRONG_CATEGORY = "wrong_category"
    NOT_FOUND = "not_found"             # nothing is there
    NO_POWER = "no_power"               # 无执法权
    OTHER = "other"                     # then a note says why


NAMES = {
    Status.DISPATCHING: both("派遣中", "dispatching"),
    Status.UNROUTABLE: both("待人工派遣", "waiting for the desk"),
    Status.DISPATCHED: both("已派遣", "dispatched"),
    Status.ACCEPTED: both("已签收", "accepted"),
    Status.RECTIFIED: both("已整改", "rectified"),
    Status.CLOSED: both("已结案", "closed"),
    Status.RETURNED: both("已退单", "returned"),
}


class WrongTurn(Conflict):
    """The case cannot go from where it is to where it was asked to go."""
    slug, title = "case-wrong-turn", both("案卷当前状态不允许此操作", "The case cannot take that step")


def step(now: Status, move: Move) -> Status:
    """The status after `move`. Raises WrongTurn, naming the moves that are allowed."""
    if now not in MOVES[move].starts:
        raise WrongTurn(case_status=now, allowed=allowed(now), detail=both(
            "案卷{now}，不能执行此操作", "The case is {now}; it cannot take this step", now=NAMES[now]))
    return MOVES[move].ends


def allowed(now: Status) -> list[Move]:
    """The moves that a person may make from here, by name."""
    return sorted(move for move, each in MOVES.items() if now in each.starts and move not in BY_THE_PLATFORM)
