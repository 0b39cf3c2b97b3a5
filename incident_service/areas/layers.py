"""The levels of the city and their codes: a code begins with its parent's, so the code itself is the tree.

Layers beside the tree are marked by a letter after the code of the district or street they lie in: 责任区 J,
消防责任区 X, 小区 Q, 公共道路 L.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from incident_service.foundation.words import both


class Layer(StrEnum):
    """What kind of area: city › district › street › community › grid, and the layers beside them."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    BEAT = "beat"
    FIRE_AREA = "fire_area"
    COMPOUND = "compound"
    PUBLIC_ROAD = "public_road"


class Land(StrEnum):
    """What kind of land a place lies on: inside a compound (小区), on a public road, or nobody has drawn it."""

    COMPOUND = "compound"
    PUBLIC_ROAD = "public_road"
    UNKNOWN = "unknown"


class Beside(NamedTuple):
    """How codes of a layer beside the tree are made: the code of an area of `within`, a letter, a sequence."""

    within: Layer
    letter: str
    digits: str


DIGITS = {Layer.CITY: 4, Layer.DISTRICT: 6, Layer.STREET: 9, Layer.COMMUNITY: 12, Layer.GRID: 15}
BESIDE = {
    Layer.BEAT: Beside(Layer.DISTRICT, "J", "2,3"),
    Layer.FIRE_AREA: Beside(Layer.DISTRICT, "X", "2,3"),
    Layer.COMPOUND: Beside(Layer.STREET, "Q", "3"),
    Layer.PUBLIC_ROAD: Beside(Layer.STREET, "L", "3"),
}
RESPONSIBLE = (Layer.GRID, Layer.BEAT, Layer.FIRE_AREA)     # somebody answers for each; a near miss still counts
LAND = {Layer.COMPOUND: Land.COMPOUND, Layer.PUBLIC_ROAD: Land.PUBLIC_ROAD}     # on both, the first counts
NAMES = {
    Layer.CITY: both("城市", "city"), Layer.DISTRICT: both("区县", "district"), Layer.STREET: both("街道", "street"),
    Layer.COMMUNITY: both("社区", "community"), Layer.GRID: both("网格", "grid"), Layer.BEAT: both("责任区", "beat"),
    Layer.FIRE_AREA: both("消防责任区", "fire area"), Layer.COMPOUND: both("小区", "compound"),
    Layer.PUBLIC_ROAD: both("公共道路", "public road"),
}
CODE_CHARACTERS_MAX = 15
SEQUENCE = "0123456789"
_PARENT_DIGITS = [max((digits for digits in (0, *DIGITS.values()) if digits < length), default=0)
                  for length in range(CODE_CHARACTERS_MAX + 1)]
_CODES = {layer: re.compile(f"[0-9]{{{digits}}}") for layer, digits in DIGITS.items()} | {
    layer: re.compile(f"[0-9]{{{DIGITS[each.within]}}}{each.letter}[0-9]{{{each.digits}}}")
    for layer, each in BESIDE.items()}


def layer_of(code: str) -> Layer | None:
    """The layer a code belongs to by its form, such as `360102001001001` for a grid; None when it has none."""
    return next((layer for layer, form in _CODES.items() if form.fullmatch(code)), None)


def parent_of(code: str) -> str | None:
    """The code of the area one level up; None for a city. What lies beside the tree lies in a district or street."""
    if code.isdigit():
        return code[:_PARENT_DIGITS[len(code)]] or None
    return code.rstrip(SEQUENCE)[:-1]


def lineage(code: str) -> tuple[str, ...]:
    """The codes from the city down to and including `code`."""
    parent = parent_of(code)
    return (*lineage(parent), code) if parent else (code,)
