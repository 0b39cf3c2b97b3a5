"""The 3,000 real cases: per district and type, as numpy computes it from the file itself."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from incident_service.cases.commands import cases_commands
from incident_service.foundation.database import db
from incident_service.supervision import daybook
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import figures_of
from incident_service.supervision.scope import Scope
from tests.cases.boston import CITY, CSV, beat_codes, import_boston, needs_real_data, police_districts, rows

BOSTON = ZoneInfo("America/New_York")
CLOCK_CHANGES = ("2015-03-08T02", "2015-11-01T02")
ALL = Period(datetime(2014, 12, 1, tzinfo=UTC), datetime(2016, 2, 1, tzinfo=UTC))


def moment(text: str) -> datetime | None:
    """A time on the wall in Boston, as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=BOSTON).astimezone(UTC) if text else None


def truth(some) -> dict[str, object]:
    """What the file says of some of its rows."""
    took, on_time, closed = [], 0, 0
    for row in some:
        opened, ended, target = (moment(row[name]) for name in ("opened", "closed", "target"))
        closed += ended is not None
        if ended and ended >= opened:
            took.append((ended - opened).total_seconds())
        on_time += bool(ended and target and ended <= target)
    p50, p90 = np.percentile(took, (50, 90)) if took else (None, None)
    return {"cases": len(some), "closed": closed, "within_limit": on_time, "p50": p50, "p90": p90}


def ours(one) -> dict[str, object]:
    return {"cases": one.cases, "closed": one.closed, "within_limit": one.within_limit, "p50": one.to_close.p50,
            "p90": one.to_close.p90}


@pytest.fixture
def boston(app, monkeypatch):
    """The file imported by its one command into a city whose beats are the police districts."""
    monkeypatch.setitem(app.config, "CITY_CODE", CITY)
    monkeypatch.setitem(app.config, "TIME_ZONE", "America/New_York")
    import_boston()
    db.session.commit()
    assert app.test_cli_runner().invoke(cases_commands, ["import", str(CSV)]).exit_code == 0
    db.session.expire_all()


@needs_real_data
def test_every_district_and_type_is_as_numpy_says(boston):
    shapes, codes = police_districts(), beat_codes()
    places = shapely.points([(float(row["lon"]), float(row["lat"])) for row in rows()])
    held = {codes[name]: shapely.intersects(shape, places) for name, shape in shapes.items()}
    by_district, by_type, by_hour = defaultdict(list), defaultdict(list), defaultdict(list)
    for number, row in enumerate(rows()):
        by_district[next((code for code in sorted(held) if held[code][number]), None)].append(row)
        by_type[row["type"]].append(row)
        by_hour[row["opened"][11:13]].append(row)
    crossing = [row for row in rows() if any(row["opened"] < change < row["closed"] for change in CLOCK_CHANGES)]
    assert len(crossing) > 20                           # or their clocks would prove nothing
    check_all(by_district, by_type, by_hour)
    assert daybook.fold()
    check_all(by_district, by_type, by_hour)


def check_all(by_district, by_type, by_hour):
    """The groups of the whole city, and the types of each district."""
    scope = Scope([CITY])
    for group_by, expected in ((GroupBy.BEAT, by_district), (GroupBy.KIND, by_type), (GroupBy.HOUR, by_hour)):
        found = figures_of(scope, ALL, group_by=group_by)
        assert ours(found.total) == pytest.approx(truth(rows()))
        assert {item.key for item in found.items} == set(expected)
        for item in found.items:
            assert ours(item.figures) == pytest.approx(truth(expected[item.key]), nan_ok=True), item.key
    for district in beat_codes().values():
        found = figures_of(scope, ALL, group_by=GroupBy.KIND, filters=Filters(area=district)).items
        assert {item.key for item in found} == {row["type"] for row in by_district[district]}
        for item in found:
            some = [row for row in by_district[district] if row["type"] == item.key]
            assert ours(item.figures) == pytest.approx(truth(some), nan_ok=True), (district, item.key)


@needs_real_data
def test_what_lies_outside_is_counted_and_a_clock_change_moves_nothing(boston):
    found = figures_of(Scope([CITY]), ALL, group_by=GroupBy.BEAT)
    assert sum(item.figures.cases for item in found.items) == found.total.cases == 3000
    assert found.total.negative_spans == sum(bool(row["closed"]) and row["closed"] < row["opened"] for row in rows())
    days = figures_of(Scope([CITY]), ALL, group_by=GroupBy.DAY)
    assert {item.key: item.figures.cases for item in days.items} == Counter(row["opened"][:10] for row in rows())
