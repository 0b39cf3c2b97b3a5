"""What keeping figures live costs a closing, and how soon a closing is in them.

Three answers: closings beside a daybook that is written every second, and without one, in pairs of rounds; the CPU of a
fold, the database's included, beside that of a closing with all its jobs; and a running installation, which is asked
for its figures again and again until a closing is in them.
"""

import logging
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event

import flask_migrate
import numpy as np
import psutil
import structlog
from flask import Flask
from sqlalchemy import select
from werkzeug.utils import import_string

from benchmarks import figures
from benchmarks.installations import DATABASES, databases, folder, service
from benchmarks.processes import cpu_ms, family
from benchmarks.reading import reader
from incident_service import cases
from incident_service.app import create_app
from incident_service.foundation import outbox
from incident_service.foundation.database import db
from incident_service.supervision import daybook
from incident_service.supervision.daybook.folding import WAITING_MAX
from tests.factories import Phone, Town, a_picture
from tests.journeys.handsets import MANAGER, OFFICER, RESIDENT, SUPERVISOR, Handset
from tests.servers.postgres import create_database, start_postgres

ROUNDS, IN_A_ROUND, EVERY_S = 10, 5, 1.0             # an installation writes its daybook at most every 10 s
PAUSE_S = 0.3                                       # between closings, so that writing falls among them
THERE = 300_000                                     # cases of a year that are there already
FOLDS, LOOKED_FOR_S = 5, 10.0                       # an installation looks so often whether a fold is due
SEEN = 20                                           # closings of the running installation
PERCENT_MAX, LIVE_S_MAX = 10, 5


def run(repeats: int = 3) -> None:
    """Print all three; medians."""
    _be_quiet()
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        url = create_database(stack.enter_context(start_postgres(place, fsync=True)), "price")
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, AREA_AGE_S_MAX=1, DATA_DIR=place,
                         KEYS_DIR=place / "keys", PHOTO_STORE=f"file://{place / 'photos'}",
                         POINTS_ARE_LIMITED=False)
        with app.app_context():
            flask_migrate.upgrade()
            figures.fill(THERE)
            db.session.rollback()
            daybook.rebuild()
            town, rounds = Town(), ROUNDS * repeats // 3 or 1
            waiting = _rectified(app, town, rounds * IN_A_ROUND * 3)
            _tell_waiting(url, [[next(waiting) for _ in range(IN_A_ROUND)] for _ in range(rounds * 2)], town)
            _tell_cpu(app, list(waiting), town)
            db.session.remove()
            db.engine.dispose()
    for kind in DATABASES:
        _tell_seen(kind)


def _be_quiet() -> None:
    """Nothing but figures is printed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.disable(logging.WARNING)


def _tell_waiting(url: str, rounds: list[list[str]], town: Town) -> None:
    took: dict[bool, list[float]] = {True: [], False: []}
    for each, numbers in enumerate(rounds):
        is_kept = each % 2 == 0
        with _kept_live(url) if is_kept else ExitStack():
            took[is_kept] += [_closed(number, town) for number in numbers]
    with_it, without = (float(np.median(took[which])) for which in (True, False))
    print(f"  a closing {with_it:.1f} ms while the daybook is written every {EVERY_S:.0f} s, {without:.1f} ms"
          f" without one: {100 * (with_it / without - 1):+.1f} % (target ≤ {PERCENT_MAX} %);"
          f" {len(took[True])} closings each", flush=True)


def _tell_cpu(app: Flask, numbers: list[str], town: Town) -> None:
    """A case that changes is in a fold once, however many of its steps fall into it. These folds come at once after one
    another and do the changes of the last minute again: they cost more than an installation's."""
    def close_all() -> None:
        for number in numbers:
            cases.close(number, by=town.manager)
            _do_what_is_owed(app)

    closing = _worked(close_all) / len(numbers)
    daybook.fold()
    print(f"  a closing with its jobs {closing:.1f} ms CPU of this process and the database", flush=True)
    folds = []
    for _ in range(FOLDS):
        figures.change(WAITING_MAX)
        folds.append(_worked(daybook.fold))
    fold = float(np.median(folds))
    print(f"  a fold of {WAITING_MAX} changes, which is when one is due, among {THERE:,} cases {fold:.0f} ms CPU,"
          f" likewise: {fold / WAITING_MAX:.2f} ms a closing, {100 * fold / WAITING_MAX / closing:.1f} % of its own"
          f" (target ≤ {PERCENT_MAX} %)", flush=True)
    looks = 100
    look = _worked(lambda: [daybook.fold_soon() for _ in range(looks)]) / looks
    print(f"  a look whether one is due {look:.1f} ms CPU: {100 * look / 1000 / LOOKED_FOR_S:.3f} % of a core",
          flush=True)


def _worked(call: Callable[[], object]) -> float:
    """Milliseconds of CPU of this process and its database."""
    everybody = family(psutil.Process().pid)
    before = cpu_ms(everybody)
    call()
    return cpu_ms(everybody) - before


def _tell_seen(kind: str) -> None:
    """The real processes, with a worker that folds and all the rest."""
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        url = stack.enter_context(databases(kind, place, "live"))["live"]
        running = stack.enter_context(service(place / "live", url))
        database = stack.enter_context(reader(url))
        took = [_seconds_to_be_seen(f"http://{running.host}:{running.port}", database.wait_until_nothing_is_owed)
                for _ in range(SEEN)]
        p50, p95 = (1000 * each for each in np.percentile(took, (50, 95)))
        print(f"  {kind}: from the answer to a closing until figures have it p50 {p50:.0f} ms, p95 {p95:.0f} ms, at"
              f" most {1000 * max(took):.0f} ms (target ≤ {LIVE_S_MAX} s); {SEEN} closings", flush=True)


def _seconds_to_be_seen(address: str, wait: Callable[[], object]) -> float:
    resident, officer, manager, supervisor = (Handset(address, each) for each in (
        RESIDENT, OFFICER, MANAGER, SUPERVISOR))
    number = resident.report().json["case_number"]
    wait()
    officer.send(f"/cases/{number}/rectification", {}, [a_picture()])
    before = _closed_so_far(supervisor)
    answer = manager.post(f"/cases/{number}/closure")
    answered_at = time.perf_counter()
    if answer.status != 200:
        raise RuntimeError(f"It was not closed: {answer}")
    while _closed_so_far(supervisor) == before:
        time.sleep(0.001)
    return time.perf_counter() - answered_at


def _closed_so_far(supervisor: Handset) -> int:
    return int(supervisor.get("/supervision/response-times").json["total"]["closed"])


def _rectified(app: Flask, town: Town, count: int) -> Iterator[str]:
    """The numbers of cases that may be closed; all of them are there before the first is named."""
    resident, officer = (Phone(app.test_client(), person) for person in (town.resident, town.officer))
    numbers = []
    for _ in range(count):
        numbers.append(resident.report(a_picture()).json["case_number"])
        _do_what_is_owed(app)
        officer.send(f"/cases/{numbers[-1]}/rectification", {}, [a_picture()])
    _do_what_is_owed(app)
    return iter(numbers)


def _do_what_is_owed(app: Flask) -> None:
    owed = db.session.execute(select(outbox.Promise.id, outbox.Promise.job)).all()
    db.session.rollback()
    for id, job in owed:
        with app.app_context():
            outbox.keep(id, import_string(job).__wrapped__)


def _closed(number: str, town: Town) -> float:
    time.sleep(PAUSE_S)
    began = time.perf_counter()
    cases.close(number, by=town.manager)
    return (time.perf_counter() - began) * 1000


@contextmanager
def _kept_live(url: str) -> Iterator[None]:
    """Another process brings the daybook up to date again and again."""
    context = multiprocessing.get_context("spawn")
    is_there, is_over = context.Event(), context.Event()
    keeper = context.Process(target=_keep, args=(url, is_there, is_over))
    keeper.start()
    is_there.wait()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _keep(url: str, is_there: Event, is_over: Event) -> None:
    _be_quiet()
    with create_app("testing", SQLALCHEMY_DATABASE_URI=url).app_context():
        daybook.fold()
        is_there.set()
        while not is_over.wait(EVERY_S):
            daybook.fold()


if __name__ == "__main__":
    run()
