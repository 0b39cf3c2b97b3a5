"""Lists of cases, newest first: the filters that narrow them, and the way a list takes through an index.

A list walks one or several indexes that are in the order of time, and stops when a page is full: by the areas the
caller may see, by the squares around a point, by a status that few cases have, by what was given to the caller, or by
words. Everything else that was asked sorts out rows on the way, and who may see a row is always asked of the row.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, exists, false, func, literal, not_, select, text

from incident_service.accounts import Account
from incident_service.cases import access, holding, pushing, search, sight
from incident_service.cases.ground import BLOCK, BLOCKS_UP_TO_M, TILE, TILES_UP_TO_M, squares_around
from incident_service.cases.models import Case, Dispatch
from incident_service.cases.nearness import at_most, near
from incident_service.cases.workflow import ENDED, Status
from incident_service.foundation import clock, paging
from incident_service.foundation.database import beside, db, is_postgresql
from incident_service.foundation.paging import Page, Scan

KEYS = (Case.opened_at, Case.id)
GIVEN_KEYS = (Dispatch.opened_at, Dispatch.case_id)
FEW = 12                                            # digits of an area, from a community on, that holds few cases
SQUARES_MAX = 100                                   # of a circle: three times what any city has
LIVE = [status for status in Status if status not in ENDED]
Circle = tuple[float, float, float]


def page_of_cases(*, by: Account, limit: int, cursor: str, sort: str, **filters: Any) -> Page:
    """One page of what `by` may see, newest first (or oldest first), narrowed by the filters that are given."""
    _plan_for_what_is_asked()
    manner: dict[str, Any] = {"limit": limit, "cursor": cursor, "oldest_first": sort == "oldest"}
    if filters.get("q"):
        return search.page(filters["q"], _within(by, **filters), **manner)
    return paging.merged(select(Case, *KEYS), KEYS, list(_scans(by, **filters)), **manner)


def count_of_cases(*, by: Account, **filters: Any) -> int | None:
    """How many cases such a list has; None for words, which only walking finds."""
    if filters.get("q"):
        return None
    return db.session.scalar(select(func.count()).select_from(Case).where(
        access.visible_to(by), *_wanted(by, **filters)))


def _wanted(by: Account, **filters: Any) -> list[ColumnElement[bool]]:
    """The conditions on cases that all filters are."""
    wanted = _of_cases(**filters)
    if filters.get("responder") is not None:
        wanted.append(exists().where(Dispatch.case_id == Case.id, beside(Dispatch.responder_id) == by.id,
                                     holding.is_held()))
    return wanted


def _of_cases(**filters: Any) -> list[ColumnElement[bool]]:
    """Those of them that say what a case is, not whose."""
    return [FILTERS[name](value) for name, value in filters.items() if name in FILTERS and value is not None]


def _within(by: Account, **filters: Any) -> search.Within:
    """Within what words are searched."""
    others = [name for name, value in filters.items() if name not in ("q", "area") and value is not None]
    return search.Within(
        and_(access.visible_to(by), *_wanted(by, **filters)), list(_scans(by, **filters)),
        sight.clauses(access.scopes(by), by.id, area=filters.get("area"),
                      theirs_alone=filters.get("responder") is not None), bool(others))


def _plan_for_what_is_asked() -> None:
    """Have PostgreSQL plan each list for its own values: a plan for any street and any word suits none."""
    if is_postgresql():
        db.session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        db.session.execute(text("SET LOCAL jit = off"))
        db.session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))


def _scans(by: Account, **filters: Any) -> Iterator[Scan]:
    """The ways that together find everything asked for."""
    wanted = _of_cases(**filters)
    circle: Circle | None = filters.get("near")
    area = None if filters.get("area") == current_app.config["CITY_CODE"] else filters.get("area")     # narrows nothing
    around = _squares(circle, BLOCK, BLOCKS_UP_TO_M)
    if filters.get("responder") is not None:
        held = holding.is_in_hand() if _live_statuses(**filters) else holding.is_held()
        yield _given_to(by, around, held, *wanted)
    elif tiles := _squares(circle, TILE, TILES_UP_TO_M):
        for number in tiles:
            yield _scan(Case.tile == number, access.visible_to(by), *wanted)
    elif (statuses := _live_statuses(**filters)) and not _sees_little(by, area):
        for status in statuses:
            yield _scan(Case.status == status, *_lying(around), access.visible_to(by), *wanted)
    elif around and area is None and access.sees_the_city(by):
        for number in around:
            yield _scan(Case.block == number, access.visible_to(by), *wanted)
    else:
        yield from _by_place(by, around, wanted, area=area, category=filters.get("category"))


def _by_place(by: Account, around: list[int], wanted: list[ColumnElement[bool]], *, area: str | None,
              category: str | None) -> Iterator[Scan]:
    """By each area the caller may see, narrowed to the one asked for, and by what was given to them."""
    there = [*_lying(around), *wanted]
    for code in access.scopes(by):
        if area is None:
            yield _scan(_driving(code, category), *there)
        elif not (area.isdigit() and code.isdigit()):
            yield _scan(access.within(area), access.within(code), *there)
        elif area.startswith(code) or code.startswith(area):
            yield _scan(_driving(max(area, code, key=len), category), *there)
    yield _given_to(by, around, *wanted)


def _driving(code: str, category: str | None) -> ColumnElement[bool]:
    """The condition by which an area's cases are walked: those of a city by time alone, or by category."""
    if code.isdigit() and len(code) < min(access.AREA_COLUMNS):
        return and_(access.within(code), Case.category == category) if category else access.within(code)
    return access.within(code)


def _scan(*conditions: ColumnElement[bool]) -> Scan:
    return Scan(select(Case).where(*conditions), KEYS)


def _given_to(by: Account, around: list[int], *conditions: ColumnElement[bool]) -> Scan:
    """What was ever given to the caller, on the squares `around` a point or anywhere."""
    mine = select(Dispatch).join(Case, Case.id == Dispatch.case_id).where(
        Dispatch.responder_id == by.id if access.is_staff(by) else false(), *conditions)
    return Scan(mine.where(beside(Dispatch.block).in_(around)) if around else mine, GIVEN_KEYS, repeats=True)


def _squares(circle: Circle | None, size: float, up_to_m: float) -> list[int]:
    """The squares that a circle touches; none where it is too large for this size, or where they are more than a list
    can walk: a short way to what lies near, and not the only one."""
    if circle is None or circle[2] > up_to_m:
        return []
    found = list(islice(squares_around(*circle, size), SQUARES_MAX + 1))
    return found if len(found) <= SQUARES_MAX else []


def _lying(around: list[int]) -> list[ColumnElement[bool]]:
    """The condition on cases that they lie on these squares: of each case on its way a list learns it from its index,
    and does not look at those that lie elsewhere."""
    return [beside(Case.block).in_(around)] if around else []


def _live_statuses(*, status: str | None = None, open: bool | None = None, **_: Any) -> list[Status]:
    """The statuses asked for, when they are of the few that live cases have."""
    if status is not None:
        return [Status(status)] if status in LIVE else []
    return LIVE if open else []


def _sees_little(by: Account, area: str | None) -> bool:
    codes = [area] if area else access.scopes(by)
    return all(len(code) >= FEW for code in codes)


def late() -> ColumnElement[bool]:
    """The condition on cases that were rectified too late, or wait past their deadline, and no appeal excused it."""
    ended = func.coalesce(Case.rectified_at, literal(clock.now(), Case.rectified_at.type))
    return and_(Case.due_at.is_not(None), Case.late_excused_at.is_(None), ended > Case.due_at)


FILTERS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "status": lambda status: beside(Case.status) == status,
    "open": lambda live: beside(Case.status).in_(LIVE) if live else beside(Case.status).not_in(LIVE),
    "category": lambda category: beside(Case.category) == category,
    "area": access.within,
    "overdue": lambda wanted: late() if wanted else not_(late()),
    "push_delayed": lambda wanted: pushing.is_delayed() if wanted else not_(pushing.is_delayed()),
    "opened_from": lambda moment: Case.opened_at >= moment,
    "opened_to": lambda moment: Case.opened_at < moment,
    "near": lambda circle: (at_most if circle[2] <= BLOCKS_UP_TO_M else near)(*circle),
}
