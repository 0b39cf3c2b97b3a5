"""Codes for areas that come without one: a sequence within the area above them, kept by name."""

from collections.abc import Iterable, Mapping
from itertools import count

from incident_service.areas.layers import BESIDE, DIGITS, Layer


class Numbering:
    """Gives a name the code it has, or the next one that nothing ever had."""

    def __init__(self, under: str, layer: Layer | None, *, known: Mapping[str, str], taken: Iterable[str]) -> None:
        """`known`: which code the areas in force have by name; `taken`: every code there ever was."""
        self.codes, self.taken = dict(known), set(taken)
        beside = BESIDE.get(layer) if layer else None
        self.prefix = under + (beside.letter if beside else "")
        self.digits = int(beside.digits[0]) if beside else DIGITS.get(layer or Layer.CITY, 0) - len(under)

    def code_of(self, name: str) -> str:
        """The code of the area called `name`; empty when no code can be made for it."""
        if self.digits < 1 or not name:
            return ""
        if name not in self.codes:
            free = (f"{self.prefix}{number:0{self.digits}}" for number in count(1))
            self.codes[name] = next(code for code in free if code not in self.taken)
            self.taken.add(self.codes[name])
        return self.codes[name]
