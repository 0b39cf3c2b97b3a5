"""What a thanks is worth: `config/tables/tariff.toml`, read and checked at start."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, current_app

from incident_service.foundation import clock
from incident_service.foundation.words import Words, both
from incident_service.points.days import local
from incident_service.points.models import Reason

AMOUNT_MAX = 10_000
ANY = "*"


class TariffBroken(SystemExit):
    """The tariff table cannot be used; the message says where."""


class Circumstance(StrEnum):
    """What lowers the worth of a thanks."""

    LATE = "late"                           # rectified after the deadline
    WEAK_PHOTO = "weak_photo"               # the pictures leave doubts about when or where they were taken


CIRCUMSTANCE_WORDS = {
    Circumstance.LATE: both("超时 {percent}%", "late {percent}%"),
    Circumstance.WEAK_PHOTO: both("照片存疑 {percent}%", "doubtful photo {percent}%"),
}


class Period(StrEnum):
    """Over which time a cap counts."""

    DAY = "day"
    MONTH = "month"


class Cap(NamedTuple):
    """At most so many points for these reasons in one calendar day or month, to one person."""

    period: Period
    reasons: frozenset[str]
    points: int


class Decay(NamedTuple):
    """What the nth thanks of one person at one place in one calendar month is worth, and any later one."""

    reasons: frozenset[str]
    nth: int
    percent: int


@dataclass
class Tariff:
    """One version of the tariff."""

    version: str
    in_force_from: date
    joined_max: int
    points: dict[tuple[str, str, str], int] = field(default_factory=dict)
    shares: dict[tuple[str, str], int] = field(default_factory=dict)
    caps: list[Cap] = field(default_factory=list)
    decays: list[Decay] = field(default_factory=list)

    def worth(self, reason: str, category: str, condition: str = ANY) -> int:
        """Whole points for a reason, by the line that names most of the case; a joined report gets its share."""
        if reason == Reason.JOINED_REPORT:
            return self.worth(Reason.FIRST_REPORT, category, condition) * self.shares.get((reason, ANY), 0) // 100
        for key in ((reason, category, condition), (reason, category, ANY), (reason, ANY, ANY)):
            if key in self.points:
                return self.points[key]
        return 0


class Worth(NamedTuple):
    """What a thanks is worth by which version of the tariff, and the words for what lowered it."""

    points: int
    version: str
    words: list[Words]


def load_tariff(app: Flask) -> None:
    """Read the tariff. Raises TariffBroken, which stops the start."""
    app.extensions["tariff"] = read_tariff(app.config["TABLES_DIR"] / "tariff.toml")


def tariff(at: datetime | None = None) -> Tariff:
    """The version in force at a moment, now when none is named."""
    versions: list[Tariff] = current_app.extensions["tariff"]
    day = local(at or clock.now()).date()
    return next((each for each in versions if each.in_force_from <= day), versions[-1])


def worth(reason: str, category: str, condition: str = ANY, circumstances: Collection[Circumstance] = (), *,
          at: datetime | None = None) -> Worth:
    """What the city gives for `reason` in a case of this category and condition, at a moment or now."""
    current = tariff(at)
    points, words = current.worth(reason, category, condition), []
    for each in sorted(circumstances):
        percent = current.shares.get((reason, each), 100)
        if percent < 100:
            points = points * percent // 100
            words.append(both(CIRCUMSTANCE_WORDS[each].zh, CIRCUMSTANCE_WORDS[each].en, percent=percent))
    return Worth(points, current.version, words)


def read_tariff(path: Path) -> list[Tariff]:
    """Every version, the newest first. Raises TariffBroken."""
    try:
        versions = [_version(each) for each in tomllib.loads(path.read_text(encoding="utf-8"))["tariff"]]
    except (KeyError, ValueError, TypeError) as error:
        raise TariffBroken(f"{path.name}: {type(error).__name__} {error}") from error
    for name in ("version", "in_force_from"):
        if len({getattr(each, name) for each in versions}) < len(versions):
            raise TariffBroken(f"{path.name}: two versions have the same {name}.")
    return sorted(versions, key=lambda each: each.in_force_from, reverse=True)


def _version(said: Mapping[str, Any]) -> Tariff:
    if not said.get("source"):
        raise ValueError(f"version {said['version']} has no source.")
    made = Tariff(said["version"], said["in_force_from"], _whole(said, "joined_max"))
    for line in _sourced(said, "line"):
        _once(made.points, (Reason(line["reason"]).value, line["category"], line.get("condition", ANY)),
              _whole(line, "points"))
    for share in _sourced(said, "share"):
        when = Circumstance(share["when"]).value if "when" in share else ANY
        _once(made.shares, (Reason(share["reason"]).value, when), _percent(share))
    made.caps = [Cap(Period(each["period"]), _reasons(each), _whole(each, "points")) for each in _sourced(said, "cap")]
    made.decays = sorted((Decay(_reasons(each), _whole(each, "nth"), _percent(each))
                          for each in _sourced(said, "decay")), key=lambda each: -each.nth)
    return made


def _sourced(said: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    for line in said.get(name, ()):
        if not line.get("source"):
            raise ValueError(f"{name} {line} has no source.")
        yield line


def _once(found: dict[Any, int], key: Any, value: int) -> None:
    if key in found:
        raise ValueError(f"{key} stands there twice.")
    found[key] = value


def _whole(line: Mapping[str, Any], name: str, most: int = AMOUNT_MAX) -> int:
    value = line[name]
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{line} says {name} {value!r}, not 0 to {most} whole.")
    return value


def _percent(line: Mapping[str, Any]) -> int:
    return _whole(line, "percent", 100)


def _reasons(line: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(Reason(each).value for each in line["reasons"])
