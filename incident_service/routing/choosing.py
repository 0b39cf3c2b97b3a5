"""Choosing the responders of a case. Reads areas, rules, people and their rosters; writes nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from incident_service import areas
from incident_service.accounts import Role
from incident_service.areas import Land, Place
from incident_service.foundation import clock
from incident_service.routing.fallbacks import Standby, along, the_way
from incident_service.routing.models import AT_THE_POST, Step
from incident_service.routing.posts import OnDuty, Post, on_duty, zone
from incident_service.routing.rule_sets import in_force, in_force_lately
from incident_service.routing.rules import Duty, Facts, Rule, RuleBook


class Workload(Protocol):
    """Tells how many dispatches each of these people has open."""

    def __call__(self, responder_ids: Iterable[UUID], /) -> Mapping[UUID, int]: ...


@dataclass(frozen=True)
class Part:
    """One responder of a case: lead (主责) or assist (协同)."""

    part: str
    role: Role
    kind: str | None
    area_code: str
    responder_id: UUID
    explanation: dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """A part that found nobody, and why: `no_area` (outside every polygon) or `nobody` (nobody on duty)."""

    part: str
    role: Role
    kind: str | None
    area_code: str | None
    reason: str


@dataclass(frozen=True)
class Decision:
    """Where a case belongs and who answers for it. Without a lead the case is unroutable."""

    place: Place
    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]

    @property
    def is_routable(self) -> bool:
        """Whether somebody leads."""
        return any(part.part == "lead" for part in self.parts)


@dataclass(frozen=True)
class Wanted:
    """A part that is to be filled: the post it belongs to, and who is asked after it."""

    duty: Duty
    way: Sequence[tuple[Step, Post]]
    because: dict[str, Any]


class Busy:
    """How many dispatches people have open: asked where there is somebody to compare, and of nobody twice."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.open_now: dict[UUID, int] = {}

    def compare(self, *levels: Sequence[Standby]) -> None:
        """Have the figures of all who stand at one level with somebody else, in one question."""
        ids = {each.account_id for level in levels if len(level) > 1 for each in level} - self.open_now.keys()
        if ids:
            self.open_now |= dict.fromkeys(ids, 0)
            self.open_now |= self.workload(ids)

    def least(self, level: Sequence[Standby]) -> Standby:
        """Who has the fewest open, of equals the senior."""
        self.compare(level)
        return min(level, key=lambda each: (self.open_now.get(each.account_id, 0), each.since, each.account_id))


def choose(*, category: str, condition: str = "", longitude: float, latitude: float, workload: Workload,
           at: datetime | None = None, rules: RuleBook | None = None) -> Decision:
    """Who leads and who assists in a case of `category` (and filing `condition`) at a WGS-84 place, now (or `at`).

    The first rule that matches, of those in force (or of `rules`), names for each part a role and the layer it is held
    on; the part takes the first who is on duty on the way that `fallbacks` describes, the desk excepted; of several at
    one step the one with the fewest open dispatches, then the senior. Nobody gets a second
    part that is not at their own post. `workload` tells how many
    each has open.
    """
    place, book, at = areas.locate(longitude, latitude), rules or in_force_lately(), at or clock.now()
    rule = book.first(Facts(category, condition, place.land, place.area_code or "", at), zone())
    if rule is None:
        return Decision(place, (), ())
    sought = [_wanted(duty, place, _because(rule, book, place)) for duty in rule.duties]
    posts = {post for each in sought if isinstance(each, Wanted) for _, post in each.way}
    there = on_duty(posts, at) if posts else {}
    busy = Busy(workload)
    busy.compare(*(_nearest(each, there) for each in sought if isinstance(each, Wanted)))
    parts: list[Part] = []
    gaps: list[Gap] = []
    for each in sought:
        found = each if isinstance(each, Gap) else _fill(each, there, busy, {part.responder_id for part in parts})
        (parts if isinstance(found, Part) else gaps).append(found)              # type: ignore[arg-type]
    return Decision(place, tuple(parts), tuple(gaps))


def _because(rule: Rule, book: RuleBook, place: Place) -> dict[str, Any]:
    return {"rule": rule.code, "rule_name": dict(rule.name), "rules_version": book.version, "edition": place.edition,
            "land": str(place.land)}


def _wanted(duty: Duty, place: Place, because: dict[str, Any]) -> Wanted | Gap:
    found = place.on(duty.layer)
    if found is None:
        return Gap(duty.part, duty.role, duty.kind, None, "no_area")
    way = the_way(Post(found.area.code, duty.role, duty.kind or ""), place.grid)
    return Wanted(duty, [(step, post) for step, post in way if post.role is not Role.DESK or step is Step.HOLDER],
                  because | {"layer": str(duty.layer), "place": found.area.code, "place_name": found.area.name,
                             "on_border": found.on_border, "distance_m": round(found.distance_m, 1)})


def _fill(wanted: Wanted, there: Mapping[Post, Sequence[OnDuty]], busy: Busy, taken: Collection[UUID]) -> Part | Gap:
    level = _nearest(wanted, there, taken)
    if not level:
        post = wanted.way[0][1]
        return Gap(wanted.duty.part, post.role, post.kind or None, post.area_code, "nobody")
    chosen = busy.least(level)
    return Part(wanted.duty.part, chosen.role, chosen.kind, chosen.area_code, chosen.account_id,
                wanted.because | chosen.explanation)


def _nearest(wanted: Wanted, there: Mapping[Post, Sequence[OnDuty]], taken: Collection[UUID] = ()) -> list[Standby]:
    """Everybody at the first step of the way at which somebody is free."""
    free = (each for each in along(wanted.way, there) if each.step in AT_THE_POST or each.account_id not in taken)
    return next((list(level) for _, level in groupby(free, key=attrgetter("step", "area_code", "role"))), [])


def usual_duties(category: str, condition: str) -> tuple[Duty, ...]:
    """Who usually answers for a category by the rules in force: now, anywhere, on land of unknown kind."""
    rule = in_force().first(Facts(category, condition, Land.UNKNOWN, "", clock.now()), zone())
    return rule.duties if rule else ()


@dataclass(frozen=True)
class Target:
    """Where a rule sends a part: a post, or (without an area) nowhere."""

    part: str
    role: Role
    kind: str | None
    area_code: str | None
    rule: str

    @property
    def where(self) -> tuple[str, Role, str | None, str | None]:
        """All of it but the name of the rule."""
        return self.part, self.role, self.kind, self.area_code


def targets(*, category: str, condition: str, longitude: float, latitude: float, at: datetime,
            rules: RuleBook) -> list[Target]:
    """Where rules send a case, whoever is there: no question to the database."""
    place = areas.locate(longitude, latitude)
    rule = rules.first(Facts(category, condition, place.land, place.area_code or "", at), zone())
    return [Target(duty.part, duty.role, duty.kind, place.code_on(duty.layer), rule.code)
            for duty in rule.duties] if rule else []
