"""A new street from four files, as docs/operations.md says."""

from datetime import datetime

import pytest
from sqlalchemy import func, select

from incident_service import areas, routing
from incident_service.accounts import Account
from incident_service.accounts.commands import people_commands
from incident_service.areas.commands import areas_commands
from incident_service.foundation.database import db
from incident_service.routing import RosterEntry
from incident_service.routing.commands import roster_commands, rules_commands
from tests.house.reading import ROOT

SAMPLES = ROOT / "docs" / "samples"
FILES = ((areas_commands, "areas.geojson"), (people_commands, "people.csv"), (roster_commands, "roster.csv"),
         (rules_commands, "rules.toml"))


@pytest.fixture
def street(app):
    """The four files, imported twice."""
    for commands, name in FILES * 2:
        said = app.test_cli_runner().invoke(commands, ["import", str(SAMPLES / name)])
        assert said.exit_code == 0, said.output


def names(category: str, at: str) -> list[tuple[str, str]]:
    decision = routing.choose(category=category, longitude=115.9475, latitude=28.7030, workload=lambda _: {},
                              at=datetime.fromisoformat(at))
    return [(part.part, db.session.get(Account, part.responder_id).name) for part in decision.parts]


def test_a_street_set_up_from_four_files_dispatches_by_its_roster_and_its_rules(street):
    assert names("fire_lane", "2026-12-01T12:00+08:00") == [("lead", "交警样例一"), ("assist", "网格员样例一")]
    assert names("fire_lane", "2026-12-01T23:00+08:00") == [("lead", "交警样例二"), ("assist", "网格员样例二")]
    assert names("rubbish", "2026-12-01T12:00+08:00") == [("lead", "社区样例")]
    assert names("street_lamp", "2026-12-01T12:00+08:00") == [("lead", "网格员样例一")]


def test_it_can_be_tried_beside_the_demo_town(town, street):
    """As on a fresh `make run`: nothing of the demo town is lost, and nobody there answers for the new street."""
    assert {part for part, _ in names("fire_lane", "2026-12-01T12:00+08:00")} == {"lead", "assist"}
    assert (areas.locate(115.93, 28.69).grid, areas.locate(115.9475, 28.703).grid) == (town.grid, "360111009001001")


def test_importing_the_files_again_makes_no_doubles(street):
    assert db.session.scalar(select(func.count(Account.id))) == 7
    assert db.session.scalar(select(func.count(RosterEntry.id))) == 5
    assert routing.in_force().version == 2


def test_the_gap_that_the_sample_roster_leaves_is_named(street):
    gaps = routing.roster_gaps(at=datetime.fromisoformat("2026-12-01T12:00+08:00"))
    assert {(gap.area_code, gap.begins_at.isoformat(), gap.ends_at.isoformat()) for gap in gaps} == {
        ("360111J09", "2026-12-04T23:00:00+00:00", "2026-12-05T11:00:00+00:00"),
        ("360111J09", "2026-12-05T23:00:00+00:00", "2026-12-06T11:00:00+00:00")}
