"""The categories as shipped, asked through the front door, and tables of them that must stop the start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config.base import Base
from incident_service import catalogue
from incident_service.catalogue.category_table import read_categories

SHIPPED = Base.TABLES_DIR / "categories.toml"
CATEGORIES = read_categories(SHIPPED)
EVERYDAY = {
    "fire_lane", "parking_shortage", "motor_parking", "non_motor_parking", "ebike_wires", "street_lamp", "road_surface",
    "flooding", "leaking_roof", "blocked_drain", "rubbish", "public_toilet", "illegal_building", "fire_equipment",
    "barrier_free", "lift", "cables", "green_space", "suggestion", "other",
}


@pytest.fixture
def loaded() -> Iterator[Flask]:
    app = Flask(__name__)
    app.config.update(TABLES_DIR=Base.TABLES_DIR, TIME_ZONE="Asia/Shanghai", PHOTO_COUNT_MAX=9)
    catalogue.load_catalogue(app)
    with app.app_context():
        yield app


def test_every_everyday_problem_has_a_category():
    assert set(CATEGORIES) >= EVERYDAY


def test_a_blocked_fire_lane_must_be_clear_within_two_hours():
    condition = CATEGORIES["fire_lane"].default_condition
    assert (condition.code, condition.limit, condition.unit) == ("occupied", 2, "urgent_hours")


@pytest.mark.parametrize("category", CATEGORIES.values(), ids=CATEGORIES)
def test_every_line_is_whole(category):
    assert [condition.is_default for condition in category.conditions].count(True) == 1
    for words in (category.name, category.closing, category.major.name, *(each.name for each in category.conditions)):
        assert words.in_language("zh") != words.in_language("en")
    assert all([category.source, category.major.source, *(condition.source for condition in category.conditions)])


def test_the_front_door(loaded: Flask):
    lane = catalogue.category("fire_lane")
    assert lane.condition("fixed_obstacle").unit is catalogue.Unit.WORKING_DAYS
    assert lane in catalogue.categories()
    assert len(catalogue.version()) == 16


def test_what_is_unknown_is_named(loaded: Flask):
    with pytest.raises(catalogue.UnknownCategory) as unknown:
        catalogue.category("fire_brigade")
    assert unknown.value.errors[0].pointer == "#/category"
    with pytest.raises(catalogue.UnknownCondition) as unknown:
        catalogue.category("lift").condition("occupied")
    assert unknown.value.errors[0].pointer == "#/condition"


@pytest.mark.parametrize(("old", "new", "fault"), [
    ('code = "fire_lane"', 'code = "fire-lane"', "code: It must be a short English code"),
    ('code = "fire_lane"', 'code = "fire_path"', "category: fire_lane must be there"),
    ('code = "fire_equipment"', 'code = "fire_lane"', "category: fire_lane stands there twice"),
    ('major = "fire_safety"', 'major = "fires"', "category: fire_lane name a major category that is not there"),
    ('code = "fixed_obstacle"', 'code = "occupied"', "fire_lane: Two lines have the same code"),
    ('code = "parking"', 'code = "fire_safety"', "Two lines have the same code"),
    ("is_default = true", "is_default = false", "fire_lane: condition: Exactly one condition must be the default"),
    ("is_default = true", "is_default = 1", "occupied: is_default: 1 is not a bool"),
    ("limit = 2", "limit = 0", "fire_lane: condition: occupied: limit: Must be greater than or equal to 1"),
    ("limit = 2", "limit = true", "limit: True is not a int"),
    ("limit = 2", "limit = 2.5", "limit: 2.5 is not a int"),
    ('unit = "urgent_hours"', 'unit = "hours"', "unit: Must be one of"),
    ('{ zh = "消防通道占用", en', "{ en", "fire_lane: name: It needs words in zh and in en"),
    ('zh = "消防通道占用"', 'zh = " "', "fire_lane: name: It needs words in zh and in en"),
    ('source = "GB/T 30428 (公用设施)"', 'source = ""', "public_facilities: source: Shorter than minimum length 1"),
    ('source = "GB/T 30428 (公用设施)"', "", "public_facilities: source: Missing data"),
    ("is_default = true", "isdefault = true", "isdefault: Unknown field"),
    ("[[category]]", "[[category", "categories.toml"),
])
def test_a_broken_table_stops_the_start_and_says_where(tmp_path: Path, old, new, fault):
    table = tmp_path / "categories.toml"
    table.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(catalogue.BrokenTable, match=r"categories\.toml: ") as stopped:
        read_categories(table)
    assert fault in str(stopped.value)


def test_a_brace_in_a_name_is_only_a_brace(tmp_path: Path):
    table = tmp_path / "categories.toml"
    table.write_text(SHIPPED.read_text(encoding="utf-8").replace("消防通道占用", "{消防}通道"), encoding="utf-8")
    assert read_categories(table)["fire_lane"].name.in_language("zh") == "{消防}通道"
