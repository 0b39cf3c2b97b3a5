"""The people of the demo town. Nobody here is real, and the numbers are of a range that is not in use."""

from collections.abc import Iterator
from typing import NamedTuple

from incident_service.accounts import Grant, Role
from incident_service.foundation.words import Words, both

PASSWORD = "linli-demo-2021"                 # noqa: S105  known to all: the demo town runs on loopback only
LONGITUDE, LATITUDE = 115.9300, 28.6900      # WGS-84: where the fire lane is


class Person(NamedTuple):
    """Somebody of the town; only those with a `says` sign in by password."""

    phone: str
    name: str
    grants: tuple[Grant, ...]
    says: Words | None = None


def people(*, city: str, street: str, grid: str, beat: str, grids: list[str], beats: list[str]) -> Iterator[Person]:
    """The seven of API.md, then a grid manager for every other grid and a traffic officer for every other beat."""
    yield Person("13900000001", "居民甲", (Grant(Role.RESIDENT, city),), both("居民", "resident"))
    yield Person("13900000002", "网格员甲", (Grant(Role.GRID_MANAGER, grid),),
                 both("网格管理员", "grid manager"))
    yield Person("13900000003", "交警甲", (Grant(Role.OFFICER, beat, "traffic"),),
                 both("交警队员", "traffic officer"))
    yield Person("13900000004", "值班员甲", (Grant(Role.DESK, street), Grant(Role.DESK, city)),
                 both("值班席（街道、市）", "desk of the street and the city"))
    yield Person("13900000005", "督查员甲", (Grant(Role.SUPERVISOR, city),),
                 both("督查（市）", "supervisor of the city"))
    yield Person("13900000006", "管理员甲", (Grant(Role.ADMIN, city),), both("系统管理员", "administrator"))
    yield Person("13900000007", "居民乙", (Grant(Role.RESIDENT, city),), both("居民", "resident"))
    for number, code in enumerate((each for each in grids if each != grid), 1):
        yield Person(f"1390000{1000 + number}", f"网格员{number:03}", (Grant(Role.GRID_MANAGER, code),))
    for number, code in enumerate((each for each in beats if each != beat), 1):
        yield Person(f"1390000{2000 + number}", f"交警{number:03}", (Grant(Role.OFFICER, code, "traffic"),))


def logins() -> list[tuple[str, Words]]:
    """Phone and role of everyone who can sign in, for the terminal and the front page."""
    cast = people(city="", street="", grid="", beat="", grids=[], beats=[])
    return [(each.phone, each.says) for each in cast if each.says]
