"""By what cases are put side by side, and what the groups are called."""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from incident_service import accounts, areas, catalogue
from incident_service.accounts import Role
from incident_service.areas import Layer
from incident_service.foundation.words import Words, both
from incident_service.supervision.facts import Facts, Labels, Rows
from incident_service.supervision.periods import DAY_US, Moments, by_day, installation_zone, on_the_wall

CODES_MAX = 100_000                                 # of areas, what is above them is remembered
HOUR_US, HOURS, WEEK = 3_600_000_000, 24, 7
THURSDAY = 3                                        # the first day of 1970, counted from Monday


class GroupBy(StrEnum):
    """What a group has in common."""

    GRID = "area:grid"
    COMMUNITY = "area:community"
    STREET = "area:street"
    DISTRICT = "area:district"
    BEAT = "area:beat"
    FIRE_AREA = "area:fire_area"
    CATEGORY = "category"
    CONDITION = "condition"                         # the filing condition
    KIND = "kind"                                   # what imported history was called where it comes from
    RESPONDER = "responder"
    ROLE = "role"                                   # of the responder
    DAY = "day"                                     # on which a case was reported, as the installation counts days
    WEEKDAY = "weekday"                             # of that day, 1 (Monday) to 7
    HOUR = "hour"                                   # of the day, 00 to 23


class Group(NamedTuple):
    """The rows that have something in common; the key is None for those that lack it, such as a grid."""

    key: str | None
    rows: Rows


OF_RESPONDERS = (GroupBy.RESPONDER, GroupBy.ROLE)
LAYERS = {each: Layer(each.removeprefix("area:")) for each in GroupBy if each.startswith("area:")}
TIMELY = (GroupBy.DAY, GroupBy.WEEKDAY, GroupBy.HOUR)
NOBODY = both("未派遣", "nobody")
NO_AREA = both("不在此级区域内", "in no such area")
NO_KIND = both("本系统上报", "reported here")


def groups(facts: Facts, by: GroupBy) -> list[Group]:
    """The groups that have a case, in the order of their keys, the one without a key last."""
    return groups_by(labels_for(facts, by))


def groups_by(labels: Labels) -> list[Group]:
    """The same for any labels."""
    are_few = len(labels.known) <= np.iinfo(np.uint16).max          # then numpy sorts them by their digits
    order = np.argsort(labels.codes.astype(np.uint16) if are_few else labels.codes, kind="stable")
    ends = np.cumsum(np.bincount(labels.codes, minlength=len(labels.known)))
    pieces = np.split(order, ends[:-1]) if len(labels.known) else []
    found = [Group(key_of(label), rows) for label, rows in zip(labels.known, pieces, strict=True) if len(rows)]
    return sorted(found, key=lambda group: (group.key is None, group.key))


def labels_for(facts: Facts, by: GroupBy) -> Labels:
    """To which group each row belongs."""
    if by in TIMELY:
        return _timely(facts.clocks.opened, by)
    if by in (GroupBy.BEAT, GroupBy.FIRE_AREA):
        return facts.labels[LAYERS[by]]
    if by in LAYERS:
        return facts.labels["area"].translated(lambda code: area_on(code, by))
    return facts.labels[by]


def key_of(label: Any) -> str | None:
    """The key of a group with this label."""
    return None if label is None else str(label)


@lru_cache(maxsize=CODES_MAX)
def area_on(code: str | None, by: GroupBy) -> str | None:
    """The part of an area's code that is a code of the wanted layer, if it has one."""
    if code is None:
        return None
    return next((each for each in areas.lineage(code) if areas.layer_of(each) is LAYERS[by]), None)


def wall_clock(moments: Moments) -> Moments:
    """Moments as the clocks of the installation showed them."""
    return on_the_wall(moments, installation_zone())


def hours_of(local: Moments) -> NDArray[np.int64]:
    """The hour of the day that the clocks showed, 0 to 23."""
    return _remainder(local.view(np.int64) // HOUR_US, HOURS)


def weekdays_of(local: Moments) -> NDArray[np.int64]:
    """The day of the week, 0 for Monday."""
    return _remainder(local.view(np.int64) // DAY_US + THURSDAY, WEEK)


def _remainder(values: NDArray[np.int64], of: int) -> NDArray[np.int64]:
    """Numpy divides many numbers at once, but takes its remainders one by one."""
    return values - values // of * of


def _timely(opened: Moments, by: GroupBy) -> Labels:
    local = wall_clock(opened)
    if by is GroupBy.HOUR:
        return Labels([f"{hour:02}" for hour in range(24)], hours_of(local))
    if by is GroupBy.WEEKDAY:
        return Labels("1234567", weekdays_of(local))
    keys, places = by_day(local)
    return Labels(np.datetime_as_string(keys).tolist(), places)


def names(keys: Collection[str | None], by: GroupBy) -> dict[str | None, str | Words]:
    """What the groups are called; one that nobody knows any more is called by its key."""
    if by is GroupBy.RESPONDER:
        people = accounts.names_of(UUID(key) for key in keys if key)
        return {key: people.get(UUID(key), key) if key else NOBODY for key in keys}
    if by in LAYERS:
        return {key: area_name(key) if key else NO_AREA for key in keys}
    return {key: _NAMES[by](key) if key else _WITHOUT.get(by, NOBODY) for key in keys}


def area_name(code: str) -> str:
    """What an area is called; its code when it is not known any more."""
    return areas.name_of(code) if areas.is_known(code) else code


def category_name(code: str) -> Words | str:
    """What a category is called; its code when the table does not have it any more."""
    return next((each.name for each in catalogue.categories() if each.code == code), code)


def _condition_name(code: str) -> Words | str:
    return next((condition.name for each in catalogue.categories() for condition in each.conditions
                 if condition.code == code), code)


WEEKDAYS = tuple(both(zh, en) for zh, en in (
    ("星期一", "Monday"), ("星期二", "Tuesday"), ("星期三", "Wednesday"), ("星期四", "Thursday"), ("星期五", "Friday"),
    ("星期六", "Saturday"), ("星期日", "Sunday")))
ROLES = {Role.GRID_MANAGER: both("网格管理员", "grid manager"), Role.OFFICER: both("执法人员", "officer")}
GROUPINGS = {
    GroupBy.GRID: both("网格", "grid"), GroupBy.COMMUNITY: both("社区", "community"),
    GroupBy.STREET: both("街道", "street"), GroupBy.DISTRICT: both("区县", "district"),
    GroupBy.BEAT: both("责任区", "beat"), GroupBy.FIRE_AREA: both("消防责任区", "fire area"),
    GroupBy.CATEGORY: both("类别", "category"), GroupBy.CONDITION: both("立案条件", "filing condition"),
    GroupBy.KIND: both("原类别", "original kind"), GroupBy.RESPONDER: both("处置人员", "responder"),
    GroupBy.ROLE: both("处置角色", "role"), GroupBy.DAY: both("日期", "day"),
    GroupBy.WEEKDAY: both("星期", "day of week"), GroupBy.HOUR: both("时段", "hour of day")}
_WITHOUT = {GroupBy.KIND: NO_KIND}
_NAMES: Mapping[GroupBy, Callable[[str], str | Words]] = {
    GroupBy.CATEGORY: category_name, GroupBy.CONDITION: _condition_name, GroupBy.KIND: str, GroupBy.DAY: str,
    GroupBy.ROLE: lambda role: ROLES.get(role, role), GroupBy.WEEKDAY: lambda day: WEEKDAYS[int(day) - 1],   # type: ignore[call-overload]
    GroupBy.HOUR: lambda hour: f"{hour}:00–{hour}:59",
}
