"""The guard against collusion and farming: `config/tables/guard.toml` weighs facts that are handed in."""

import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, current_app

from incident_service.foundation.words import both
from incident_service.points.awarding import HeldBecause

WEIGHT_MAX = 1000


class GuardBroken(SystemExit):
    """The guard's table cannot be used; the message says where."""


class Fact(StrEnum):
    """What is known of an award and may speak against it."""

    PAIR = "pair"                               # closed cases of this reporter and this manager within 30 days
    BURST = "burst"                             # reports of this reporter within an hour before and after
    SPOT = "spot"                               # closed cases of this reporter at this spot within 30 days
    REUSED_PHOTO = "reused_photo"               # pictures it rests on that were seen before
    SECONDS_TO_RECTIFY = "seconds_to_rectify"   # from the push
    SECONDS_TO_CLOSE = "seconds_to_close"
    OWN_HANDLING = "own_handling"               # the manager who is thanked rectified it alone
    OWN_CLOSING = "own_closing"                 # the manager who is thanked closed it


WORDS = {
    Fact.PAIR: both("与同一上报人/网格管理员 30 天内第 {value} 件", "case {value} of the same pair within 30 days"),
    Fact.BURST: both("上报人一小时前后共上报 {value} 件", "{value} reports of the reporter within an hour"),
    Fact.SPOT: both("上报人 30 天内在同一地点第 {value} 件", "case {value} at this spot within 30 days"),
    Fact.REUSED_PHOTO: both("照片 {value} 张曾被使用", "{value} photos were used before"),
    Fact.SECONDS_TO_RECTIFY: both("派遣后 {value} 秒整改", "rectified {value} s after the push"),
    Fact.SECONDS_TO_CLOSE: both("派遣后 {value} 秒结案", "closed {value} s after the push"),
    Fact.OWN_HANDLING: both("由获奖的网格管理员自行整改", "rectified by the manager who is thanked"),
    Fact.OWN_CLOSING: both("由获奖的网格管理员自行结案", "closed by the manager who is thanked"),
}
WEIGHED = both("{words}（权重 {weight}）", "{words} (weight {weight})")


class Rule(NamedTuple):
    """A fact that counts when it is at least, or at most, some value."""

    fact: Fact
    at_least: int | None
    at_most: int | None
    weight: int

    def counts(self, value: int) -> bool:
        """Whether a fact of this value speaks against an award."""
        return ((self.at_least is None or value >= self.at_least)
                and (self.at_most is None or value <= self.at_most))


class Guard(NamedTuple):
    """All rules, and from which sum of weights on an award is held."""

    threshold: int
    rules: Sequence[Rule]


def load_guard(app: Flask) -> None:
    """Read the guard's rules. Raises GuardBroken, which stops the start."""
    app.extensions["points_guard"] = read_guard(app.config["TABLES_DIR"] / "guard.toml")


def suspicions(facts: Mapping[Fact, int], evidence: Mapping[Fact, Sequence[HeldBecause]]) -> list[HeldBecause]:
    """Why an award is to be held, by the rules in force; nothing while their weights stay below the threshold.

    `evidence` says more of a fact than its number does. Of several rules about one fact the heaviest counts.
    """
    guard: Guard = current_app.extensions["points_guard"]
    heaviest: dict[Fact, int] = {}
    for rule in guard.rules:
        if rule.fact in facts and rule.counts(facts[rule.fact]):
            heaviest[rule.fact] = max(heaviest.get(rule.fact, 0), rule.weight)
    if sum(heaviest.values()) < guard.threshold:
        return []
    return [each for fact, weight in heaviest.items()
            for each in evidence.get(fact) or [_in_words(fact, facts[fact], weight)]]


def _in_words(fact: Fact, value: int, weight: int) -> HeldBecause:
    words = both(WORDS[fact].zh, WORDS[fact].en, value=value)
    return HeldBecause(fact, both(WEIGHED.zh, WEIGHED.en, words=words, weight=weight))


def read_guard(path: Path) -> Guard:
    """The rules. Raises GuardBroken."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return Guard(_weight(said, "threshold"), [_rule(each) for each in said["rule"]])
    except (KeyError, ValueError, TypeError) as error:
        raise GuardBroken(f"{path.name}: {type(error).__name__} {error}") from error


def _rule(line: Mapping[str, Any]) -> Rule:
    bounds = [line.get("at_least"), line.get("at_most")]
    if not line.get("source"):
        raise ValueError(f"rule {line} has no source.")
    if bounds == [None, None] or any(type(each) is not int for each in bounds if each is not None):
        raise ValueError(f"rule {line} needs at_least or at_most, whole.")
    return Rule(Fact(line["fact"]), bounds[0], bounds[1], _weight(line, "weight"))


def _weight(line: Mapping[str, Any], name: str) -> int:
    if type(line[name]) is not int or not 0 < line[name] <= WEIGHT_MAX:
        raise ValueError(f"{line} says {name} {line[name]!r}, not 1 to {WEIGHT_MAX} whole.")
    return line[name]
