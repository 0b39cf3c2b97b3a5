"""Categories with their filing conditions and limits: pure facts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import Words, both


class Unit(StrEnum):
    """What a limit is counted in: 紧急工作时, 紧急工作日 run on; 工作时, 工作日 only in working time."""

    URGENT_HOURS = "urgent_hours"
    URGENT_DAYS = "urgent_days"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


class UnknownCondition(Invalid):
    """The category has no such filing condition."""

    slug: ClassVar[str] = "filing-condition-unknown"
    title: ClassVar[Words] = both("该类别没有此立案条件", "The category has no such filing condition")


@dataclass(frozen=True)
class Major:
    """A major category (大类)."""

    code: str
    name: Words
    source: str


@dataclass(frozen=True)
class FilingCondition:
    """How grave it is (立案条件), and within what time it must then be rectified."""

    code: str
    name: Words
    limit: int
    unit: Unit
    is_default: bool
    source: str


@dataclass(frozen=True)
class Category:
    """A minor category (小类): what kind of event, and what must be true to close it."""

    code: str
    name: Words
    major: Major
    conditions: tuple[FilingCondition, ...]
    closing: Words
    source: str

    @property
    def default_condition(self) -> FilingCondition:
        """The condition of a case until somebody sets another."""
        return next(condition for condition in self.conditions if condition.is_default)

    def condition(self, code: str) -> FilingCondition:
        """The filing condition with this code. Raises UnknownCondition, which points at `#/condition`."""
        for condition in self.conditions:
            if condition.code == code:
                return condition
        raise UnknownCondition(errors=[FieldError("#/condition", both(
            "{category} 没有立案条件 {code}", "{category} has no filing condition {code}",
            category=self.name, code=code))])
