"""Figures and cases in the shapes of the API, in the reader's language."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from incident_service.cases import Case
from incident_service.foundation.words import callers_language, spoken
from incident_service.supervision.behind import CasesBehind
from incident_service.supervision.explaining import exactness, mark, sample, what_counts
from incident_service.supervision.figures import Figures
from incident_service.supervision.grouping import area_name, category_name
from incident_service.supervision.overdue import OverdueCase
from incident_service.supervision.periods import Period
from incident_service.supervision.places import Hexagon, Spot
from incident_service.supervision.response_times import Compared, Item, ResponseTimes

CASES = "/api/v1/supervision/cases"
STEPS = ("to_dispatch", "to_accept", "to_rectify", "to_close")
SAID_ANEW = ("compare", "from", "to", "group_by", "rate", "resolution")
Asked = Mapping[str, str]                           # the question as it was sent


def side_by_side(found: ResponseTimes, asked: Asked, *, cases_url: str = CASES) -> dict[str, Any]:
    """The answer about response times; every figure bears the address of its cases."""
    link = _Link(found, asked, cases_url)
    return {"since": found.period.since, "until": found.period.until, "group_by": found.group_by,
            "items": [_item(each, link) for each in found.items], "total": figures(found.total, link.to_all()),
            "left_out": found.left_out, "exactness": exactness(found),
            "what_counts": [each.in_language(callers_language()) for each in what_counts()]}


def beside_others(found: Compared, asked: Asked) -> dict[str, Any]:
    """The same, with the period before and the same period a year before beside it."""
    return side_by_side(found.now, asked) | {
        "previous": side_by_side(found.previous, asked), "year_before": side_by_side(found.year_before, asked)}


def question(asked: Asked, period: Period) -> dict[str, str]:
    """Which cases were asked about, within a period that stays where it is."""
    return {name: value for name, value in asked.items() if name not in SAID_ANEW} | {
        "from": period.since.isoformat(), "to": period.until.isoformat()}


class _Link:
    """Where the cases behind the figures are."""

    def __init__(self, found: ResponseTimes, asked: Asked, url: str) -> None:
        self.url, self.group_by, self.asked = url, found.group_by, question(asked, found.period)

    def to_all(self) -> str:
        return f"{self.url}?{urlencode(self.asked)}"

    def to(self, key: str | None) -> str:
        return f"{self.url}?{urlencode(self.asked | {'group_by': str(self.group_by), 'key': key or ''})}"


def figures(found: Figures, cases_url: str) -> dict[str, Any]:
    """Figures, and each step's times, marked when they are made of few cases."""
    steps = {step: (taken := getattr(found, step))._asdict() | {"sample": sample(taken)} for step in STEPS}
    return found._asdict() | steps | {"sample": sample(found), "cases_url": cases_url}


def cases_url(asked: Asked, period: Period) -> str:
    """Where all cases that were asked about are listed."""
    return f"{CASES}?{urlencode(question(asked, period))}"


def _item(item: Item, link: _Link) -> dict[str, Any]:
    name = {"key": item.key, "name": spoken(item.name, callers_language())}
    return name | figures(item.figures, link.to(item.key))


def hexagons(found: list[Hexagon], asked: Asked, period: Period) -> list[dict[str, Any]]:
    """Hexagons, the figures of each and the address of its cases; there may be ten thousands, so all of it is plain."""
    address = cases_url(asked, period)
    return [{"cell": each.cell, "longitude": each.longitude, "latitude": each.latitude, "boundary": each.boundary,
             **figures(one, f"{address}&hexagon={each.cell}"),
             "with_deadline": each.with_deadline, "within_limit_sample": mark(each.with_deadline),
             "within_limit_percent": (
                 round(100 * one.within_limit / each.with_deadline, 2) if each.with_deadline else None)}
            for each in found for one in [each.figures]]


def spots(found: list[Spot], asked: Asked, period: Period) -> list[dict[str, Any]]:
    """Recurring spots and the address of the cases of each."""
    these = question(asked, period)
    return [each._asdict() | {"category_name": spoken(category_name(each.category), callers_language()),
                              "cases_url": f"{CASES}?{urlencode(these | {'spot': each.numbers[0]})}"}
            for each in found]


COLUMNS = ("number", "status", "category", "area_code", "beat_code", "opened_at", "pushed_at", "due_at")


def named(case: Case, *columns: str) -> dict[str, Any]:
    """What lists say of a case. Never who reported it."""
    return {name: getattr(case, name) for name in (*COLUMNS, *columns)} | {
        "category_name": spoken(category_name(case.category), callers_language()),
        "area_name": area_name(case.area_code) if case.area_code else None}


def behind(case: Case) -> dict[str, Any]:
    """One case behind a figure, with its clocks."""
    return named(case, "accepted_at", "rectified_at", "closed_at", "late_excused_at", "original_kind")


def listed(found: CasesBehind) -> dict[str, Any]:
    """One page of the cases behind a figure."""
    return {"items": [behind(each) for each in found.items], "next_cursor": found.next_cursor, "count": found.in_all}


def late(found: OverdueCase) -> dict[str, Any]:
    """One overdue case."""
    return named(found.case) | {"overdue_s": found.overdue_s, "responders": found.holders}
