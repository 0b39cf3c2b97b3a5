"""When two reports are taken for the same thing: rules for each category. Pure."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# 京A·12345, 赣A12345D: a province, a letter, five or six letters and digits (GA 36-2018), written with or without a gap
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE = re.compile(rf"[{PROVINCES}]\s?[A-Z][\s·.\-]?[A-HJ-NP-Z0-9]{{5,6}}", re.IGNORECASE)


class Likeness(StrEnum):
    """How sure it is that two reports speak of the same thing."""

    SURE = "sure"
    LIKELY = "likely"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """How near and how recent a case must be to be the same thing, and how near to be surely so."""

    category: str
    within_m: int
    within_hours: int
    sure_m: int
    source: str

    @property
    def within(self) -> timedelta:
        """How long ago the case may have been opened."""
        return timedelta(hours=self.within_hours)

    def weigh(self, distance_m: float, said: frozenset[str], said_before: frozenset[str]) -> Likeness:
        """How sure it is, from the distance and the number plates named in either's words."""
        if distance_m > self.within_m:
            return Likeness.NONE
        if said and said_before:
            return Likeness.SURE if said & said_before else Likeness.NONE
        return Likeness.SURE if distance_m <= self.sure_m else Likeness.LIKELY


def plates_in(words: str) -> frozenset[str]:
    """The number plates named in some words, each written in one way."""
    return frozenset(re.sub(r"[\s·.\-]", "", found.group(0)).upper() for found in PLATE.finditer(words))
