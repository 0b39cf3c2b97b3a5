"""Roles and how far they reach. Pure rules: an area's code begins with its parent's, so the code is the tree."""

import re
from enum import StrEnum
from typing import NamedTuple

AREA_CODE = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}|[0-9]{6}[JX][0-9]{2,3}")
AREA_CODE_CHARACTERS_MAX = 15
KIND = re.compile(r"[a-z_]{1,32}")
CITY_CHARACTERS = 4


class Role(StrEnum):
    """What somebody is to the city."""

    RESIDENT = "resident"
    GRID_MANAGER = "grid_manager"
    OFFICER = "officer"
    DESK = "desk"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


HELD_WITHIN = {                                     # where a role is not for every sort of area
    Role.GRID_MANAGER: re.compile(r"[0-9]{9}|[0-9]{12}|[0-9]{15}"),                     # street, community, grid
    Role.OFFICER: re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{6}[JX][0-9]{2,3}"),     # city … street, beat, fire area
}


class Grant(NamedTuple):
    """A role to be held within an area; `kind` tells officers apart, such as `traffic`."""

    role: Role
    area_code: str
    kind: str | None = None


def is_area_code(code: str) -> bool:
    """Whether `code` has the form of a city, district, street, community, grid, beat or fire area."""
    return AREA_CODE.fullmatch(code) is not None


def is_beside(code: str) -> bool:
    """Whether an area lies beside the tree of city, district, street, community and grid: a letter marks its layer."""
    return not code.isdigit()


def is_city(code: str) -> bool:
    """Whether an area code is a city's."""
    return len(code) == CITY_CHARACTERS


def may_be_held_within(role: Role, code: str) -> bool:
    """Whether the role makes sense within such an area: a grid manager's is at most a street, an officer's is a
    beat, a fire area or wider."""
    form = HELD_WITHIN.get(role, AREA_CODE)
    return form.fullmatch(code) is not None


def needs_kind(role: Role) -> bool:
    """Whether holders of the role are told apart by a kind."""
    return role is Role.OFFICER


def is_kind(kind: str) -> bool:
    """Whether `kind` has the form of a kind, such as `traffic`."""
    return KIND.fullmatch(kind) is not None


def reaches(held: str, code: str) -> bool:
    """Whether a role held within the area `held` reaches the area `code`.

    Beats and fire areas have codes of two lengths and hold nothing smaller: `…J01` does not reach `…J012`.
    """
    return held == code or (not is_beside(held) and code.startswith(held))


def reached_from(code: str) -> list[str]:
    """Every code an area that contains `code` may have, the nearest first."""
    wider = [code[:length] for length in range(len(code) - 1, 0, -1)]
    return [code, *(each for each in wider if not is_beside(each))]
