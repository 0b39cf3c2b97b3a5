"""Whether a role may be held as it is asked for: of which kind, within what sort of area, and whether that exists.

What areas there are is known a room away: the application is given it (`KNOWN_AREAS`).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from flask import current_app

from incident_service.accounts.roles import Grant, is_city, is_kind, may_be_held_within, needs_kind
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import Words, both

KNOWN_AREAS = "known_areas"
KIND_MISSING = both("警员须注明类别，例如 traffic", "An officer is of a kind, such as traffic")
KIND_UNKNOWN = both("类别只能由小写字母和下划线组成，最多 32 个字符",
                    "A kind is at most 32 small letters and underscores")
KIND_IDLE = both("只有警员分类别", "Only officers are of a kind")
AREA_UNFIT = both("该角色不能设在此类区域", "This role is not held within such an area")
AREA_UNKNOWN = both("没有该编码的区域", "No area has this code")


class KnownAreas(NamedTuple):
    """What the application tells about areas: whether one is in force, and whether any was ever imported."""

    exists: Callable[[str], bool]
    are_imported: Callable[[], bool]


def check(grants: Sequence[Grant], *, held: Collection[Grant] = ()) -> None:
    """Raise Invalid with every flaw of the grants. Those `held` already are left alone: areas come and go."""
    errors = [FieldError(f"#/roles/{place}/{field}", detail)
              for place, grant in enumerate(grants) if grant not in held for field, detail in flaws(grant)]
    if errors:
        raise Invalid(errors=errors)


def flaws(grant: Grant) -> Iterator[tuple[str, Words]]:
    """What is wrong with a grant, and in which field."""
    if grant.kind and not needs_kind(grant.role):
        yield "kind", KIND_IDLE
    elif grant.kind and not is_kind(grant.kind):
        yield "kind", KIND_UNKNOWN
    elif needs_kind(grant.role) and not grant.kind:
        yield "kind", KIND_MISSING
    if not may_be_held_within(grant.role, grant.area_code):
        yield "area", AREA_UNFIT
    elif not _exists(grant.area_code):
        yield "area", AREA_UNKNOWN


def _exists(code: str) -> bool:
    """Whether there is such an area. Before the first import there is none, and a city's administrator comes first."""
    known: KnownAreas = current_app.extensions[KNOWN_AREAS]
    return known.exists(code) or (is_city(code) and not known.are_imported())
