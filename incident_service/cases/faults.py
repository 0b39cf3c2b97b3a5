"""What may be wrong with a case that the tables cannot forbid: pure rules over all that belongs to it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from incident_service.cases import history, sight
from incident_service.cases.ground import BLOCK, square
from incident_service.cases.models import Case, CaseEvent, Dispatch
from incident_service.cases.wording import differing
from incident_service.cases.workflow import ENDED, WAITING, Move, Status, is_a_step
from incident_service.foundation.words import Words, both

UNPUSHED = WAITING | {Status.UNROUTABLE}
REACHED = {                                                     # the clock that a status needs
    Status.ACCEPTED: ("pushed_at", "accepted_at"),
    Status.RECTIFIED: ("pushed_at", "accepted_at", "rectified_at"),
    Status.CLOSED: ("pushed_at", "accepted_at", "rectified_at", "closed_at"),
    Status.DISPATCHED: ("pushed_at",),
    Status.RETURNED: ("pushed_at",),
}
Thanked = tuple[str, UUID]                                      # reason, person


class Evidence(NamedTuple):
    """All that is known of a case. `told`: the dispatches whose responder has the notification."""

    case: Case
    events: Sequence[CaseEvent]
    dispatches: Sequence[Dispatch]
    told: set[UUID]
    has_report: bool
    has_after_photo: bool
    is_owed: bool                                               # its dispatching is promised
    thanks_due: set[Thanked]
    thanks_given: dict[Thanked, int]
    openings: Sequence[tuple[str, bool]] = ()                   # of a reporter's identity: which, and by consent
    words: str | None = None                                    # by which it is searched for,
    words_due: str = ""                                         # and by which it should be


def faults_of(evidence: Evidence) -> Iterator[Words]:
    """Everything that is wrong, in words."""
    yield from _of_history(evidence.case, evidence.events)
    yield from _of_words(evidence)
    yield from _of_squares(evidence)
    if evidence.case.origin and evidence.case.pushed_at is None:
        yield from _of_imported(evidence.case)
        return
    yield from _of_openings(evidence)
    yield from _of_clocks(evidence.case)
    yield from _of_dispatches(evidence)
    if not evidence.has_report and not evidence.case.origin:
        yield both("没有上报", "it has no report")
    if evidence.case.status is Status.CLOSED:
        yield from _of_closing(evidence)


def _of_history(case: Case, events: Sequence[CaseEvent]) -> Iterator[Words]:
    if [each.sequence for each in events] != list(range(1, case.version + 1)):
        yield both("历史不连续：{found}，应为 1 至 {version}", "its history is {found}, not 1 to {version}",
                   found=[each.sequence for each in events], version=case.version)
    if not events:
        return
    first = Move.IMPORT if case.origin else Move.REPORT
    if (events[0].move, events[0].status_before) != (first, None):
        yield both("历史不以上报开始", "its history does not begin with a report")
    for before, after in pairwise(events):
        if after.status_before != before.status_after or not _is_a_step(after):
            yield both("历史第 {sequence} 步不成立：{move}", "step {sequence} of its history cannot be: {move}",
                       sequence=after.sequence, move=after.move)
    for sequence in history.broken_at(events):
        yield both("历史第 {sequence} 步已被改动", "step {sequence} of its history is not as it was written",
                   sequence=sequence)
    if events[-1].hash != case.head:
        yield both("历史结尾与案卷所记不符", "its history does not end with the line the case knows")
    if events[-1].status_after != case.status:
        yield both("历史止于 {last}，案卷状态为 {status}", "its history ends {last}, but it is {status}",
                   last=events[-1].status_after, status=case.status)


def _is_a_step(event: CaseEvent) -> bool:
    """Whether the workflow knows the step. Imported history may be closed as it comes."""
    before, after = event.status_before, event.status_after
    if event.move is Move.IMPORT:
        return (before, after) == (Status.UNROUTABLE, Status.CLOSED)
    return before is not None and is_a_step(before, event.move, after)


def _of_imported(case: Case) -> Iterator[Words]:
    """Imported history has no push, no dispatch and no report; what it says of times is kept, odd or not."""
    if (case.status is Status.CLOSED) != (case.closed_at is not None):
        yield both("结案时间与状态不符", "it is {status}, which its closing time contradicts", status=case.status)


def _of_words(evidence: Evidence) -> Iterator[Words]:
    """Whoever may see a case must find it, by what it says and nothing else."""
    if evidence.words is None:
        yield both("没有检索词", "it has no words to be found by")
        return
    wrong = differing(evidence.words, evidence.words_due)
    seen = {each for each in wrong if each.startswith(sight.MARK)}
    if seen:
        yield both("检索词未记载谁可查看", "its words do not say who may see it")
    if wrong - seen:
        yield both("检索词与案卷内容不符", "its words are not what it says")


def _of_squares(evidence: Evidence) -> Iterator[Words]:
    """Lists near a point find it by these."""
    case = evidence.case
    where = square(case.longitude, case.latitude, BLOCK)
    if {case.block, *(each.block for each in evidence.dispatches)} != {where}:
        yield both("案卷或其派遣所记方格与位置不符", "it, or a dispatch of it, does not say on which square it lies")


def _of_clocks(case: Case) -> Iterator[Words]:
    for name in REACHED.get(case.status, ()):
        if getattr(case, name) is None:
            yield both("缺少时间 {name}", "it is {status} without {name}", status=case.status, name=name)
    if case.pushed_at and not case.origin and (case.due_at is None or case.due_at < case.pushed_at):
        yield both("处置时限早于派遣或缺失", "it is due before it was pushed, or never")
    yield from _disorder("", case, ("opened_at", "pushed_at", "accepted_at", "rectified_at", "closed_at"))


def _disorder(whose: str, row: Case | Dispatch, names: Sequence[str]) -> Iterator[Words]:
    """The clocks that stand before an earlier one; those not set are left out."""
    set_: list[tuple[str, datetime]] = [(name, at) for name in names if (at := getattr(row, name)) is not None]
    for (earlier, at), (later, then) in pairwise(set_):
        if then < at:
            yield both("{whose}{later} 早于 {earlier}", "{whose}{later} lies before {earlier}",
                       whose=whose, later=later, earlier=earlier)


def _of_dispatches(evidence: Evidence) -> Iterator[Words]:
    case = evidence.case
    if case.status in UNPUSHED and any(each.ended_at is None for each in evidence.dispatches):
        yield both("状态为 {status}，却仍有派遣", "it is {status}, but it is dispatched", status=case.status)
    if case.status in WAITING and not evidence.is_owed:
        yield both("等待派遣，但没有待办任务", "it waits to be dispatched, but nobody owes it that")
    if {(each.round, each.part, str(each.responder_id)) for each in evidence.dispatches} != _pushed(evidence.events):
        yield both("派遣与历史记录不符", "its dispatches are not those of its history")
    is_over = bool(evidence.events) and evidence.events[-1].status_after in ENDED
    if any((each.case_ended_at is not None) != is_over for each in evidence.dispatches):
        yield both("派遣未随案卷结束或恢复", "its dispatches do not say whether it is over")
    for each in evidence.dispatches:
        if each.id not in evidence.told:
            yield both("{part} 派遣没有通知", "its {part} dispatch has no notification", part=each.part)
        yield from _disorder(f"{each.part} ", each, ("pushed_at", "seen_at"))
        yield from _disorder(f"{each.part} ", each, ("pushed_at", "accepted_at", "rectified_at"))


def _pushed(events: Sequence[CaseEvent]) -> set[tuple[int, str, str]]:
    """(round, part, responder) of every dispatch that the history speaks of; at first there was but one round."""
    return {(each.get("round", 1), each["part"], each["responder_id"])
            for event in events for each in event.details.get("dispatches", ())}


def _of_openings(evidence: Evidence) -> Iterator[Words]:
    """Nobody looks who a reporter is without consent, or without a line of the history."""
    written = {event.details.get("request_id") for event in evidence.events
               if event.move is Move.OPEN_IDENTITY and event.details.get("step") == "opened"}
    for request_id, has_consent in evidence.openings:
        if not has_consent or request_id not in written:
            yield both("上报人身份被擅自调阅", "its reporter's identity was opened without consent or record")


def _of_closing(evidence: Evidence) -> Iterator[Words]:
    if not evidence.has_after_photo:
        yield both("已结案但没有整改后的图片", "it is closed without a picture of the result")
    for reason, person in sorted(evidence.thanks_due | set(evidence.thanks_given)):
        times, due = evidence.thanks_given.get((reason, person), 0), (reason, person) in evidence.thanks_due
        if times != due:
            yield both("{person} 因 {reason} 得到 {times} 次福分，应为 {due} 次",
                       "{person} was thanked {times} times for {reason}, not {due}",
                       person=person, reason=reason, times=times, due=int(due))
