"""The deadline of a case: how it is set, and how it came about, read from what the history keeps of each reckoning."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from incident_service import catalogue
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.workflow import Move, Status
from incident_service.catalogue import Deadline, FilingCondition, Unit
from incident_service.foundation.problems import Problem
from incident_service.foundation.words import Words, both

CATCH_ALL = "other"
TO_THE_MINUTE = "%Y-%m-%d %H:%M"
UNITS = {
    Unit.URGENT_HOURS: both("{n} 紧急工作时（昼夜连续计时）", "{n} hours, through nights and holidays"),
    Unit.URGENT_DAYS: both("{n} 紧急工作日（昼夜连续计时）", "{n} days, through nights and holidays"),
    Unit.WORKING_HOURS: both("{n} 工作时（仅计工作时段）", "{n} working hours, in working time alone"),
    Unit.WORKING_DAYS: both("{n} 工作日（仅计工作时段）", "{n} working days, in working time alone"),
}
NOTHING = both("", "")
WHY = {
    Move.EXTEND: both("延期：", "extended: "), Move.SUSPEND: both("挂账后恢复：", "after a pause: "),
    Move.RESUME: both("提前恢复：", "taken up early: "), Move.REGRADE: both("调整立案条件：", "graded anew: "),
    Move.AMEND: both("更正后：", "corrected: "), Move.RECKON: both("日历调整后：", "the calendar changed: "),
}


def condition_of(case: Case) -> FilingCondition:
    """The filing condition of a case; that of the catch-all category when the table has lost it."""
    try:
        return catalogue.category(case.category).condition(case.condition)
    except Problem:
        return catalogue.category(CATCH_ALL).default_condition


def reckon(case: Case, starts_at: datetime, span: timedelta | None = None) -> dict[str, Any]:
    """Set the case's deadline to the end of a clock that starts at this moment, after the limit of its condition or
    another `span` of its time; what the history keeps of that."""
    found = catalogue.deadline(condition_of(case), starts_at, span)
    kept = {} if span is None else {"span_minutes": round(span.total_seconds() / 60)}
    return put(case, found) | kept


def put(case: Case, found: Deadline) -> dict[str, Any]:
    """Set the case's deadline to one that was found for its condition; what the history keeps of it."""
    case.due_at, condition = found.due_at, condition_of(case)
    return found.as_json() | {"condition": condition.code, "limit": condition.limit,
                              "rules_version": catalogue.version()}


def explain(case: Case, events: Iterable[CaseEvent]) -> dict[str, Any] | None:
    """Why a case is due when it is: each reckoning its history keeps, the last one in force. None before the
    push. `is_by_present_calendar` is false when the calendar has been changed since."""
    if case.due_at is None:
        return None
    some = list(events)
    steps = [_step(event) for event in some if "deadline" in event.details]
    last: Mapping[str, Any] = steps[-1] if steps else {}
    present = catalogue.calendar()
    return {
        "due_at": case.due_at, "limit": last.get("limit"), "unit": last.get("unit"),
        "is_provisional": last.get("is_provisional", False),
        "rules_version": last.get("rules_version"), "calendar_version": last.get("calendar_version"),
        "is_by_present_calendar": last.get("calendar_version") == present.version,
        "pauses": pauses(some), "steps": steps, "text": _sentences(steps, present.zone)}


def pauses(events: Iterable[CaseEvent]) -> list[dict[str, Any]]:
    """From when to when the clock stood still; a pause that lasts has no end yet, only the day on which it is to. One
    that a merge cut short goes on when the case is taken out again."""
    found: list[dict[str, Any]] = []
    for event in events:
        if event.status_after is Status.SUSPENDED != event.status_before:
            if event.move is Move.SUSPEND:
                found.append({"begins_at": event.at, "until": datetime.fromisoformat(event.details["until"])})
            found[-1]["ended_at"] = None
        elif event.status_before is Status.SUSPENDED != event.status_after and found:
            found[-1]["ended_at"] = event.at
    return found


def _step(event: CaseEvent) -> dict[str, Any]:
    kept = event.details["deadline"]
    return kept | {
        "at": event.at, "because": event.move, "unit": Unit(kept["unit"]),
        "starts_at": datetime.fromisoformat(kept["starts_at"]), "due_at": datetime.fromisoformat(kept["due_at"]),
        "pauses": [{name: datetime.fromisoformat(each[name]) for name in ("from", "to")}
                   for each in kept.get("pauses", ())],
        "holidays": [{"name": name, "days": days} for name, days in kept.get("holidays", {}).items()]}


def _sentences(steps: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[Words]:
    if not steps:
        return [both("该时限在系统保留计算依据之前设定", "It was set before reckonings were kept")]
    return [_sentence(each, zone) for each in steps]


def _sentence(step: Mapping[str, Any], zone: ZoneInfo) -> Words:
    """One reckoning in words, its moments in local time."""
    return both(
        "{why}自 {start} 起计 {limit}{more}{stood}，于 {due} 到期{counted}{provisional}；"
        "日历版本 {calendar}，规则版本 {rules}",
        "{why}from {start}, {limit}{more}{stood}: due {due}{counted}{provisional}; calendar {calendar}, rules {rules}",
        start=f"{step['starts_at'].astimezone(zone):{TO_THE_MINUTE}}",
        due=f"{step['due_at'].astimezone(zone):{TO_THE_MINUTE}}",
        limit=_span(step), more=_more(step), stood=_stood(step, zone), why=WHY.get(step["because"], NOTHING),
        counted=_counted(step) if "slots" in step else NOTHING, calendar=step["calendar_version"],
        rules=step["rules_version"],
        provisional=both("（该年放假安排尚未公布，暂按周一至周五计算）",
                         " (that year's holidays are not published yet: weekdays were counted)")
        if step["is_provisional"] else NOTHING)


def _span(step: Mapping[str, Any]) -> Words:
    if "span_minutes" in step:
        return both("剩余 {n} 分钟", "the {n} minutes left", n=step["span_minutes"])
    return both(UNITS[step["unit"]].zh, UNITS[step["unit"]].en, n=step["limit"])


def _more(step: Mapping[str, Any]) -> Words:
    """The extensions that are in it."""
    return both("，另加延期 {n} 次、每次同样时限", ", and as much again for each of {n} extensions",
                n=step["extensions"]) if step.get("extensions") else NOTHING


def _stood(step: Mapping[str, Any], zone: ZoneInfo) -> Words:
    """The pauses in which its clock stood still, in local time."""
    if not step["pauses"]:
        return NOTHING
    return both("，挂账期间（{pauses}）不计时", ", standing still in pauses ({pauses})", pauses=_listed([
        both("{begins} 至 {ends}", "{begins} to {ends}", begins=f"{each['from'].astimezone(zone):{TO_THE_MINUTE}}",
             ends=f"{each['to'].astimezone(zone):{TO_THE_MINUTE}}") for each in step["pauses"]]))


def _counted(step: Mapping[str, Any]) -> Words:
    skipped = [both("{name} {n} 天", "{name} ({n} d)", name=each["name"], n=each["days"]) for each in step["holidays"]]
    if step["weekend_days"]:
        skipped.append(both("周末 {n} 天", "weekends ({n} d)", n=step["weekend_days"]))
    made_up = both("，含调休上班 {n} 天", ", {n} made-up days worked", n=step["make_up_days"])
    return both("，共 {slots} 个时段、{minutes} 分钟{skipped}{made_up}",
                ", {slots} slots and {minutes} minutes counted{skipped}{made_up}",
                slots=step["slots"], minutes=step["working_minutes"],
                skipped=both("，跳过 {days}", ", skipped: {days}", days=_listed(skipped)) if skipped else NOTHING,
                made_up=made_up if step["make_up_days"] else NOTHING)


def _listed(some: Sequence[Words]) -> Words:
    """Words one after the other."""
    names = [f"w{number}" for number in range(len(some))]
    gaps = [f"{{{name}}}" for name in names]
    return both("、".join(gaps), ", ".join(gaps), **dict(zip(names, some, strict=True)))
