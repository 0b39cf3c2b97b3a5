"""What is overdue right now."""

from datetime import timedelta

import pytest

from incident_service.cases import Status
from incident_service.foundation import clock
from incident_service.foundation.problems import Invalid
from incident_service.foundation.transaction import transaction
from incident_service.supervision import overdue
from tests.factories import an_account
from tests.supervision.past import GRID, MORNING, OTHER_GRID, a_past_case, a_supervisor, given


def overdue_at(seconds, *, by=None, **page):
    with clock.stopped(MORNING + timedelta(seconds=seconds)):
        return overdue(by=by or a_supervisor("3601"), **{"limit": 50} | page)


def test_a_case_is_overdue_after_its_deadline_and_not_before(app):
    case = a_past_case(pushed=0, due=600)
    assert overdue_at(600).items == []
    late, = overdue_at(660).items
    assert (late.case.number, late.overdue_s, late.holders) == (case.number, 60, [])


@pytest.mark.parametrize("steps", [
    {"pushed": 0, "rectified": 700, "due": 600}, {"pushed": 0, "rectified": 10, "closed": 700, "due": 600},
    {"closed": 700, "due": 600}, {"pushed": 0}, {}])
def test_what_is_done_or_has_no_deadline_is_not_overdue(app, steps):
    case = a_past_case(**steps)
    if case.rectified_at and not case.closed_at:
        with transaction():
            case.status = Status.RECTIFIED
    assert overdue_at(10_000).items == []


def test_the_longest_overdue_comes_first_and_pages_follow_each_other(app):
    made = [a_past_case(pushed=0, due=due) for due in (30, 10, 20, 20, 40)]
    by, numbers, cursor = a_supervisor("3601"), [], ""
    while cursor is not None:
        page = overdue_at(100, by=by, limit=2, cursor=cursor)
        numbers += [late.case.number for late in page.items]
        cursor = page.next_cursor
    assert numbers == [case.number for case in sorted(made, key=lambda case: (case.due_at, case.id))]


def test_a_foreign_cursor_is_refused(app):
    with pytest.raises(Invalid):
        overdue_at(0, cursor="nonsense")


def test_who_has_not_rectified_holds_it_the_lead_first(app):
    officer, manager, former = an_account(name="交警甲"), an_account(name="网格员甲"), an_account(name="前任")
    case = a_past_case(pushed=0, due=600)
    with transaction():
        given(case, former.id).ended_at = MORNING
    given(case, manager.id, part="assist", round=2)
    given(case, officer.id, part="lead", round=2, accepted=30)
    late, = overdue_at(700).items
    assert [(each.name, each.part) for each in late.holders] == [("交警甲", "lead"), ("网格员甲", "assist")]
    assert late.holders[0].accepted_at == MORNING + timedelta(seconds=30)


def test_a_streets_supervisor_sees_what_is_overdue_in_the_street(app):
    own = a_past_case(area=GRID, pushed=0, due=1)
    a_past_case(area=OTHER_GRID, pushed=0, due=1)
    assert [late.case.number for late in overdue_at(2, by=a_supervisor(GRID[:9])).items] == [own.number]
