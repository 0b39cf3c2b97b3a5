"""With and without the daybook every figure is the same, at once, whatever has changed since it was written."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from incident_service.cases import Case
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.behind import Figure, cases_behind
from incident_service.supervision.commands import figures_commands
from incident_service.supervision.daybook.days import FIRST_OF, NEXT, beginning, day_of, stretches
from incident_service.supervision.daybook.models import FigureDay, FigureProgress, FigureSum
from incident_service.supervision.facts import ID, Facts, Labels
from incident_service.supervision.figures import Clocks, figures
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import figures_of
from incident_service.supervision.scope import Scope
from incident_service.supervision.tally import figures_of_rows, merged, tally
from tests.supervision.changing import changed, faults, new_case
from tests.supervision.past import GRID, NOVEMBER, a_month_of_cases, a_past_case, expected, times, told
from tests.supervision.test_filters import PASSES
from tests.supervision.test_response_times import KEYS

CITY = Scope(["3601"])
RESPONSE_TIMES = import_module("incident_service.supervision.response_times")
YEAR = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


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


def test_sums_of_any_period_are_those_of_its_cases(app, monkeypatch):
    """Cut anywhere: whole years, months and days from the book, the ragged rest from pages or from the cases."""
    chance = Random(3)
    whole = Period(datetime(2025, 11, 3, tzinfo=UTC), datetime(2027, 2, 9, tzinfo=UTC))
    for number in range(60):
        new_case(opened=whole.since + (whole.until - whole.since) * chance.random(), closed=number, due=70)
    daybook.fold()
    for case in chance.sample(db.session.scalars(select(Case)).all(), 15):
        changed(case, closed_at=case.opened_at, area_code=GRID)
    for _ in range(20):
        since, until = sorted(whole.since + (whole.until - whole.since) * chance.random() for _ in range(2))
        if chance.random() < 0.5:
            since, until = (beginning(day_of(each)) for each in (since, until + timedelta(days=1)))
        answers = []
        for bound in (10**6, -1):
            monkeypatch.setattr(RESPONSE_TIMES, "EXACT_CASES_MAX", bound)
            answers.append(figures_of(CITY, Period(since, until), group_by=GroupBy.STREET))
        exact, summed = answers
        assert exact.is_exact and (not summed.is_exact or until - since < timedelta(days=2))
        assert [(item.key, item.figures[:4]) for item in summed.items] == [
            (item.key, item.figures[:4]) for item in exact.items]


@given(st.dates(date(1999, 1, 1), date(2030, 1, 1)), st.integers(1, 2000))
def test_stretches_hold_each_day_once_and_few_sums(first, days):
    after, held, firsts = first + timedelta(days=days), Counter(), Counter()
    for sign, length, since, until in (found := stretches(first, after)):
        assert since < until and FIRST_OF[length](since) == since and FIRST_OF[length](until) == until
        held.update({since + timedelta(days=day): sign for day in range((until - since).days)})
        day = since
        while day < until:                                      # no two of a sign begin on the same day
            firsts[sign, day] += 1
            day = NEXT[length](day)
    assert {day: times for day, times in held.items() if times} == dict.fromkeys(
        (first + timedelta(days=day) for day in range(days)), 1)
    assert set(firsts.values()) == {1} and sum(each.sums for each in found) == len(firsts) <= 2 * (6 + 15) + days // 365


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
    assert db.session.get(FigureProgress, 1).since.isoformat() == "2015-01-01"
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
        page = db.session.scalars(select(FigureDay).order_by(FigureDay.day).limit(1)).one()
        page.moments = bytes(8) + page.moments[8:]
        db.session.execute(delete(FigureSum).where(FigureSum.dimension == "category", FigureSum.length != "day"))
        day = str(page.day)
    run = app.test_cli_runner().invoke
    said = run(figures_commands, ["verify", "--language", "en"])
    assert (said.output.splitlines()[:-1], said.exit_code) == ([
        day, f"{day} street", f"{day} category", "2026-11 category"], 1)
    assert "days written" in run(figures_commands, ["rebuild", "--language", "en"]).output
    assert run(figures_commands, ["verify", "--language", "en"]).exit_code == 0


def test_a_rebuild_that_cannot_begin_says_so(app, monkeypatch):
    """Somebody writes, and nobody may know since when."""
    case, run = a_past_case(closed=5), app.test_cli_runner().invoke
    with monkeypatch.context() as hidden:
        hidden.setattr("incident_service.supervision.daybook.progress.horizon", lambda: None)
        said = run(figures_commands, ["rebuild", "--language", "en"])
        assert (said.exit_code, said.output[:10]) == (1, "Not begun:")
        assert figures_of(CITY, YEAR).total.cases == 1
    assert run(figures_commands, ["rebuild", "--language", "en"]).output == "1 days written\n"
    with transaction():
        db.session.delete(case)
    assert run(figures_commands, ["rebuild", "--language", "en"]).output == "0 days written\n"


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
