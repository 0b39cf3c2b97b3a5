"""Cases that are already in the tables, with whatever clocks a test needs."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from incident_service import accounts
from incident_service.accounts import Account, Grant, Role
from incident_service.cases import Case, Dispatch, Status
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.supervision import Figures, Period, Times
from tests.factories import a_phone

GRID, OTHER_GRID = "360111001001001", "360111002001001"     # in two streets
MORNING = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)          # nine o'clock in the installation's zone
THAT_DAY = Period(MORNING - timedelta(hours=9), MORNING + timedelta(hours=15))
NOVEMBER = Period(datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC))


def a_past_case(
    *, area: str | None = GRID, beat: str | None = "360111J01", category: str = "fire_lane", opened: datetime = MORNING,
    pushed: float | None = None, accepted: float | None = None, rectified: float | None = None,
    closed: float | None = None, due: float | None = None,
) -> Case:
    """A case. `pushed` is in seconds after the report, all that follows in seconds after the push, or without one
    after the report; what is None has not happened."""
    start = _after(opened, pushed) or opened
    status = Status.CLOSED if closed is not None else Status.DISPATCHED if pushed is not None else Status.DISPATCHING
    case = Case(
        id=(id := new_id()), number=str(id), status=status, category=category, condition="occupied", longitude=115.93,
        latitude=28.69, address="", area_code=area, beat_code=beat, opened_at=opened, pushed_at=_after(opened, pushed),
        accepted_at=_after(start, accepted), rectified_at=_after(start, rectified), closed_at=_after(start, closed),
        due_at=_after(start, due))
    with transaction():
        db.session.add(case)
    return case


def given(case: Case, responder_id: UUID, *, part: str = "lead", round: int = 1, after: float = 0,
          accepted: float | None = None, rectified: float | None = None, ended: float | None = None) -> Dispatch:
    """A dispatch, pushed so many seconds after the case was; the rest in seconds after that."""
    pushed_at = (case.pushed_at or case.opened_at) + timedelta(seconds=after)
    dispatch = Dispatch(
        id=new_id(), case_id=case.id, round=round, part=part, role="officer", kind="traffic", area_code="360111J01",
        responder_id=responder_id, explanation={}, pushed_at=pushed_at, accepted_at=_after(pushed_at, accepted),
        rectified_at=_after(pushed_at, rectified), ended_at=_after(pushed_at, ended))
    with transaction():
        db.session.add(dispatch)
    return dispatch


def _after(moment: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else moment + timedelta(seconds=seconds)


def a_month_of_cases(count: int, seed: int) -> list[Case]:
    """Cases of all kinds all over the town in November 2026, each as far as chance let it come."""
    chance = Random(seed)
    return [_by_chance(chance) for _ in range(count)]


def _by_chance(chance: Random) -> Case:
    steps = [None if chance.random() < 0.2 else round(chance.lognormvariate(6, 2), 6) for _ in range(4)]
    steps = [step if chance.random() > 0.05 or step is None else -step for step in steps]
    community = f"3601{chance.choice((11, 12))}00{chance.choice((1, 2))}00{chance.choice((1, 2))}"
    return a_past_case(
        area=chance.choice((None, "3601", community[:9], f"{community}001", f"{community}002")),
        beat=chance.choice((None, "360111J01", "360111J012")), category=chance.choice(("fire_lane", "other", "gone")),
        opened=NOVEMBER.since + timedelta(seconds=chance.uniform(0, 30 * 86400)),
        pushed=steps[0], accepted=steps[1], rectified=steps[2], closed=steps[3],
        due=chance.choice((None, 600.0, 7200.0)))


Clock = tuple[datetime | None, datetime | None]


def told(figures: Figures) -> dict[str, Any]:
    """Figures with one name for each number."""
    return flat({name: value._asdict() if isinstance(value, Times) else value
                 for name, value in figures._asdict().items()})


def expected(cases: Iterable[Case]) -> Any:
    """The figures of some cases, computed one case at a time; equal to a hair, as sums may be taken in any order."""
    cases = list(cases)
    done = [(case.rectified_at or case.closed_at, case.due_at) for case in cases]
    return pytest.approx(flat({
        "cases": len(cases), "closed": sum(case.closed_at is not None for case in cases),
        "within_limit": sum(bool(at and due and at <= due) for at, due in done),
        "negative_spans": sum(any(span < 0 for clock in CLOCKS.values() for span in _spans([clock(case)]))
                              for case in cases),
    } | {name: times(_spans(map(clock, cases))) for name, clock in CLOCKS.items()}), abs=2e-6)


def flat(figures: dict[str, Any]) -> dict[str, Any]:
    """A dict of dicts as one dict."""
    return {f"{name}.{part}".removesuffix("."): number for name, value in figures.items()
            for part, number in (value.items() if isinstance(value, dict) else [("", value)])}


CLOCKS: dict[str, Callable[[Case], Clock]] = {
    "to_dispatch": lambda case: (case.opened_at, case.pushed_at),
    "to_accept": lambda case: (case.pushed_at, case.accepted_at),
    "to_rectify": lambda case: (case.pushed_at, case.rectified_at),
    "to_close": lambda case: (case.pushed_at or case.opened_at, case.closed_at),
}


def _spans(clocks: Iterable[Clock]) -> list[float]:
    return [(end - start).total_seconds() for start, end in clocks if start and end]


def times(spans: Iterable[float]) -> dict[str, float | None]:
    """The percentiles and the mean of what is not negative."""
    kept = [span for span in spans if span >= 0]
    if not kept:
        return dict.fromkeys(("p50", "p90", "p95", "mean")) | {"cases": 0}
    p50, p90, p95 = np.quantile(kept, [0.5, 0.9, 0.95], method="linear")
    return {"p50": p50, "p90": p90, "p95": p95, "mean": sum(kept) / len(kept), "cases": len(kept)}


def a_supervisor(*areas: str, besides: Iterable[Grant] = ()) -> Account:
    """Who looks over these areas, whatever else they are."""
    roles = [*(Grant(Role.SUPERVISOR, area) for area in areas), *besides]
    return accounts.find(accounts.add_person(a_phone(), "督查员", roles=roles).id)
