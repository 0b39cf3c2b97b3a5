"""Any split adds up: of a period, of an area however unevenly it is divided, and by whatever else cases differ."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from incident_service.cases import CaseEvent, Move
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.daybook.days import beginning
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import OF_RESPONDERS, GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.reading import uuid_of
from incident_service.supervision.response_times import facts_about, figures_of
from incident_service.supervision.scope import Scope
from tests.factories import an_account
from tests.supervision.past import a_past_case, given

CITY = Scope(["3601"])
ZONE = "America/New_York"                                   # whose clocks change on 8 March and 1 November 2026
YEAR = Period(datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC))
CHANGES = (datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC))
WIDTHS = (2, 3, 3, 3)                                       # digits of a district, a street, a community, a grid


def a_tree(chance: Random, code: str = "3601", level: int = 0) -> Iterator[str]:
    """Codes of a city and of what is in it, some of it not divided any further."""
    yield code
    if level < len(WIDTHS) and (level == 0 or chance.random() < 0.7):
        for number in chance.sample(range(1, 12), chance.choice((1, 2, 3))):
            yield from a_tree(chance, f"{code}{number:0{WIDTHS[level]}}", level + 1)


@pytest.fixture(params=[(1, False), (2, True)], ids=["from cases", "from the daybook and what came since"])
def areas(request, app, monkeypatch):
    """A random tree of areas, and cases anywhere in it or outside, at any time, many of them around clock changes."""
    monkeypatch.setitem(app.config, "TIME_ZONE", ZONE)
    seed, is_folded = request.param
    chance = Random(seed)
    codes, people = list(a_tree(chance)), [an_account().id for _ in range(3)]
    for count in (50, 20):
        with transaction():
            for _ in range(count):
                _a_case(chance, chance.choice([*codes, None]), people)
        if count == 50 and is_folded:
            assert daybook.fold()
    return codes


def _a_case(chance: Random, area: str | None, people) -> None:
    spot = chance.choice([*CHANGES, None, None])
    opened = (spot + timedelta(seconds=chance.randrange(-7200, 7200)) if spot
              else YEAR.since + timedelta(seconds=chance.randrange(365 * 86_400)))
    took = sorted(chance.randrange(9000) for _ in range(3))
    case = a_past_case(area=area, beat=chance.choice((None, "360101J01")), opened=opened,
                       pushed=chance.choice((None, 2)), closed=chance.choice((None, took[2])),
                       due=chance.choice((None, took[1])), category=chance.choice(("fire_lane", "other", "gone")))
    for part, who in zip(("lead", "assist"), chance.sample(people, chance.choice((0, 1, 2))), strict=False):
        given(case, who, part=part, rectified=chance.choice((None, took[0])))
    if chance.random() < 0.3:
        case.original_kind, case.fire_area_code = "Noise", "360101X01"
    db.session.add(CaseEvent(id=new_id(), case_id=case.id, sequence=1, at=opened, move=Move.REPORT, by_id=None,
                             status_before=None, status_after=case.status, note="", details={}))


def counts(period: Period = YEAR, **asked) -> tuple[int, ...]:
    """What is counted, and left out, in one answer."""
    found = figures_of(CITY, period, filters=Filters(**asked))
    return *found.total[:4], *found.left_out.values()


def added(some) -> tuple[int, ...]:
    """Answers added up."""
    return tuple(map(sum, zip(*some, strict=True)))


def ids(**asked) -> list[object]:
    """Which cases they are."""
    return sorted(map(uuid_of, facts_about(CITY, YEAR, Filters(**asked)).ids.tolist()))


def test_an_area_is_its_parts_and_what_lies_in_none_of_them(areas):
    layers = {6: GroupBy.DISTRICT, 9: GroupBy.STREET, 12: GroupBy.COMMUNITY, 15: GroupBy.GRID}
    for area in areas:
        below = [each for each in areas if each != area and each.startswith(area)]
        parts = [each for each in below if len(each) == min(map(len, below))]
        if parts:
            rest = {"area": area, "group_by": layers[len(parts[0])], "key": ""}
            assert added([*(counts(area=each) for each in parts), counts(**rest)]) == counts(area=area), area
            assert sorted([id for each in parts for id in ids(area=each)] + ids(**rest)) == ids(area=area)
    assert counts(area="3601") == counts()


def test_groups_of_any_kind_add_up_within_any_area(areas):
    for by in (each for each in GroupBy if each not in OF_RESPONDERS):
        for area in areas[:2]:
            found = figures_of(CITY, YEAR, group_by=by, filters=Filters(area=area))
            assert added([(0,) * 4, *(item.figures[:4] for item in found.items)]) == found.total[:4], (by, area)
            behind = [id for item in found.items for id in ids(area=area, group_by=by, key=item.key or "")]
            assert sorted(behind) == ids(area=area), (by, area)


def test_shares_of_responders_add_up_and_so_do_their_roles(areas):
    shares, roles = (figures_of(CITY, YEAR, group_by=by).items for by in OF_RESPONDERS)
    assert added(item.figures[:4] for item in shares) == added(item.figures[:4] for item in roles)
    assert {item.key is None for item in shares} == {True, False}


def cuts(chance: Random, how: str) -> list[datetime]:
    """Moments that divide the year: its days, weeks or months, as clocks on the wall begin them, or any."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    if how == "around clock changes":
        return [change + timedelta(minutes=minutes) for change in CHANGES for minutes in range(-90, 91, 30)]
    if how == "anywhere":
        return sorted(YEAR.since + timedelta(microseconds=chance.randrange(365 * 86_400 * 10**6)) for _ in range(12))
    wanted = {"days": lambda day: day.month in (3, 11), "weeks": lambda day: day.weekday() == 0,
              "months": lambda day: day.day == 1}[how]
    return [beginning(day) for day in days[1:] if wanted(day)]


def test_any_split_of_the_year_adds_up(areas):
    for how in ("days", "weeks", "months", "around clock changes", "anywhere"):
        parts = [counts(Period(*each)) for each in pairwise([YEAR.since, *cuts(Random(9), how), YEAR.until])]
        assert added(parts) == counts() and sum(part[0] > 0 for part in parts) > 2, how


def test_each_day_is_the_group_of_that_day(areas):
    """Also the day of 23 hours and the one of 25."""
    for item in figures_of(CITY, YEAR, group_by=GroupBy.DAY).items:
        day = date.fromisoformat(item.key)
        assert figures_of(CITY, Period(beginning(day), beginning(day + timedelta(days=1)))).total == item.figures
