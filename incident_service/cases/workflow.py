"""The one table of moves: which status may follow which, by whom, with what. No database, no Flask.

Verbs, refusals (`allowed`), the case's page, `docs/lifecycle.md` and `GET /api/v1/workflow` all read it; nothing else
says where a case may go.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from incident_service.foundation.problems import Conflict
from incident_service.foundation.words import both


class Status(StrEnum):
    """Where a case stands."""

    DISPATCHING = "dispatching"         # the platform looks for responders
    UNROUTABLE = "unroutable"           # it found none: the desk's queue
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    RETURNED = "returned"               # a responder says "not mine": the desk's queue
    REWORK = "rework"                   # the check failed: with the responders again
    SUSPENDED = "suspended"             # the clock stands still, by approval
    RECTIFIED = "rectified"
    CLOSED = "closed"
    REOPENED = "reopened"               # closed too early: the platform looks for responders again
    MERGED = "merged"                   # the same thing as another case, which goes on for both
    VOID = "void"                       # not a case


class Move(StrEnum):
    """What can be done to a case."""

    REPORT = "report"                   # 上报
    IMPORT = "import"                   # 历史导入: taken over from another system
    DISPATCH = "dispatch"               # 派遣
    HOLD = "hold"                       # nobody found, or nobody left
    SEE = "see"                         # a responder has opened what was pushed
    ACCEPT = "accept"                   # 签收
    ESCALATE = "escalate"               # 督办: the next one is called, or the next level told
    RETURN = "return"                   # 退单
    TRANSFER = "transfer"               # a desk names the responder
    EXTEND = "extend"                   # 延期
    SUSPEND = "suspend"                 # 挂账
    RESUME = "resume"                   # 恢复
    RECTIFY = "rectify"                 # 处置
    CHECK = "check"                     # 核查, passed
    REWORK = "rework"                   # 返工: the check failed
    CLOSE = "close"                     # 结案
    VOID = "void"                       # 作废
    WITHDRAW = "withdraw"               # 撤回
    REOPEN = "reopen"                   # 重开
    MERGE = "merge"                     # 并案
    UNMERGE = "unmerge"                 # 拆案
    SEPARATE = "separate"               # 拆出: a report that joined gets a case of its own
    JOIN = "join"                       # 附议: another resident reported the same thing
    AMEND = "amend"                     # 改类别或位置: it is routed anew
    REGRADE = "regrade"                 # 改立案条件: the deadline follows
    RECKON = "reckon"                   # 重算期限: the calendar changed
    COMMENT = "comment"                 # 备注
    APPEAL = "appeal"                   # 申诉 against a late mark
    DECIDE = "decide"                   # 申诉裁定
    REVIEW = "review"                   # 抽查: a supervisor's second look
    ANSWER = "answer"                   # 评价: solved or not, satisfied or not
    REDACT = "redact"                   # boxes were put on a picture
    UNVEIL = "unveil"                   # a box was taken away
    WARN = "warn"                       # a picture was seen before
    SUSPEND_REPORTER = "suspend_reporter"   # 停用上报: whoever reported abuses it
    OPEN_IDENTITY = "open_identity"     # 调阅身份: who its reporter is


class Who(StrEnum):
    """In what part somebody acts on a case."""

    PLATFORM = "platform"
    REPORTER = "reporter"               # whoever reported it, or joined
    RESPONDER = "responder"             # whoever it is dispatched to in this round
    GRID_MANAGER = "grid_manager"       # of the grid it lies in
    DESK = "desk"                       # of an area it lies in
    SUPERVISOR = "supervisor"           # likewise


class With(StrEnum):
    """What a move takes."""

    NOTE = "note"
    REASON = "reason"                   # one of a list of codes
    PHOTO = "photo"
    RESPONDER = "responder"
    CASE = "case"                       # the other case
    UNTIL = "until"                     # a day


class Ends(StrEnum):
    """Where a move ends when it names no status."""

    SAME = "same"                       # the status stays
    BACK = "back"                       # the status before the move that it undoes


class Step(NamedTuple):
    """Where a move may start, where it ends, who makes it, and with what."""

    starts: frozenset[Status]
    ends: Status | Ends
    by: tuple[Who, ...]
    takes: tuple[With, ...] = ()


S, W = Status, Who
WAITING = frozenset({S.DISPATCHING, S.REOPENED})                                # for the platform
AT_THE_DESK = frozenset({S.UNROUTABLE, S.RETURNED})
IN_HAND = frozenset({S.DISPATCHED, S.ACCEPTED, S.REWORK})                       # of responders; the clock runs
WATCHED = IN_HAND | {S.RETURNED}                                                # its deadline is told of
OPEN = WAITING | AT_THE_DESK | IN_HAND
ENDED = frozenset({S.CLOSED, S.MERGED, S.VOID})
ANY = frozenset(Status)
STAFF = (W.GRID_MANAGER, W.DESK, W.SUPERVISOR)
PEOPLE = (W.REPORTER, W.RESPONDER, *STAFF)

MOVES: dict[Move, Step] = {
    # move          may start from                              ends in         made by
    Move.DISPATCH:  Step(WAITING,                               S.DISPATCHED,   (W.PLATFORM,)),
    Move.HOLD:      Step(WAITING | IN_HAND,                     S.UNROUTABLE,   (W.PLATFORM,)),
    Move.SEE:       Step(ANY,                                   Ends.SAME,      (W.RESPONDER,)),
    Move.ACCEPT:    Step(frozenset({S.DISPATCHED, S.REWORK}),   S.ACCEPTED,     (W.RESPONDER,)),
    Move.ESCALATE:  Step(OPEN | {S.RECTIFIED},                  Ends.SAME,      (W.PLATFORM,)),
    Move.RETURN:    Step(IN_HAND,                               S.RETURNED,     (W.RESPONDER,), (With.REASON,)),
    Move.TRANSFER:  Step(AT_THE_DESK | IN_HAND,                 S.DISPATCHED,   (W.DESK,),
                         (With.RESPONDER, With.REASON)),
    Move.EXTEND:    Step(IN_HAND,                               Ends.SAME,      (W.RESPONDER, W.DESK, W.SUPERVISOR),
                         (With.REASON,)),
    Move.SUSPEND:   Step(AT_THE_DESK | IN_HAND,                 S.SUSPENDED,    (W.RESPONDER, W.DESK, W.SUPERVISOR),
                         (With.REASON, With.UNTIL)),
    Move.RESUME:    Step(frozenset({S.SUSPENDED}),              Ends.BACK,      (W.PLATFORM, W.DESK, W.SUPERVISOR)),
    Move.RECTIFY:   Step(IN_HAND,                               S.RECTIFIED,    (W.RESPONDER,), (With.PHOTO,)),
    Move.CHECK:     Step(frozenset({S.RECTIFIED}),              Ends.SAME,      (W.GRID_MANAGER, W.DESK)),
    Move.REWORK:    Step(frozenset({S.RECTIFIED}),              S.REWORK,       STAFF, (With.NOTE,)),
    Move.CLOSE:     Step(frozenset({S.RECTIFIED}),              S.CLOSED,       (W.GRID_MANAGER, W.DESK)),
    Move.VOID:      Step(OPEN | {S.SUSPENDED},                  S.VOID,         (W.DESK, W.SUPERVISOR),
                         (With.REASON, With.NOTE)),
    Move.WITHDRAW:  Step(OPEN - {S.ACCEPTED, S.REWORK, S.REOPENED}, S.VOID,     (W.REPORTER,)),
    Move.REOPEN:    Step(frozenset({S.CLOSED}),                 S.REOPENED,     (W.REPORTER, W.DESK, W.SUPERVISOR),
                         (With.REASON, With.PHOTO)),
    Move.MERGE:     Step(OPEN | {S.SUSPENDED},                  S.MERGED,       (W.PLATFORM, W.DESK), (With.CASE,)),
    Move.UNMERGE:   Step(frozenset({S.MERGED}),                 Ends.BACK,      (W.DESK,), (With.NOTE,)),
    Move.SEPARATE:  Step(OPEN | {S.SUSPENDED, S.RECTIFIED},     Ends.SAME,      (W.DESK,), (With.NOTE,)),
    Move.JOIN:      Step(OPEN | {S.SUSPENDED},                  Ends.SAME,      (W.PLATFORM, W.DESK)),
    Move.AMEND:     Step(OPEN,                                  S.DISPATCHING,  (W.DESK,), (With.NOTE,)),
    Move.REGRADE:   Step(OPEN | {S.SUSPENDED},                  Ends.SAME,      (W.GRID_MANAGER, W.DESK), (With.NOTE,)),
    Move.RECKON:    Step(OPEN | {S.SUSPENDED},                  Ends.SAME,      (W.PLATFORM,)),
    Move.COMMENT:   Step(ANY,                                   Ends.SAME,      (W.REPORTER, W.RESPONDER, *STAFF),
                         (With.NOTE,)),
    Move.APPEAL:    Step(frozenset({S.RECTIFIED, S.CLOSED}),    Ends.SAME,      (W.RESPONDER,), (With.NOTE,)),
    Move.DECIDE:    Step(frozenset({S.RECTIFIED, S.CLOSED}),    Ends.SAME,      (W.SUPERVISOR,), (With.NOTE,)),
    Move.REVIEW:    Step(frozenset({S.CLOSED}),                 Ends.SAME,      (W.SUPERVISOR,)),
    Move.ANSWER:    Step(frozenset({S.CLOSED}),                 Ends.SAME,      (W.REPORTER,)),
    Move.REDACT:    Step(ANY,                                   Ends.SAME,      (W.GRID_MANAGER, W.DESK)),
    Move.UNVEIL:    Step(ANY,                                   Ends.SAME,      (W.GRID_MANAGER, W.DESK)),
    Move.WARN:      Step(ANY,                                   Ends.SAME,      (W.PLATFORM,)),
    Move.SUSPEND_REPORTER: Step(ANY,                            Ends.SAME,      (W.SUPERVISOR,),
                                (With.REASON, With.NOTE)),
    Move.OPEN_IDENTITY: Step(ANY,                               Ends.SAME,      (W.DESK, W.SUPERVISOR), (With.NOTE,)),
}
UNDOES = {Move.RESUME: Move.SUSPEND, Move.UNMERGE: Move.MERGE}
FIRST = frozenset({Move.REPORT, Move.IMPORT})                   # a history begins with one of them


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
    Status.RETURNED: both("已退单", "returned"),
    Status.REWORK: both("返工中", "in rework"),
    Status.SUSPENDED: both("已挂账", "suspended"),
    Status.RECTIFIED: both("已整改", "rectified"),
    Status.CLOSED: both("已结案", "closed"),
    Status.REOPENED: both("已重开", "reopened"),
    Status.MERGED: both("已并案", "merged"),
    Status.VOID: both("已作废", "void"),
}
MOVE_NAMES = {
    Move.REPORT: both("上报", "report"), Move.IMPORT: both("历史导入", "import"),
    Move.DISPATCH: both("派遣", "dispatch"), Move.HOLD: both("转人工派遣", "hold for the desk"),
    Move.SEE: both("已读", "see"), Move.ACCEPT: both("签收", "accept"), Move.ESCALATE: both("督办", "escalate"),
    Move.RETURN: both("退单", "return"), Move.TRANSFER: both("人工派遣", "transfer"),
    Move.EXTEND: both("延期", "extend"), Move.SUSPEND: both("挂账", "suspend"), Move.RESUME: both("恢复", "resume"),
    Move.RECTIFY: both("处置", "rectify"), Move.CHECK: both("核查通过", "check"), Move.REWORK: both("返工", "rework"),
    Move.CLOSE: both("结案", "close"), Move.VOID: both("作废", "void"), Move.WITHDRAW: both("撤回", "withdraw"),
    Move.REOPEN: both("重开", "reopen"), Move.MERGE: both("并案", "merge"), Move.UNMERGE: both("拆案", "un-merge"),
    Move.SEPARATE: both("拆出", "separate"), Move.JOIN: both("附议", "join"),
    Move.AMEND: both("更正类别或位置", "amend"),
    Move.REGRADE: both("调整立案条件", "regrade"), Move.RECKON: both("重算期限", "reckon anew"),
    Move.COMMENT: both("备注", "comment"),
    Move.APPEAL: both("申诉", "appeal"), Move.DECIDE: both("申诉裁定", "decide"),
    Move.REVIEW: both("抽查", "second look"), Move.ANSWER: both("评价", "answer"),
    Move.REDACT: both("遮挡", "redact"), Move.UNVEIL: both("取消遮挡", "unveil"), Move.WARN: both("图片警示", "warn"),
    Move.SUSPEND_REPORTER: both("停用上报", "suspend the reporter"),
    Move.OPEN_IDENTITY: both("调阅身份", "open the reporter's identity"),
}
WHO_NAMES = {
    Who.PLATFORM: both("平台", "the platform"), Who.REPORTER: both("上报人", "its reporter"),
    Who.RESPONDER: both("处置人员", "its responder"), Who.GRID_MANAGER: both("网格管理员", "the grid manager"),
    Who.DESK: both("值班席", "the desk"), Who.SUPERVISOR: both("督查员", "a supervisor"),
}


class WrongTurn(Conflict):
    """The case cannot go from where it is to where it was asked to go."""
    slug, title = "case-wrong-turn", both("案卷当前状态不允许此操作", "The case cannot take that step")


def step(now: Status, move: Move, *, back_to: Status | None = None) -> Status:
    """The status after `move`; a move that undoes another ends in the status before that one, `back_to`.

    Raises WrongTurn, naming the moves that are allowed.
    """
    found = MOVES[move]
    if now not in found.starts:
        raise WrongTurn(case_status=now, allowed=allowed(now), detail=both(
            "案卷{now}，不能执行此操作", "The case is {now}; it cannot take this step", now=NAMES[now]))
    if found.ends is Ends.SAME:
        return now
    if found.ends is Ends.BACK:
        if back_to not in MOVES[UNDOES[move]].starts:
            raise ValueError(f"{move} cannot lead back to {back_to}.")
        return back_to
    return Status(found.ends)


def is_a_step(before: Status, move: Move, after: Status) -> bool:
    """Whether the table knows such a step; what changes no status is a note and may be made of any move."""
    if before == after:
        return True
    found = MOVES.get(move)
    if found is None or before not in found.starts:
        return False
    return after in MOVES[UNDOES[move]].starts if found.ends is Ends.BACK else after == found.ends


def may_make(move: Move, acting: Collection[Who]) -> bool:
    """Whether somebody who acts in these parts makes this move."""
    return not set(MOVES[move].by).isdisjoint(acting)


def allowed(now: Status, *, acting: Collection[Who] = PEOPLE) -> list[Move]:
    """The moves from here, by name: of any person, or of one who acts in these parts."""
    return sorted(move for move, each in MOVES.items() if now in each.starts and may_make(move, acting))
