"""The city's rules of evidence: read strictly, and weighed as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from config.base import Base
from incident_service.catalogue import Action, BrokenTable, Check, Rule, findings
from incident_service.catalogue.evidence_table import read_evidence

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
CATEGORIES = ("fire_lane", "other")
RULE = """[[rule]]
category = "{category}"
check = "{check}"
value = {value}
action = "{action}"
source = "{source}"
"""


def ago(**span):
    return NOW - timedelta(**span)


# check, value, when each photo was taken: the places found wanting (None: all together)
WEIGHED = [
    (Check.TOO_FEW, 3, [None], [None]),
    (Check.TOO_FEW, 3, [None, None], [None]),
    (Check.TOO_FEW, 3, [None] * 3, []),
    (Check.TOO_FEW, 1, [None], []),
    (Check.TOO_CLOSE_IN_TIME, 10, [ago(seconds=30), ago(seconds=20)], [None]),
    (Check.TOO_CLOSE_IN_TIME, 10, [ago(seconds=30), ago(seconds=19)], []),
    (Check.TOO_CLOSE_IN_TIME, 10, [ago(seconds=19), ago(seconds=25), ago(seconds=30)], []),
    (Check.TOO_CLOSE_IN_TIME, 10, [ago(seconds=30)], []),
    (Check.TOO_CLOSE_IN_TIME, 10, [ago(seconds=30), None], []),
    (Check.TOO_OLD, 24, [ago(hours=25), ago(hours=1)], [0]),
    (Check.TOO_OLD, 24, [ago(hours=24)], []),
    (Check.TOO_OLD, 24, [None], []),
    (Check.NOT_LIVE, 5, [ago(minutes=4)], []),
    (Check.NOT_LIVE, 5, [ago(minutes=4), ago(minutes=6)], [1]),
    (Check.NOT_LIVE, 5, [None], [0]),
]


def written(tmp_path, **line):
    path = tmp_path / "evidence.toml"
    path.write_text(RULE.format(**{"category": "*", "check": "too_few", "value": 3, "action": "warn",
                                   "source": "a test"} | line))
    return path


@pytest.mark.parametrize(("check", "value", "taken", "places"), WEIGHED)
@pytest.mark.parametrize("action", Action)
def test_what_is_wanting(check, value, taken, places, action):
    found = findings([Rule("*", check, value, action, "a test")], taken, received_at=NOW)
    assert [each.place for each in found] == ([] if action is Action.OFF else places)


def test_the_shipped_rules_refuse_nothing_and_cover_every_category():
    from incident_service.catalogue.category_table import read_categories

    codes = read_categories(Base.TABLES_DIR / "categories.toml")
    rules = read_evidence(Base.TABLES_DIR / "evidence.toml", categories=codes, photos_max=9)
    assert set(rules) == set(codes)
    assert all(rule.source and rule.action is not Action.REFUSE for each in rules.values() for rule in each)
    assert {rule.check: rule.value for rule in rules["motor_parking"]} == {
        Check.TOO_FEW: 3, Check.TOO_CLOSE_IN_TIME: 10, Check.TOO_OLD: 24, Check.NOT_LIVE: 5}


def test_a_category_s_own_line_stands_in_for_the_one_for_all(tmp_path):
    path = written(tmp_path)
    path.write_text(path.read_text() + RULE.format(category="other", check="too_few", value=1, action="off",
                                                   source="a test"))
    rules = read_evidence(path, categories=CATEGORIES, photos_max=9)
    assert [(rule.value, rule.action) for rule in rules["other"]] == [(1, Action.OFF)]
    assert [(rule.value, rule.action) for rule in rules["fire_lane"]] == [(3, Action.WARN)]


@pytest.mark.parametrize("line", [
    {"category": "nonsense"}, {"check": "too_dark"}, {"value": 0}, {"value": "true"}, {"value": '"3"'},
    {"action": "shout"}, {"source": ""}, {"value": 10, "action": "refuse"},
])
def test_a_broken_line_stops_the_start_and_says_where(tmp_path, line):
    with pytest.raises(BrokenTable, match=r"evidence\.toml"):
        read_evidence(written(tmp_path, **line), categories=CATEGORIES, photos_max=9)


def test_a_check_may_stand_once_for_a_category(tmp_path):
    path = written(tmp_path)
    path.write_text(path.read_text() * 2)
    with pytest.raises(BrokenTable):
        read_evidence(path, categories=CATEGORIES, photos_max=9)
