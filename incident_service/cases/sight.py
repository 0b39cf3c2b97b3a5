"""Who may see a case, as tokens beside its words: so one look into the index of words asks for both.

Each area a case lies in is a token, and each person it was ever given to. A mark begins them that no word holds, so
nobody finds them by asking. They only narrow what is looked at: who may see a case is still asked of the case itself.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from incident_service.areas import Layer, layer_of
from incident_service.cases.models import Case

MARK = "§"
DIGITS = (6, 9, 12, 15)                                 # of a district, a street, a community, a grid
PERSON_CHARACTERS = 12                                  # the last of an id: chance, and two who share them do no harm
Clauses = Sequence[Sequence[str]]                       # one token of each must be there


def of_case(case: Case, responders: Collection[UUID] = ()) -> list[str]:
    """The tokens of a case that was given to these people."""
    return [*of_place(case.area_code, case.beat_code, case.fire_area_code), *map(of_person, responders)]


def of_place(area: str | None, *beside: str | None) -> list[str]:
    """The tokens of what lies in a grid, or in a larger area alone, and in areas beside the tree."""
    code = area or ""
    larger = [code[:digits] for digits in DIGITS if len(code) >= digits]
    return [f"{MARK}{each}" for each in (*larger, *filter(None, beside))]


def of_person(id: UUID) -> str:
    """The token of what was given to somebody."""
    return f"{MARK}{id.hex[-PERSON_CHARACTERS:]}"


def of_area(code: str) -> str | None:
    """The token that all cases in an area have; None for a city, where all are, and for what is no area's code."""
    return None if layer_of(code) in (None, Layer.CITY) else f"{MARK}{code}"


def clauses(codes: Sequence[str], person: UUID, *, area: str | None, theirs_alone: bool) -> list[list[str]]:
    """What a case has to have for who may see the areas `codes`, narrowed to one area, or to what was given to them."""
    seen = [] if theirs_alone else [of_area(code) for code in codes]
    asked = [of_area(area)] if area else []
    return [each for each in ([*seen, of_person(person)], asked) if each and None not in each]  # type: ignore[misc]
