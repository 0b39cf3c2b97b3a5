"""The catalogue of an installation: read once at start, asked ever after."""

import hashlib
from pathlib import Path
from typing import ClassVar, NamedTuple

from flask import Flask, current_app

from incident_service.catalogue.calendar_table import read_calendar
from incident_service.catalogue.categories import Category
from incident_service.catalogue.category_table import read_categories
from incident_service.catalogue.duplicate_table import read_duplicates
from incident_service.catalogue.duplicates import DuplicateRule
from incident_service.catalogue.evidence import Rule
from incident_service.catalogue.evidence_table import read_evidence
from incident_service.catalogue.ladder import Ladder
from incident_service.catalogue.ladder_table import read_ladders
from incident_service.catalogue.working_time import LAID_OUT
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import Words, both


class UnknownCategory(Invalid):
    """The catalogue has no such category."""

    slug: ClassVar[str] = "category-unknown"
    title: ClassVar[Words] = both("没有此类别", "There is no such category")


class Catalogue(NamedTuple):
    """Everything the tables say."""

    categories: dict[str, Category]
    evidence: dict[str, tuple[Rule, ...]]
    ladders: tuple[Ladder, ...]
    duplicates: dict[str, DuplicateRule]
    version: str


def load_catalogue(app: Flask) -> None:
    """Read the tables of the installation. Raises BrokenTable, which stops the start."""
    folder: Path = app.config["TABLES_DIR"]
    table = folder / "categories.toml"
    categories = read_categories(table)
    app.extensions["catalogue"] = Catalogue(
        categories=categories,
        evidence=read_evidence(folder / "evidence.toml", categories=categories,
                               photos_max=app.config["PHOTO_COUNT_MAX"]),
        ladders=read_ladders(folder / "ladders.toml", categories=categories),
        duplicates=read_duplicates(folder / "duplicates.toml", categories=categories),
        version=hashlib.sha256(table.read_bytes()).hexdigest()[:16],
    )
    app.extensions[LAID_OUT] = {
        None: read_calendar(folder / "calendar.toml", time_zone=app.config["TIME_ZONE"])}


def categories() -> tuple[Category, ...]:
    """Every category, in the order of the table."""
    return tuple(_catalogue().categories.values())


def category(code: str) -> Category:
    """The category with this code. Raises UnknownCategory, which points at `#/category`."""
    known = _catalogue().categories
    if code not in known:
        raise UnknownCategory(errors=[FieldError("#/category", both(
            "没有类别 {code}", "There is no category {code}", code=code))])
    return known[code]


class Description(NamedTuple):
    """A category and one of its filing conditions in words."""

    category: Words
    condition: Words
    closing: Words


def describe(code: str, condition: str = "") -> Description:
    """A case's category and condition in words. What the table does not have any more is called by its code: old
    cases stay readable."""
    known = _catalogue().categories.get(code)
    if known is None:
        return Description(_by_code(code), _by_code(condition), _by_code(""))
    by_code = {each.code: each.name for each in known.conditions}
    return Description(known.name, by_code.get(condition, _by_code(condition)), known.closing)


def _by_code(code: str) -> Words:
    return both("{code}", "{code}", code=code)


def evidence_rules(category: str) -> tuple[Rule, ...]:
    """What the city asks of the photos of a report in this category."""
    return _catalogue().evidence[category]


def duplicate_rule(category: str) -> DuplicateRule:
    """When a report in this category is taken for the same thing as an open case."""
    return _catalogue().duplicates[category]


def ladder(category: str, part: str) -> Ladder:
    """What happens when this part of a case in this category is not accepted in time."""
    return next(each for each in _catalogue().ladders if each.is_for(category, part))


def version() -> str:
    """A short word that changes whenever the table of categories does."""
    return _catalogue().version


def _catalogue() -> Catalogue:
    found: Catalogue = current_app.extensions["catalogue"]
    return found
