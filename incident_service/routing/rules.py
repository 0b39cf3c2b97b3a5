"""Which role answers for which case: ordered rules, the first that matches counts. No database, no Flask."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from incident_service.accounts import Role
from incident_service.areas import Land, Layer
from incident_service.routing.shifts import EVERY_DAY, Shift

PARTS = ("lead", "assist")


class Facts(NamedTuple):
    """What rules may ask of a case: `area_code` is its grid, or whose desk it belongs to."""

    category: str
    condition: str
    land: Land
    area_code: str
    at: datetime


@dataclass(frozen=True)
class Duty:
    """Who answers for a part: a role (and kind of officer), looked for on a layer."""

    part: str
    role: Role
    kind: str | None
    layer: Layer


@dataclass(frozen=True)
class Rule:
    """One rule. What it does not name, it does not ask: no categories means every category."""

    code: str
    name: Mapping[str, str]                             # zh, en
    categories: frozenset[str]
    conditions: frozenset[str]
    land: frozenset[Land]
    within: str
    hours: Shift | None
    duties: tuple[Duty, ...]
    is_on: bool

    @property
    def asks_nothing(self) -> bool:
        """Whether it matches every case."""
        return not (self.categories or self.conditions or self.land or self.within or self.hours)

    def matches(self, facts: Facts, zone: ZoneInfo) -> bool:
        """Whether it is on and all that it asks is so."""
        return (self.is_on and (not self.categories or facts.category in self.categories)
                and (not self.conditions or facts.condition in self.conditions)
                and (not self.land or facts.land in self.land)
                and facts.area_code.startswith(self.within)
                and (self.hours is None or self.hours.runs_at(facts.at, zone)))


class RuleBook(NamedTuple):
    """An ordered set of rules: which version it is (None: a draft) and how often rules were switched until then."""

    version: int | None
    revision: int
    rules: Sequence[Rule]
    written: Sequence[Mapping[str, Any]]

    def first(self, facts: Facts, zone: ZoneInfo) -> Rule | None:
        """The first rule that matches; in a set that was checked there always is one."""
        return next((rule for rule in self.rules if rule.matches(facts, zone)), None)


def rule_of(written: Mapping[str, Any]) -> Rule:
    """The rule that stands in a file, a request or the database."""
    return Rule(
        code=written["code"], name=written["name"], categories=frozenset(written["categories"]),
        conditions=frozenset(written["conditions"]), land=frozenset(Land(each) for each in written["land"]),
        within=written["within"] or "", hours=_hours(written), duties=tuple(_duties(written)), is_on=written["is_on"])


def _hours(written: Mapping[str, Any]) -> Shift | None:
    if not (written["weekdays"] or written["from"]):
        return None
    days = sum(1 << day - 1 for day in set(written["weekdays"])) or EVERY_DAY
    return Shift(days, minute_of(written["from"] or "00:00"), minute_of(written["to"] or "00:00"), date.min)


def minute_of(at: str) -> int:
    """The minute of the day of a time such as `08:30`."""
    moment = time.fromisoformat(at)
    return moment.hour * 60 + moment.minute


def _duties(written: Mapping[str, Any]) -> Iterator[Duty]:
    for part in PARTS:
        if duty := written[part]:
            yield Duty(part, Role(duty["role"]), duty["kind"], Layer(duty["layer"]))
