"""With and without the daybook every figure is the same, at once, whatever has changed since it was written."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from incident_service.cases import Case, CaseEvent, Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.behind import Figure, cases_behind
from incident_service.supervision.commands import figures_commands
from incident_service.supervision.daybook.models import FigureDay, FigureMonth, FigureProgress
from incident_service.supervision.facts import ID, Facts, Labels
from incident_service.supervision.figures import Clocks, figures
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import figures_of
from incident_service.supervision.scope import Scope
from incident_service.supervision.tally import figures_of_rows, merged, tally
from tests.supervision.past import GRID, NOVEMBER, a_month_of_cases, a_past_case, expected, times, told
from tests.supervision.test_filters import PASSES
from tests.supervision.test_response_times import KEYS

CITY = Scope(["3601"])
RESPONSE_TIMES = import_module("incident_service.supervision.response_times")
WRITING = import_module("incident_service.supervision.daybook.writing")
WRITE = WRITING._write
YEAR = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def changed(case: Case, **values) -> None:
    """Change a case, with the line of history that every change writes."""
    with transaction():
        db.session.execute(update(Case).where(Case.id == case.id).values(**values))
        _remember(case)
    db.session.refresh(case)


def _remember(case: Case) -> None:
    sequence = (db.session.scalar(select(func.max(CaseEvent.sequence)).where(CaseEvent.case_id == case.id)) or 0) + 1
    db.session.add(CaseEvent(id=new_id(), case_id=case.id, sequence=sequence, at=clock.now(), move=Move.CLOSE,
                             by_id=None, status_before=None, status_after=Status.CLOSED, note="", details={}))


def new_case(**clocks) -> Case:
    case = a_past_case(**clocks)
    with transaction():
        _remember(case)
    return case


def faults() -> list[str]:
    """What differs from the cases."""
    found: list[str] = []
    assert daybook.verify(found.append)[1] == len(found)
    return found


def is_summarized(**asked) -> bool:
    return not figures_of(CITY, NOVEMBER, **asked).is_exact


def test_every_question_has_the_same_answer_from_the_daybook(app):
    everything = a_month_of_cases(150, seed=2)
    assert daybook.fold() and db.session.scalar(select(func.count()).select_from(FigureDay)) > 20
    assert faults() == []
    for by, key in KEYS.items():
        found = figures_of(CITY, NOVEMBER, group_by=by)
        assert told(found.total) == expected(everything)
        for item in found.items:
            assert told(item.figures) == expected(case for case in everything if key(case) == item.key), (by, item.key)
    for name, (value, passes) in PASSES.items():
        assert told(figures_of(CITY, NOVEMBER, filters=Filters(**{name: value})).total) == expected(
            filter(passes, everything))
    cut = Period(NOVEMBER.since + timedelta(days=3, hours=5), NOVEMBER.until - timedelta(days=9, minutes=7))
    assert told(figures_of(CITY, cut).total) == expected(
        case for case in everything if cut.since <= case.opened_at < cut.until)


def test_what_has_changed_since_is_in_the_next_answer(app, monkeypatch):
    everything = a_month_of_cases(80, seed=8)
    daybook.fold()
    chance = Random(1)
    for case in chance.sample(everything, 20):
        changed(case, closed_at=case.opened_at + timedelta(seconds=chance.randrange(9999)), area_code=GRID)
    everything += [new_case(opened=NOVEMBER.since + timedelta(days=day), closed=60) for day in (0, 3, 29)]
    for bound in (100_000, 0):                                  # from pages, and from summaries
        monkeypatch.setattr(RESPONSE_TIMES, "EXACT_CASES_MAX", bound)
        found = figures_of(CITY, NOVEMBER)
        assert found.is_exact == bool(bound)
        assert found.total[:4] == figures_of(CITY, Period(NOVEMBER.since, NOVEMBER.until), filters=Filters(
            hours=frozenset(range(24)))).total[:4]
        if bound:
            assert told(found.total) == expected(everything)
    daybook.fold()
    assert faults() == []
    assert told(figures_of(CITY, NOVEMBER, filters=Filters(hours=frozenset(range(24)))).total) == expected(everything)


@pytest.mark.parametrize("by", [None, GroupBy.STREET, GroupBy.DISTRICT, GroupBy.CATEGORY])
def test_summaries_count_exactly_and_are_within_one_percent(app, monkeypatch, by):
    a_month_of_cases(200, seed=6)
    monkeypatch.setattr(RESPONSE_TIMES, "EXACT_CASES_MAX", 0)
    period = Period(NOVEMBER.since - timedelta(days=3), NOVEMBER.until + timedelta(days=2, hours=1))
    exact = figures_of(CITY, period, group_by=by)
    daybook.fold()
    found = figures_of(CITY, period, group_by=by)
    assert exact.is_exact and not found.is_exact
    assert [item.key for item in found.items] == [item.key for item in exact.items]
    for one, other in zip([*found.items, found], [*exact.items, exact], strict=True):
        ours, true = (each.figures if hasattr(each, "figures") else each.total for each in (one, other))
        assert ours[:4] == true[:4]
        for near, exactly in zip(ours[4:], true[4:], strict=True):
            assert near.mean == pytest.approx(exactly.mean, abs=2e-6)
            assert near[:3] == pytest.approx(exactly[:3], rel=0.01)


def test_a_street_is_summarized_for_its_supervisor_alone(app, monkeypatch):
    everything = a_month_of_cases(100, seed=13)
    daybook.fold()
    monkeypatch.setattr(RESPONSE_TIMES, "EXACT_CASES_MAX", 0)
    for scope, filters, digits in ((Scope(["360111001"]), Filters(), "360111001"),
                                   (Scope(["360111"]), Filters(area="360111002"), "360111002"),
                                   (Scope(["360111001"]), Filters(area="3601"), "360111001")):
        found = figures_of(scope, NOVEMBER, group_by=GroupBy.STREET, filters=filters)
        assert not found.is_exact
        assert found.total.cases == sum((case.area_code or "").startswith(digits) for case in everything)
        assert [item.key for item in found.items] == [digits]
    for scope, by in ((Scope([GRID]), None), (Scope(["360111J01"]), None), (Scope(["360111"]), GroupBy.CATEGORY),
                      (CITY, GroupBy.GRID)):
        assert figures_of(scope, NOVEMBER, group_by=by).is_exact


def test_more_cases_than_fit_in_memory_are_tallied(app, monkeypatch):
    everything = a_month_of_cases(90, seed=21)
    daybook.fold()
    monkeypatch.setattr("incident_service.supervision.daybook.opening.ROWS_AT_ONCE", 10)
    monkeypatch.setattr(RESPONSE_TIMES, "ROWS_IN_MEMORY_MAX", 25)
    found = figures_of(CITY, NOVEMBER, group_by=GroupBy.GRID)
    assert not found.is_exact
    assert {item.key: item.figures.cases for item in found.items} == {
        key: sum(KEYS[GroupBy.GRID](case) == key for case in everything)
        for key in {KEYS[GroupBy.GRID](case) for case in everything}}
    truth = times([(case.pushed_at - case.opened_at).total_seconds() for case in everything if case.pushed_at])
    assert found.total.to_dispatch.p90 == pytest.approx(truth["p90"], rel=0.01)


def test_the_cases_behind_a_figure_are_the_same(app):
    everything = a_month_of_cases(40, seed=17)
    changed(everything[3], area_code=GRID)
    daybook.fold()
    changed(everything[7], closed_at=everything[7].opened_at)
    found = cases_behind(CITY, NOVEMBER, Filters(), Figure.CASES, limit=100)
    assert [case.id for case in found.items] == [case.id for case in sorted(
        everything, key=lambda case: (case.opened_at, case.id), reverse=True)]


def test_history_from_before_the_first_page_is_counted_and_then_covered(app):
    a_past_case(closed=5)
    daybook.fold()
    old = new_case(opened=datetime(2015, 3, 4, tzinfo=UTC), closed=7)
    period = Period(old.opened_at - timedelta(days=5), old.opened_at + timedelta(days=5))
    for _ in range(2):
        assert figures_of(CITY, period).total.to_close.p50 == 7.0
        assert daybook.fold()
    assert db.session.get(FigureProgress, 1).since.isoformat() == "2015-03-01"
    assert faults() == []


def test_nothing_to_write_is_no_fault(app):
    assert daybook.fold() and db.session.get(FigureProgress, 1) is None and faults() == []


def test_time_that_runs_out_leaves_the_rest_for_the_next_time(app):
    for month in (1, 2, 3):
        a_past_case(opened=datetime(2026, month, 9, tzinfo=UTC), closed=1)
    rounds = 0
    while not daybook.fold(seconds_max=-1 if rounds == 0 else 60):
        assert figures_of(CITY, YEAR).total.cases == 3
        rounds += 1
    assert figures_of(CITY, YEAR).total.cases == 3 and faults() == []


def test_another_zone_begins_the_book_anew(app, monkeypatch):
    for hour in (15, 17):
        a_past_case(opened=datetime(2026, 11, 9, hour, tzinfo=UTC))
    daybook.fold()
    monkeypatch.setitem(app.config, "TIME_ZONE", "UTC")
    assert not daybook.fold() or faults() == []
    daybook.fold()
    assert [page.day.isoformat() for page in db.session.scalars(select(FigureDay))] == ["2026-11-09"]


def test_what_was_tampered_with_is_named_and_a_rebuild_mends_it(app):
    a_month_of_cases(30, seed=1)
    daybook.fold()
    with transaction():
        page = db.session.scalars(select(FigureDay).limit(1)).one()
        page.moments = bytes(8) + page.moments[8:]
        db.session.execute(delete(FigureMonth).where(FigureMonth.dimension == "category"))
        day = str(page.day)
    run = app.test_cli_runner().invoke
    said = run(figures_commands, ["verify", "--language", "en"])
    assert (said.output.splitlines()[:-1], said.exit_code) == ([
        day, "2026-11 category", "2026 year:category"], 1)
    assert "days written" in run(figures_commands, ["rebuild", "--language", "en"]).output
    assert run(figures_commands, ["verify", "--language", "en"]).exit_code == 0


def test_the_scheduler_promises_one_fold_at_a_time_and_a_worker_does_it(app, run_jobs):
    a_past_case(closed=5)
    daybook.fold_soon(), daybook.fold_soon()
    assert db.session.scalar(select(func.count()).select_from(Promise)) == 1
    run_jobs()
    assert db.session.scalar(select(func.count()).select_from(FigureDay)) == 1


spans = st.integers(0, 10**13)
rows = st.lists(st.tuples(st.sampled_from("abc"), st.one_of(st.none(), spans, st.just(-5))), min_size=1, max_size=60)


def facts_of(some) -> Facts:
    never = np.full(len(some), np.datetime64("NaT"), dtype="datetime64[us]")
    opened = np.full(len(some), np.datetime64("2026-01-01", "us"))
    pushed = np.array([np.datetime64("NaT") if span is None else opened[0] + np.timedelta64(span, "us")
                       for _, span in some], dtype="datetime64[us]")
    return Facts({"status": Labels(["closed"], np.zeros(len(some), np.intp))},
                 Clocks(opened, pushed, never, never, never, never, never), np.empty(0, ID))


def labels_of(some) -> Labels:
    return Labels("abc", np.array(["abc".index(key) for key, _ in some], dtype=np.intp))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows, st.integers(0, 60), st.randoms(use_true_random=False))
def test_a_tally_of_any_split_is_the_tally_of_the_whole_and_near_the_truth(some, cut, chance):
    whole = tally(facts_of(some), labels_of(some))
    parts = [tally(facts_of(part), labels_of(part)) for part in (some[:cut], some[cut:]) if part]
    chance.shuffle(parts)
    together = figures_of_rows(merged(parts))
    assert together == figures_of_rows(whole)
    assert not merged([*parts, whole.negative()]).numbers.any()
    for key in "abc":
        truth = figures(facts_of([each for each in some if each[0] == key]).clocks)
        if not truth.cases:
            assert key not in together
            continue
        assert together[key][:4] == truth[:4]
        if truth.to_dispatch.p50 is not None:
            for told, true in zip(together[key].to_dispatch[:3], truth.to_dispatch[:3], strict=True):
                assert abs(told - true) <= 0.01 * true + 2e-6               # and what rounding to microseconds adds
            assert together[key].to_dispatch.mean == pytest.approx(truth.to_dispatch.mean)


def what_is_kept() -> list[tuple]:
    """Every page and every sum, bit by bit."""
    return [tuple(row) for model in (FigureDay, FigureMonth) for row in db.session.execute(
        select(model.__table__).order_by(*model.__table__.primary_key))]


@pytest.mark.parametrize("amended_max", [1000, 0])
def test_whatever_became_of_cases_the_daybook_is_that_of_a_rebuild(app, monkeypatch, amended_max):
    everything = a_month_of_cases(60, seed=11)
    december = new_case(opened=NOVEMBER.until + timedelta(days=2), pushed=5, closed=60)
    alone_of_its_kind = new_case(opened=NOVEMBER.since + timedelta(hours=1), category="rare", area="360113001001001")
    daybook.fold()
    monkeypatch.setattr(WRITING, "AMENDED_MAX", amended_max)
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
    written = []
    monkeypatch.setattr(WRITING, "_write", lambda *month: (written.append(month), WRITE(*month))[1])
    for _ in range(2):                                          # the second has the very same to do again
        assert daybook.fold() and faults() == []
    assert bool(written) == (amended_max == 0)
    amended = what_is_kept()
    daybook.rebuild()
    assert what_is_kept() == amended


def test_where_a_sum_is_missing_the_month_is_written_afresh(app):
    case, _ = new_case(closed=5), daybook.fold()
    with transaction():
        db.session.execute(delete(FigureMonth).where(FigureMonth.dimension == "category"))
    changed(case, closed_at=None)
    daybook.fold()
    assert faults() == []


def test_closings_in_the_midst_of_a_rebuild_are_in_every_answer_and_in_the_book(app, monkeypatch):
    everything = [new_case(opened=datetime(2026, month, day, tzinfo=UTC), pushed=7, accepted=60)
                  for month in (1, 2, 3) for day in (5, 6, 7, 8)]
    daybook.fold()
    waiting = list(everything)

    def written(*month) -> None:
        WRITE(*month)
        for case in (waiting.pop(0), waiting.pop()):            # of a month that is written, and of one that is not
            changed(case, status=Status.CLOSED, closed_at=case.opened_at + timedelta(hours=1))
        everything.append(new_case(opened=datetime(2026, 1, 20 + len(waiting), tzinfo=UTC), closed=9))
        assert told(figures_of(CITY, YEAR).total) == expected(everything)

    monkeypatch.setattr(WRITING, "_write", written)
    daybook.rebuild()
    assert len(waiting) == 6 and told(figures_of(CITY, YEAR).total) == expected(everything)
    daybook.fold()
    assert faults() == [] and told(figures_of(CITY, YEAR).total) == expected(everything)


def test_a_fold_is_promised_once_enough_has_changed_or_some_of_it_long_ago(app, monkeypatch):
    def is_promised() -> bool:
        daybook.fold_soon()
        found = db.session.scalar(select(func.count()).select_from(Promise)) == 1
        with transaction():
            db.session.execute(delete(Promise))
        return found

    cases = [new_case(closed=day) for day in range(3)]
    assert is_promised()                                        # there is no daybook yet
    daybook.fold()
    assert not is_promised()
    monkeypatch.setattr(WRITING, "WAITING_MAX", len(cases))
    assert is_promised()
    monkeypatch.setattr(WRITING, "WAITING_MAX", 200)
    with monkeypatch.context() as changing:
        changing.setitem(app.config, "TIME_ZONE", "UTC")
        assert is_promised()
    monkeypatch.setattr(WRITING, "WAITS_S_MAX", -1)
    assert is_promised()
