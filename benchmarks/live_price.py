"""What keeping figures live costs a closing: closings beside a daybook that is being written, and without one."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event

import flask_migrate
import numpy as np
from flask import Flask
from sqlalchemy import select
from werkzeug.utils import import_string

from benchmarks.installations import folder
from incident_service import cases
from incident_service.app import create_app
from incident_service.foundation import outbox
from incident_service.foundation.database import db
from incident_service.supervision import daybook
from tests.factories import Phone, Town, a_picture
from tests.servers.postgres import create_database, start_postgres

ROUNDS, IN_A_ROUND, EVERY_S = 10, 5, 1.0             # an installation writes its daybook every 60 s
PAUSE_S = 0.3                                       # between closings, so that writing falls among them
PERCENT_MAX = 10


def run(repeats: int = 3) -> None:
    """In pairs of rounds, one with and one without; medians of what a closing takes."""
    rounds = ROUNDS * repeats // 3 or 1
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        url = create_database(stack.enter_context(start_postgres(place, fsync=True)), "price")
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, AREA_AGE_S_MAX=1, DATA_DIR=place,
                         KEYS_DIR=place / "keys", PHOTO_STORE=f"file://{place / 'photos'}",
                         POINTS_ARE_LIMITED=False)
        with app.app_context():
            flask_migrate.upgrade()
            town = Town()
            waiting = _rectified(app, town, rounds * IN_A_ROUND * 2)
            took: dict[bool, list[float]] = {True: [], False: []}
            for each in range(rounds * 2):
                is_kept = each % 2 == 0
                with _kept_live(url) if is_kept else ExitStack():
                    took[is_kept] += [_closed(next(waiting), town) for _ in range(IN_A_ROUND)]
            with_it, without = (float(np.median(took[which])) for which in (True, False))
            print(f"  a closing {with_it:.1f} ms while the daybook is written every {EVERY_S:.0f} s, {without:.1f} ms"
                  f" without one: {100 * (with_it / without - 1):+.1f} % (target ≤ {PERCENT_MAX} %);"
                  f" {len(took[True])} closings each", flush=True)
            db.session.remove()
            db.engine.dispose()


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
    with create_app("testing", SQLALCHEMY_DATABASE_URI=url).app_context():
        daybook.fold()
        is_there.set()
        while not is_over.wait(EVERY_S):
            daybook.fold()


if __name__ == "__main__":
    run()
