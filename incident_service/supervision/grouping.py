"""By what cases are put side by side, and what the groups are called."""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, null

from incident_service import accounts, areas, catalogue
from incident_service.areas import Layer
from incident_service.cases import Case
from incident_service.foundation.words import Words, both
from incident_service.supervision.periods import Moments, installation_zone, on_the_wall
from incident_service.supervision.reading import Readings


class GroupBy(StrEnum):
    """What a group has in common."""

    GRID = "area:grid"
    COMMUNITY = "area:community"
    STREET = "area:street"
    DISTRICT = "area:district"
    BEAT = "area:beat"
    CATEGORY = "category"
    RESPONDER = "responder"
    DAY = "day"                                     # on which a case was reported, as the installation counts days
    HOUR = "hour"                                   # of the day, 00 to 23


class Group(NamedTuple):
    """The rows that have something in common; the key is None for those that lack it, such as a grid."""

    key: str | None
    rows: NDArray[np.intp]


LAYERS = {each: Layer(each.removeprefix("area:")) for each in GroupBy if each.startswith("area:")}
_COLUMNS: Mapping[GroupBy, Any] = {
    GroupBy.BEAT: Case.beat_code, GroupBy.CATEGORY: Case.category,
    **{each: Case.area_code for each, layer in LAYERS.items() if layer is not Layer.BEAT},
}
NOBODY = both("未派遣", "nobody")
NO_AREA = both("不在此级区域内", "in no such area")


def column(by: GroupBy | None) -> ColumnElement[Any]:
    """The column of a case that says to which group it belongs; NULL when its times say it, or nothing does."""
    return _COLUMNS.get(by, null()) if by else null()


def groups(readings: Readings, by: GroupBy) -> list[Group]:
    """The groups that have a case, in the order of their keys, the one without a key last."""
    if by in (GroupBy.DAY, GroupBy.HOUR):
        return _gathered(*_timely(readings.clocks.opened, by))
    places: dict[str | None, int] = {}
    merged = [places.setdefault(_key(each, by), len(places)) for each in readings.keys]
    found = _gathered(list(places), np.array(merged, dtype=np.intp)[readings.places])
    return sorted(found, key=lambda group: (group.key is None, group.key))


def _key(raw: Any, by: GroupBy) -> str | None:
    """The key of a group, from what the column says: of an area, its part that is a code of the wanted layer."""
    if raw is None or by not in LAYERS:
        return None if raw is None else str(raw)
    return next((code for code in areas.lineage(raw) if areas.layer_of(code) is LAYERS[by]), None)


def _timely(opened: Moments, by: GroupBy) -> tuple[list[str], NDArray[np.intp]]:
    local = on_the_wall(opened, installation_zone())
    labels = np.datetime_as_string(local, unit="h")                             # 2026-11-20T08
    wanted = [label[:10] if by is GroupBy.DAY else label[11:] for label in labels.tolist()]
    keys, places = np.unique(np.array(wanted, dtype=np.str_), return_inverse=True)
    return keys.tolist(), places


def _gathered(keys: list[Any], places: NDArray[np.intp]) -> list[Group]:
    order = np.argsort(places, kind="stable")
    pieces = np.split(order, np.searchsorted(places[order], np.arange(1, len(keys))))
    return [Group(key, rows) for key, rows in zip(keys, pieces, strict=False)]      # nothing splits into one piece


def names(keys: Collection[str | None], by: GroupBy) -> dict[str | None, str | Words]:
    """What the groups are called; one that nobody knows any more is called by its key."""
    if by is GroupBy.RESPONDER:
        people = accounts.names_of(UUID(key) for key in keys if key)
        return {key: people.get(UUID(key), key) if key else NOBODY for key in keys}
    if by in LAYERS:
        return {key: area_name(key) if key else NO_AREA for key in keys}
    return {key: _NAMES[by](key) for key in keys if key}


def area_name(code: str) -> str:
    """What an area is called; its code when it is not known any more."""
    return areas.name_of(code) if areas.is_known(code) else code


def category_name(code: str) -> Words | str:
    """What a category is called; its code when the table does not have it any more."""
    return next((each.name for each in catalogue.categories() if each.code == code), code)


_NAMES: Mapping[GroupBy, Callable[[str], str | Words]] = {
    GroupBy.CATEGORY: category_name, GroupBy.DAY: str, GroupBy.HOUR: lambda hour: f"{hour}:00–{hour}:59",
}
