"""Figures and overdue cases in the shapes of the API, in the reader's language."""

from typing import Any

from incident_service.foundation.words import callers_language, spoken
from incident_service.supervision.grouping import area_name, category_name
from incident_service.supervision.overdue import OverdueCase
from incident_service.supervision.response_times import Item, ResponseTimes


def side_by_side(found: ResponseTimes) -> dict[str, Any]:
    """The answer about response times."""
    return {"since": found.period.since, "until": found.period.until, "group_by": found.group_by,
            "items": [_item(each) for each in found.items], "total": found.total}


def _item(item: Item) -> dict[str, Any]:
    return {"key": item.key, "name": spoken(item.name, callers_language())} | item.figures._asdict()


def late(found: OverdueCase) -> dict[str, Any]:
    """One overdue case."""
    case = found.case
    columns = ("number", "status", "category", "area_code", "beat_code", "opened_at", "pushed_at", "due_at")
    return {name: getattr(case, name) for name in columns} | {
        "category_name": spoken(category_name(case.category), callers_language()),
        "area_name": area_name(case.area_code) if case.area_code else None,
        "overdue_s": found.overdue_s, "responders": found.holders}
