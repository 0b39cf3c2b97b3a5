"""Which cases a question is about: any combination of where, what, whose and when of the day or week."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from incident_service import cases
from incident_service.accounts import reaches
from incident_service.areas import Layer, layer_of
from incident_service.cases import Case, Dispatch
from incident_service.supervision.facts import Facts, Mask
from incident_service.supervision.grouping import (
    OF_RESPONDERS,
    GroupBy,
    hours_of,
    key_of,
    labels_for,
    wall_clock,
    weekdays_of,
)
from incident_service.supervision.periods import Moments


@dataclass(frozen=True)
class Filters:
    """Empty, it lets every case pass. Hours are of the day (0 to 23), weekdays 1 (Monday) to 7, both on the wall.

    `group_by` and `key` narrow to one group of a grouping; a key of "" stands for the group without one.
    """

    area: str | None = None
    category: str | None = None
    condition: str | None = None
    kind: str | None = None
    responder: UUID | None = None
    role: str | None = None
    hours: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    group_by: GroupBy | None = None
    key: str | None = None

    @property
    def is_of_responders(self) -> bool:
        """Whether rows are responders' shares in cases rather than cases."""
        return self.responder is not None or self.role is not None or self.group_by in OF_RESPONDERS

    @property
    def is_of_fire_areas(self) -> bool:
        """Whether it takes the areas of the fire service to answer."""
        return self.group_by is GroupBy.FIRE_AREA or (self.area is not None and is_fire_area(self.area))

    @property
    def is_only_of_places(self) -> bool:
        """Whether nothing but an area narrows the question."""
        return self == replace(Filters(), area=self.area)

    def condition_on_cases(self) -> Iterator[ColumnElement[bool]]:
        """What the database can say beforehand; `mask` says it all."""
        if self.area is not None:
            yield cases.within(self.area)
        for column, value in ((Case.category, self.category), (Case.condition, self.condition),
                              (Case.original_kind, self.kind)):
            if value is not None:
                yield column == value
        if self.responder is not None:
            theirs = aliased(Dispatch)
            yield Case.id.in_(select(theirs.case_id).where(theirs.responder_id == self.responder))

    def mask(self, facts: Facts, *, city: str) -> Mask:
        """The rows that pass."""
        passing = np.ones(facts.count, dtype=np.bool_)
        if self.area is not None:
            passing &= within_any(facts, [self.area], city=city)
        for name, value in (("category", self.category), ("condition", self.condition), ("kind", self.kind),
                            ("role", self.role), ("responder", str(self.responder) if self.responder else None)):
            if value is not None:
                passing &= facts.labels[name].where(lambda label, value=value: label == value)   # type: ignore[misc]
        if self.hours or self.weekdays:
            passing &= self._by_the_clock(facts.clocks.opened)
        if self.group_by is not None and self.key is not None:
            passing &= labels_for(facts, self.group_by).where(lambda label: (key_of(label) or "") == self.key)
        return passing

    def _by_the_clock(self, opened: Moments) -> Mask:
        local = wall_clock(opened)
        return (np.isin(hours_of(local), list(self.hours or range(24)))
                & np.isin(weekdays_of(local) + 1, list(self.weekdays or range(1, 8))))


def within_any(facts: Facts, codes: list[str], *, city: str) -> Mask:
    """The rows that lie in one of these areas, as `cases.within` says it in the database."""
    passing = np.zeros(facts.count, dtype=np.bool_)
    for code in codes:
        if code.isdigit():
            passing |= facts.labels["area"].where(
                lambda area, code=code: reaches(code, area) if area else code == city)          # type: ignore[misc]
        else:
            beside = facts.labels[Layer.FIRE_AREA if is_fire_area(code) else Layer.BEAT]
            passing |= beside.where(lambda label, code=code: label == code)                     # type: ignore[misc]
    return passing


def is_fire_area(code: str) -> bool:
    """Whether a code is one of an area of the fire service."""
    return layer_of(code) is Layer.FIRE_AREA
