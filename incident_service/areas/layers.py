"""The levels of the city and their codes: a code begins with its parent's, so the code itself is the tree."""

import re
from enum import StrEnum


class Layer(StrEnum):
    """What kind of area: city › district › street › community › grid, and beats beside the streets."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    BEAT = "beat"


DIGITS = {Layer.CITY: 4, Layer.DISTRICT: 6, Layer.STREET: 9, Layer.COMMUNITY: 12, Layer.GRID: 15}
CODE_CHARACTERS_MAX = 15
_CODES = {layer: re.compile(f"[0-9]{{{digits}}}") for layer, digits in DIGITS.items()}
_CODES[Layer.BEAT] = re.compile("[0-9]{6}J[0-9]{2,3}")


def layer_of(code: str) -> Layer | None:
    """The layer a code belongs to by its form, such as `360102001001001` for a grid; None when it has none."""
    return next((layer for layer, form in _CODES.items() if form.fullmatch(code)), None)


def parent_of(code: str) -> str | None:
    """The code of the area one level up; None for a city. A beat lies in a district."""
    if "J" in code:
        return code[:DIGITS[Layer.DISTRICT]]
    shorter = [digits for digits in DIGITS.values() if digits < len(code)]
    return code[:max(shorter)] if shorter else None


def lineage(code: str) -> tuple[str, ...]:
    """The codes from the city down to and including `code`."""
    parent = parent_of(code)
    return (*lineage(parent), code) if parent else (code,)
