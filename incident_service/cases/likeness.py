"""Is a report the same thing as an open case? Found by category, place, time and the plates in the words."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from incident_service import areas, catalogue
from incident_service.cases.models import Case
from incident_service.cases.nearness import IN_CIRCLE, circle
from incident_service.cases.workflow import MOVES, Move
from incident_service.catalogue import DuplicateRule, Likeness, plates_in
from incident_service.foundation.database import db
from incident_service.foundation.ready import Answer, Question
from incident_service.reports import Report

LOOKED_AT_MAX = 50
NONE = UUID(int=0)                                      # no case, nobody
NEARBY = Question(select(Case).where(
    Case.category == bindparam("category"), IN_CIRCLE, Case.opened_at >= bindparam("since"),
    Case.status.in_(MOVES[Move.JOIN].starts), Case.id != bindparam("but"),
    ~exists().where(Report.case_id == Case.id, Report.reporter_id == bindparam("not_of")),
).order_by(Case.opened_at.desc()).limit(LOOKED_AT_MAX))


class Alike(NamedTuple):
    """An open case that may be the same thing: how far away, how sure, and because of which plate."""

    case: Case
    distance_m: float
    likeness: Likeness
    plates: frozenset[str]


class Look(NamedTuple):
    """A look for cases alike that is under way: what is said of the thing, where, and the cases near it."""

    rule: DuplicateRule
    position: tuple[float, float]
    words: str
    nearby: Answer[Case] | None

    def found(self) -> list[Alike]:
        """What was found, the surest and nearest first."""
        cases = [case for case, in self.nearby.rows] if self.nearby else []
        if not cases:
            return []
        said, said_before = plates_in(self.words), _plates_of(cases)
        found = [Alike(case, away, self.rule.weigh(away, said, said_before.get(case.id, frozenset())),
                       said & said_before.get(case.id, frozenset()))
                 for case in cases if (away := areas.distance_m(self.position, (case.longitude, case.latitude)))
                 <= self.rule.within_m]
        return sorted((each for each in found if each.likeness is not Likeness.NONE),
                      key=lambda each: (each.likeness is not Likeness.SURE, not each.plates, each.distance_m))


def look(*, category: str, longitude: float, latitude: float, words: str, at: datetime,
         not_of: UUID | None = None, but: UUID | None = None) -> Look:
    """Look for open cases of the same category, near and recent enough to be the same thing, together with whatever is
    asked next.

    `not_of`: nobody joins a case they reported. `but`: nor is a case like itself.
    """
    rule = catalogue.duplicate_rule(category)
    nearby = NEARBY.ask_along(
        **circle(longitude, latitude, rule.within_m), category=category, since=at - rule.within, but=but or NONE,
        not_of=not_of or NONE) if rule.within_m else None
    return Look(rule, (longitude, latitude), words, nearby)


def _plates_of(cases: Sequence[Case]) -> dict[UUID, frozenset[str]]:
    """The plates named in what was reported of each of these cases."""
    found: dict[UUID, frozenset[str]] = {}
    rows = db.session.execute(select(Report.case_id, Report.description, Report.address).where(
        Report.case_id.in_([case.id for case in cases])))
    for case_id, description, address in rows:
        found[case_id] = found.get(case_id, frozenset()) | plates_in(f"{description} {address}")
    return found
