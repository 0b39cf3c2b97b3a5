"""Late is who had the case when its deadline passed, and nobody else; and whose lateness was excused is not late."""

from datetime import timedelta

import pytest

from incident_service.foundation import clock
from incident_service.foundation.transaction import transaction
from incident_service.supervision.behind import Figure, cases_behind
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.response_times import figures_of
from incident_service.supervision.scope import Scope
from tests.factories import an_account
from tests.supervision.past import MORNING, THAT_DAY, a_past_case, given
from tests.supervision.test_rates import rates_called, rates_of

CITY = Scope(["3601"])
IN_TIME, LATE, NEITHER = "in time", "late", "neither"
DUE = 700


def mark(responder, **asked) -> str:
    """What the figures, the lists behind them and the rates say of somebody's only share in a case, all the same."""
    of = Filters(responder=responder.id, **asked)
    in_time, late = (cases_behind(CITY, THAT_DAY, of, figure, limit=5).in_all
                     for figure in (Figure.WITHIN_LIMIT, Figure.LATE))
    found = figures_of(CITY, THAT_DAY, filters=of).total
    assert (found.cases, found.within_limit) == (1, in_time)
    item, = (each for each in figures_of(CITY, THAT_DAY, group_by=GroupBy.RESPONDER).items
             if each.key == str(responder.id))
    assert item.figures == found
    timely, overdue = rates_of(CITY, THAT_DAY, rates_called("rectified_in_time,overdue"), filters=of).total
    assert (timely.numerator, overdue.numerator) == (in_time, late)
    assert timely.denominator == overdue.denominator == in_time + late      # all is past its deadline here
    return {(1, 0): IN_TIME, (0, 1): LATE, (0, 0): NEITHER}[in_time, late]


@pytest.fixture
def now():
    """Long after every deadline."""
    with clock.stopped(MORNING + timedelta(hours=5)):
        yield


# (case rectified, [(share: after, rectified, ended; what it is marked)]); the deadline is 700 s after the push
SHARES = {
    "did it in time": (600, [(0, 600, None, IN_TIME)]),
    "did it too late": (800, [(0, 800, None, LATE)]),
    "has not done it": (None, [(0, None, None, LATE)]),
    "gave it back, another did it in time": (600, [(0, None, 100, NEITHER), (200, 400, None, IN_TIME)]),
    "gave it back, another did it too late": (900, [(0, None, 100, NEITHER), (200, 700, None, LATE)]),
    "gave it back, another has not done it": (None, [(0, None, 100, NEITHER), (200, None, None, LATE)]),
    "kept it past the deadline, then gave it back": (900, [(0, None, 750, LATE), (800, 100, None, NEITHER)]),
    "lost it to who was called besides, in time": (600, [(0, None, 500, NEITHER), (300, 300, None, IN_TIME)]),
    "a silent assist of a case done in time": (600, [(0, 600, None, IN_TIME), (0, None, None, NEITHER)]),
    "a silent assist of a case done too late": (900, [(0, 900, None, LATE), (0, None, None, LATE)]),
    "an assist who did it again, too late": (600, [(0, 600, None, IN_TIME), (0, 900, None, NEITHER)]),
    "nobody had it when the deadline passed": (None, [(0, None, 650, NEITHER), (720, None, None, NEITHER)]),
}


@pytest.mark.parametrize("told", SHARES)
def test_late_is_who_had_the_case_when_its_deadline_passed(app, now, told):
    rectified, shares = SHARES[told]
    case = a_past_case(pushed=0, rectified=rectified, due=DUE)
    people = [an_account() for _ in shares]
    for round, (who, (after, done, ended, _)) in enumerate(zip(people, shares, strict=True), 1):
        given(case, who.id, round=round, after=after, rectified=done, ended=ended)
    assert [mark(who) for who in people] == [expected for *_, expected in shares]


def test_who_had_it_twice_is_late_when_either_was_at_the_deadline(app, now):
    case, who, other = a_past_case(pushed=0, rectified=900, due=DUE), an_account(), an_account()
    given(case, who.id, ended=100), given(case, other.id, round=2, after=100, ended=100)
    given(case, who.id, round=3, after=300, rectified=600)
    assert (mark(who), mark(other)) == (LATE, NEITHER)


def test_rework_after_the_deadline_leaves_what_was_done_in_time(app, now):
    case, who, next_one = a_past_case(pushed=0, rectified=600, due=DUE), an_account(), an_account()
    given(case, who.id, rectified=600, ended=800)
    given(case, who.id, round=2, after=800, ended=100), given(case, next_one.id, round=3, after=900, rectified=50)
    assert (mark(who), mark(next_one)) == (IN_TIME, NEITHER)


def test_a_granted_appeal_excuses_everybody_who_had_the_case(app, now):
    """Who did it counts as in time, also who was given it when it was late already; the silent assist is not late."""
    case, lead, assist = a_past_case(pushed=0, rectified=900, due=DUE), an_account(), an_account()
    late_comer = an_account()
    given(case, lead.id, rectified=900), given(case, assist.id, part="assist")
    given(case, late_comer.id, round=2, after=750, rectified=200)
    assert (mark(lead), mark(assist), mark(late_comer)) == (LATE, LATE, NEITHER)
    with transaction():
        case.late_excused_at = clock.now()
    assert (mark(lead), mark(assist), mark(late_comer)) == (IN_TIME, NEITHER, IN_TIME)
    for figure, count in ((Figure.LATE, 0), (Figure.WITHIN_LIMIT, 1)):
        assert cases_behind(CITY, THAT_DAY, Filters(), figure, limit=5).in_all == count
