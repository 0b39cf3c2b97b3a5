"""Whatever happens while the daybook is written, answers are right: killed, done by two, thrown away, closed into."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, func, select, update

from incident_service.cases import Case, Status
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import alone, transaction
from incident_service.supervision import daybook
from incident_service.supervision.daybook.models import FigureDay, FigureProgress, FigureSum
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.places import heatmap
from incident_service.supervision.response_times import figures_of
from incident_service.supervision.scope import Scope
from tests.supervision.changing import change, changed, faults, new_case, what_is_kept
from tests.supervision.past import GRID, NOVEMBER, a_month_of_cases, expected, told

CITY = Scope(["3601"])
FOLDING = import_module("incident_service.supervision.daybook.folding")
RESPONSE_TIMES = import_module("incident_service.supervision.response_times")
YEAR = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
SECONDS_MAX = 20


def answer() -> dict:
    """What a supervisor of the city is told of the year."""
    return told(figures_of(CITY, YEAR).total)


def some_cases() -> list:
    """A dozen of them, over three months."""
    return [new_case(opened=datetime(2026, month, day, tzinfo=UTC), pushed=7, accepted=60)
            for month in (1, 2, 3) for day in (5, 6, 7, 8)]


@pytest.fixture
def by_the_day(monkeypatch):
    """A slice writes no more than a day."""
    monkeypatch.setattr(FOLDING, "DAYS_AT_ONCE", 1)


@contextmanager
def beside(app, call: Callable[[], object]) -> Iterator[Thread]:
    """Somebody else does something meanwhile, on a connection of their own."""
    failed: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            try:
                call()
            except BaseException as error:
                failed.append(error)
                db.session.rollback()

    thread = Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(SECONDS_MAX)
    assert not thread.is_alive() and failed == []


def throw_away() -> None:
    with transaction():
        alone("figures")
        for model in (FigureDay, FigureSum, FigureProgress):
            db.session.execute(delete(model))


@pytest.mark.parametrize("at_once", [(5000, 62), (5000, 1), (1, 62)])
def test_whatever_became_of_cases_the_daybook_is_that_of_a_rebuild(app, monkeypatch, at_once):
    everything = a_month_of_cases(60, seed=11)
    december = new_case(opened=NOVEMBER.until + timedelta(days=2), pushed=5, closed=60)
    alone_of_its_kind = new_case(opened=NOVEMBER.since + timedelta(hours=1), category="rare", area="360113001001001")
    daybook.fold()
    for name, value in zip(("CHANGES_AT_ONCE", "DAYS_AT_ONCE"), at_once, strict=True):
        monkeypatch.setattr(FOLDING, name, value)
    became = [
        {"status": Status.VOID, "closed_at": None}, {"status": Status.MERGED},
        {"late_excused_at": NOVEMBER.until, "rectified_at": NOVEMBER.until}, {"due_at": NOVEMBER.until},
        {"status": Status.REOPENED, "closed_at": None}, {"area_code": "360199001001001", "category": "never_seen"},
        {"beat_code": None, "condition": "another"}, {"original_kind": "street light"},
        {"pushed_at": NOVEMBER.until, "accepted_at": NOVEMBER.since}, {"rectified_at": None}]
    for case, values in zip(everything, became, strict=False):
        changed(case, **values)
    changed(december, status=Status.VOID)
    changed(alone_of_its_kind, category="fire_lane", area_code=GRID)
    new_case(opened=NOVEMBER.until + timedelta(days=20), closed=5)
    for _ in range(2):                                          # the second has the very same to do again
        assert daybook.fold() and faults() == []
    amended = what_is_kept()
    daybook.rebuild()
    assert what_is_kept() == amended


def test_a_sum_that_is_missing_is_made_of_the_shorter_ones(app):
    case, _ = new_case(closed=5), daybook.fold()
    with transaction():
        db.session.execute(delete(FigureSum).where(FigureSum.dimension == "category"))
    assert len(faults()) == 1                                   # the day's; what longer ones are made of is missing too
    changed(case, closed_at=None)
    daybook.fold()
    assert faults() == []


def test_closings_in_the_midst_of_a_rebuild_are_in_every_answer_and_in_the_book(app, monkeypatch, by_the_day):
    everything = some_cases()
    daybook.fold()
    waiting, in_turn, slices = list(everything), FOLDING._alone, []

    def one_slice(step) -> bool:
        goes_on = in_turn(step)
        slices.append(step)
        for case in (waiting.pop(0), waiting.pop()) if waiting else ():     # of a day that is written, and of another
            changed(case, status=Status.CLOSED, closed_at=case.opened_at + timedelta(hours=1))
        if len(slices) < 9:
            everything.append(new_case(opened=datetime(2026, 1, 10 + len(slices), tzinfo=UTC), closed=9))
        assert answer() == expected(everything)
        return goes_on

    monkeypatch.setattr(FOLDING, "_alone", one_slice)
    daybook.rebuild()
    assert len(slices) > 12 and not waiting and answer() == expected(everything)
    daybook.fold()
    assert faults() == [] and answer() == expected(everything)


def test_a_fold_claims_nothing_that_a_rebuild_has_thrown_away_meanwhile(app, monkeypatch):
    everything, look = some_cases(), FOLDING.changes
    daybook.fold()
    changed(everything[0], closed_at=everything[0].opened_at)
    has_looked, may_go_on = Event(), Event()

    def changes(*asked, **more):
        found = look(*asked, **more)
        has_looked.set()
        assert may_go_on.wait(SECONDS_MAX)
        return found

    monkeypatch.setattr(FOLDING, "changes", changes)
    with beside(app, daybook.fold):
        assert has_looked.wait(SECONDS_MAX)
        with beside(app, throw_away) as other:
            other.join(0.2)                                     # it may have to wait for the fold
            may_go_on.set()
    assert answer() == expected(everything)
    monkeypatch.undo()
    assert daybook.fold() and faults() == [] and answer() == expected(everything)


class Killed(BaseException):
    """Nobody catches it: the process ends here."""


@pytest.mark.parametrize("begins_with", [daybook.fold, daybook.rebuild])
def test_wherever_it_is_killed_answers_are_right_and_the_next_one_finishes(app, monkeypatch, by_the_day, begins_with):
    everything = some_cases()
    daybook.fold()
    for case in everything[::2]:
        changed(case, closed_at=case.opened_at + timedelta(hours=1))
    before_or_after, in_turn = [False, True] * 6, FOLDING._alone

    def killed(step) -> bool:
        if before_or_after.pop():
            in_turn(step)                                       # what it did stays
            raise Killed
        with transaction():
            alone("figures")
            step()
            raise Killed                                        # it is as if it had never begun

    monkeypatch.setattr(FOLDING, "_alone", killed)
    for call in (begins_with, *[daybook.fold] * 11):
        with pytest.raises(Killed):
            call()
        assert answer() == expected(everything)
        assert set(faults()) == set()
    monkeypatch.undo()
    daybook.fold()
    assert faults() == [] and answer() == expected(everything)
    kept, _ = what_is_kept(), daybook.rebuild()
    assert what_is_kept() == kept


def test_folds_rebuilds_and_closings_at_once_leave_the_same_book(app, by_the_day):
    everything = some_cases()
    daybook.fold()

    def fold_again() -> None:
        for _ in range(4):
            daybook.fold()

    with beside(app, fold_again), beside(app, fold_again), beside(app, daybook.rebuild):
        for case in everything:
            changed(case, closed_at=case.opened_at + timedelta(hours=1))
            assert answer() == expected(everything)
    assert daybook.fold() and faults() == [] and answer() == expected(everything)
    kept, _ = what_is_kept(), daybook.rebuild()
    assert what_is_kept() == kept


def test_what_has_no_time_left_is_promised_and_nothing_is_done_twice(app, monkeypatch, by_the_day, run_jobs):
    everything, written = some_cases(), []
    daybook.fold()
    for case in everything:
        changed(case, closed_at=case.opened_at)
    amend, seconds = FOLDING.amend, iter(range(0, 10**6, 61))
    monkeypatch.setattr(FOLDING, "amend", lambda some: (written.extend(some.by_day), amend(some)))
    monkeypatch.setattr(FOLDING, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    monkeypatch.setattr(FOLDING, "WAITING_MAX", 1)
    daybook.fold_soon()
    assert run_jobs() == len(everything)                        # each a day, and promised the next
    assert written == sorted({case.opened_at.date() for case in everything})
    assert faults() == [] and answer() == expected(everything)
    progress = db.session.get(FigureProgress, 1, populate_existing=True)
    assert (progress.next_as_of, progress.next_day) == (None, None)


def test_a_change_in_the_midst_of_a_round_is_in_the_next_one(app, monkeypatch, by_the_day):
    monkeypatch.setattr("incident_service.supervision.daybook.changes.OVERLAP_MS", 0)
    everything = some_cases()
    daybook.fold()
    for case in everything:
        changed(case, closed_at=case.opened_at)
    assert not daybook.fold(seconds_max=-1)
    for case in (everything[0], everything[-1]):                # of a day that is written, and of one that is not
        changed(case, closed_at=None, status=Status.REOPENED)
    while not daybook.fold(seconds_max=-1):
        assert answer() == expected(everything)
    assert daybook.fold() and faults() == [] and answer() == expected(everything)
    kept, _ = what_is_kept(), daybook.rebuild()
    assert what_is_kept() == kept


def test_a_transaction_that_stays_open_for_longer_than_the_overlap_is_not_missed(app, monkeypatch):
    monkeypatch.setattr("incident_service.supervision.daybook.changes.OVERLAP_MS", 0)
    everything = some_cases()
    daybook.fold()
    case, has_written, may_commit = everything[0], Event(), Event()

    def close_slowly() -> None:
        with transaction():
            change(case.id, closed_at=case.opened_at, status=Status.CLOSED)
            has_written.set()
            assert may_commit.wait(SECONDS_MAX)

    with beside(app, close_slowly):
        assert has_written.wait(SECONDS_MAX)
        with beside(app, daybook.fold) as fold:
            fold.join(0.2)                                      # on SQLite it waits for whoever writes
            may_commit.set()
    db.session.rollback()
    db.session.refresh(case)
    assert case.closed_at and answer() == expected(everything)
    daybook.fold()
    assert faults() == [] and answer() == expected(everything)
    kept, _ = what_is_kept(), daybook.rebuild()
    assert what_is_kept() == kept


def test_days_of_another_zone_answer_nothing_until_they_are_written_anew(app, monkeypatch):
    """Around midnight at the end of a month: in the zone of before it lies in the next one."""
    everything = [new_case(opened=NOVEMBER.since + timedelta(days=days, hours=2), closed=60) for days in (0, 1, 30, 31)]
    daybook.fold()
    monkeypatch.setitem(app.config, "TIME_ZONE", "UTC")
    november = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    for _ in range(2):
        for bound in (-1, 10**6):
            monkeypatch.setattr(RESPONSE_TIMES, "EXACT_CASES_MAX", bound)
            found = figures_of(CITY, november, group_by=GroupBy.STREET)
            assert found.total.cases == sum(november.since <= case.opened_at < november.until for case in everything)
        assert faults() == []
        daybook.fold()
    assert db.session.get(FigureProgress, 1).zone == "UTC"


def test_a_fold_is_promised_once_enough_has_changed_or_a_day_has_no_page(app, monkeypatch):
    def is_promised() -> bool:
        daybook.fold_soon()
        found = db.session.scalar(select(func.count()).select_from(Promise)) == 1
        with transaction():
            db.session.execute(delete(Promise))
        return found

    assert not is_promised()                                    # there is no case
    cases = [new_case(closed=day) for day in range(3)]
    assert is_promised()                                        # there is no daybook yet
    daybook.fold()
    assert not is_promised()
    for case in cases:
        changed(case, closed_at=None)
    monkeypatch.setattr(FOLDING, "WAITING_MAX", 4)
    assert not is_promised()
    monkeypatch.setattr(FOLDING, "WAITING_MAX", 3)
    assert is_promised()
    daybook.fold()
    assert not is_promised()
    with monkeypatch.context() as changing:
        changing.setitem(app.config, "TIME_ZONE", "UTC")
        assert is_promised()
    for opened in (datetime(2030, 5, 6, tzinfo=UTC), datetime(2015, 3, 4, tzinfo=UTC)):
        new_case(opened=opened)
        assert is_promised()
        daybook.fold()
        assert not is_promised()
    changed(cases[0], closed_at=None), changed(cases[1], closed_at=None)
    assert not daybook.fold(seconds_max=-1) or not is_promised()


@pytest.mark.parametrize("others", [0, 2])
def test_a_case_that_pages_have_and_its_table_has_elsewhere_is_on_the_map(app, monkeypatch, others):
    """As nobody may change it: without a line of history. The map has as many cases as the figures."""
    monkeypatch.setattr("incident_service.supervision.daybook.changes.OVERLAP_MS", -1000)
    case, *_ = [new_case(area=GRID, closed=5) for _ in range(1 + others)]
    daybook.fold()
    with transaction():
        db.session.execute(update(Case).where(Case.id == case.id).values(area_code="360199001001001"))
    street = Scope([GRID[:9]])
    assert figures_of(street, NOVEMBER).total.cases == 1 + others
    found = heatmap(street, NOVEMBER, Filters(), resolution=9)
    assert [each.figures.cases for each in found] == [1 + others]
