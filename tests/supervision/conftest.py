"""A little world that tests of supervision ask about."""

from random import Random

import pytest

from incident_service.accounts import Role
from incident_service.cases import CaseEvent, Move, Status
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from tests.factories import an_account
from tests.supervision.past import NOVEMBER, a_month_of_cases, given


@pytest.fixture
def world(app):
    """Sixty cases; void, merged, suspended, excused and reopened ones among them, imported ones, some in no area, given
    to none, one or two of three officers, once or twice."""
    chance, people = Random(41), [an_account(Role.OFFICER, "3601", kind="traffic").id for _ in range(3)]
    cases = a_month_of_cases(60, seed=23)
    for case in cases:
        for part, who in zip(("lead", "assist"), chance.sample(people, chance.choice((0, 1, 2, 2))), strict=False):
            for round in range(1, chance.choice((2, 2, 3))):
                given(case, who, part=part, round=round, accepted=chance.choice((None, 5.0)),
                      rectified=chance.choice((None, 50.0, 5000.0)))
    with transaction():
        for case in cases:
            kind = chance.choice((Status.VOID, Status.MERGED, Status.SUSPENDED, Status.REOPENED, None, None, None))
            if kind is not None:
                case.status, case.closed_at = kind, None
            case.late_excused_at = chance.choice((None, None, NOVEMBER.until))
            case.original_kind = chance.choice((None, None, "Noise"))
            case.fire_area_code = chance.choice((None, "360111X01", "360111X02"))
            case.longitude, case.latitude = 115.9 + chance.random() / 20, 28.6 + chance.random() / 20
            for sequence, move in enumerate(chance.sample((Move.REWORK, Move.RETURN, Move.SUSPEND), 2), 2):
                db.session.add(CaseEvent(id=new_id(), case_id=case.id, sequence=sequence, at=case.opened_at, move=move,
                                         by_id=None, status_before=None, status_after=case.status, note="",
                                         details={}))
    return cases, people
