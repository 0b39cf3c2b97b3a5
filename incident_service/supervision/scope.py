"""Which cases somebody looks over."""

from typing import NamedTuple

import numpy as np
from flask import current_app
from sqlalchemy import ColumnElement, false, or_, true

from incident_service import cases
from incident_service.accounts import Account, Role, reaches
from incident_service.supervision.facts import Facts, Mask
from incident_service.supervision.filters import is_fire_area, within_any

STREET_DIGITS = 9


class Scope(NamedTuple):
    """The areas somebody looks over; None: no area bounds the question, as with a responder's own cases."""

    areas: list[str] | None

    @property
    def is_of_streets(self) -> bool:
        """Whether it is made of whole streets, districts or cities."""
        return self.areas is None or all(code.isdigit() and len(code) <= STREET_DIGITS for code in self.areas)

    @property
    def is_whole_city(self) -> bool:
        """Whether it leaves nothing out."""
        return self.areas is None or current_app.config["CITY_CODE"] in self.areas

    @property
    def is_of_fire_areas(self) -> bool:
        """Whether an area of the fire service is among them."""
        return any(map(is_fire_area, self.areas or []))

    def holds(self, area: str | None) -> bool:
        """Whether a case in this area lies within it; one in no area is the city's."""
        if self.areas is None:
            return True
        return any(reaches(code, area) if area else code == current_app.config["CITY_CODE"] for code in self.areas)

    def condition(self) -> ColumnElement[bool]:
        """The condition on cases in the database."""
        return true() if self.areas is None else or_(false(), *map(cases.within, self.areas))

    def mask(self, facts: Facts) -> Mask:
        """The same for facts that were read already."""
        if self.areas is None or self.is_whole_city:
            return np.ones(facts.count, dtype=np.bool_)
        return within_any(facts, self.areas, city=current_app.config["CITY_CODE"])


def scope_of(account: Account) -> Scope:
    """What a supervisor looks over, whatever else they are."""
    return Scope(account.area_codes(Role.SUPERVISOR))


def looked_over_by(account: Account) -> ColumnElement[bool]:
    """The condition on cases that lie within the areas of which the account is supervisor."""
    return scope_of(account).condition()
