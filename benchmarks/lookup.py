"""Which grid, community, street and beat hold a point among 100,000 grids: time of one look-up, of loading, memory, and
how soon another process answers by a changed area.

A city of jittered grids with beats over them is written into a real database, and read from there in processes of its
own. The floor of a look-up is one bare STRtree query of the same grids, that of loading is reading the same polygons
without anything else. `python -m benchmarks.lookup --grids 10000` makes it short.
"""

import argparse
import gc
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import shapely
from flask import Flask
from sqlalchemy import insert, select, update

from config.base import Base
from incident_service import areas
from incident_service.app import create_app
from incident_service.areas import Layer
from incident_service.areas.models import Area, AreaEdition, AreaShape
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from tests.servers.postgres import create_database, start_postgres

GRIDS = 100_000
POINTS = 20_000
DATABASES = ("sqlite", "postgresql")
CELL_M, JITTER_M = 200.0, 40.0
WEST, SOUTH = 115.3, 28.1
EAST_M, NORTH_M = 97_728.0, 110_831.0
COMMUNITY, STREET, BEAT = 5, 25, 13                        # how many grids wide each is; 325 is a multiple of all
P95_US_MAX, LOAD_S_MAX, CHANGE_S_MAX = 30.0, 1.0, 5.0
MEGABYTE = 1024 * 1024
Drawn = tuple[str, str, Layer, Any]


def draw(count: int) -> Iterator[Drawn]:
    """Code, name, layer and polygon of a square city with at least so many grids: every layer cut from one lattice."""
    side = -(-round(count ** 0.5) // STREET) * STREET
    chance = Random(1)
    lines = range(side + 1)
    corners = {place: (round(WEST + (place[0] * CELL_M + chance.uniform(-JITTER_M, JITTER_M)) / EAST_M, 7),
                       round(SOUTH + (place[1] * CELL_M + chance.uniform(-JITTER_M, JITTER_M)) / NORTH_M, 7))
               for place in product(lines, repeat=2)}

    def block(column: int, row: int, width: int) -> Any:
        steps = range(width)
        ring = [*((column + at, row) for at in steps), *((column + width, row + at) for at in steps),
                *((column + width - at, row + width) for at in steps), *((column, row + width - at) for at in steps)]
        return shapely.Polygon([corners[place] for place in ring])

    yield "3601", "城市", Layer.CITY, block(0, 0, side)
    yield "360101", "区", Layer.DISTRICT, block(0, 0, side)
    across, within = side // STREET, STREET // COMMUNITY
    for street, (column, row) in enumerate(product(range(across), repeat=2), start=1):
        code = f"360101{street:03}"
        yield code, f"{street}街道", Layer.STREET, block(column * STREET, row * STREET, STREET)
        for number, (right, up) in enumerate(product(range(within), repeat=2), start=1):
            west, south = column * STREET + right * COMMUNITY, row * STREET + up * COMMUNITY
            yield f"{code}{number:03}", f"{street}街道{number}社区", Layer.COMMUNITY, block(west, south, COMMUNITY)
            for last, (east, north) in enumerate(product(range(COMMUNITY), repeat=2), start=1):
                yield (f"{code}{number:03}{last:03}", f"{street}街道{number}社区{last}网格", Layer.GRID,
                       block(west + east, south + north, 1))
    beats = product(range(0, side - BEAT + 1, BEAT), repeat=2)
    for number, (column, row) in zip(range(1, 1000), beats, strict=False):
        yield f"360101J{number:03}", f"{number}责任区", Layer.BEAT, block(column, row, BEAT)


def store(drawn: list[Drawn]) -> None:
    """Put a drawn city into the database as its first edition."""
    edition = AreaEdition(id=new_id(), number=1, imported_at=clock.now(), added=len(drawn), reshaped=0, renamed=0)
    db.session.add(edition)
    db.session.flush()
    for layer in Layer:
        if rows := [{"code": code, "name": name, "layer": layer, "parent_code": areas.parent_of(code)}
                    for code, name, each, _ in drawn if each is layer]:
            db.session.execute(insert(Area), rows)
    db.session.execute(insert(AreaShape), [
        {"id": new_id(), "area_code": code, "edition_id": edition.id, "in_force_from": edition.imported_at,
         "in_force_to": None, "polygon": shapely.to_wkb(shapely.normalize(shape))} for code, _, _, shape in drawn])
    db.session.commit()


def change(code: str) -> None:
    """A new edition that gives an area another name, as an import does in its transaction."""
    latest = db.session.scalars(select(AreaEdition).order_by(AreaEdition.number.desc())).first()
    assert latest
    db.session.add(AreaEdition(id=new_id(), number=latest.number + 1, imported_at=clock.now(), added=0, reshaped=0,
                               renamed=1))
    db.session.execute(update(Area).where(Area.code == code).values(name=f"版次{latest.number + 1}"))
    db.session.commit()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
    else:
        with start_postgres(folder, fsync=False) as url:
            yield create_database(url, "bench_lookup")


def application(url: str) -> Flask:
    """The application on this database, with the age of areas that production allows."""
    return create_app("testing", SQLALCHEMY_DATABASE_URI=url, AREA_AGE_S_MAX=Base.AREA_AGE_S_MAX)


def private_bytes() -> int:
    """What this process alone holds in memory."""
    gc.collect()
    pages = Path("/proc/self/smaps_rollup").read_text()
    return 1024 * sum(int(line.split()[1]) for line in pages.splitlines() if line.startswith("Private_"))


def in_its_own_process(measure: Callable[..., Any], *given: Any) -> Any:
    """What a function finds in a fresh process."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_answer, args=(theirs, measure, given))
    child.start()
    theirs.close()
    found = ours.recv()
    child.join()
    return found


def _answer(wire: Connection, measure: Callable[..., Any], given: tuple[Any, ...]) -> None:
    wire.send(measure(*given))


def loading(url: str) -> tuple[float, int, int]:
    """Seconds to load, and how many bytes more the process holds then."""
    with application(url).app_context():
        areas.are_imported()                                # the connection is there
        before = private_bytes()
        began = time.perf_counter()
        areas.locate(WEST, SOUTH)
        load_s = time.perf_counter() - began
        db.session.remove()
        after = private_bytes()
    return load_s, after - before


def reading(url: str) -> float:
    """Seconds to read the polygons, and nothing else, into a bare STRtree."""
    with application(url).app_context():
        areas.are_imported()
        began = time.perf_counter()
        shapely.STRtree(shapely.from_wkb(db.session.scalars(select(AreaShape.polygon)).all()))
        return time.perf_counter() - began


def looking_up(url: str) -> dict[str, tuple[float, float]]:
    """p50 and p95 in µs of a look-up, and of the floor."""
    with application(url).app_context():
        city = areas.locate(WEST + 0.01, SOUTH + 0.01)
        shapes = shapely.from_wkb(db.session.scalars(
            select(AreaShape.polygon).join(Area, Area.code == AreaShape.area_code)
            .where(Area.layer == Layer.GRID)).all())
        db.session.remove()
        tree, bounds = shapely.STRtree(shapes), shapely.total_bounds(shapes)
        chance = Random(2)
        points = [(chance.uniform(bounds[0], bounds[2]), chance.uniform(bounds[1], bounds[3])) for _ in range(POINTS)]
        assert city.edition and city.grid and city.beat

        def whole(longitude: float, latitude: float) -> None:
            place = areas.locate(longitude, latitude)
            for layer in (Layer.GRID, Layer.COMMUNITY, Layer.STREET, Layer.BEAT):
                place.code_on(layer)

        def floor(longitude: float, latitude: float) -> None:
            tree.query(shapely.Point(longitude, latitude), predicate="intersects")

        return {name: timed(call, points) for name, call in (("floor", floor), ("look-up", whole))}


def timed(call: Callable[[float, float], None], points: list[tuple[float, float]]) -> tuple[float, float]:
    """p50 and p95 in µs."""
    took = []
    for longitude, latitude in points:
        began = time.perf_counter_ns()
        call(longitude, latitude)
        took.append(time.perf_counter_ns() - began)
    p50, p95 = np.percentile(took, (50, 95)) / 1000
    return float(p50), float(p95)


def watch(url: str, code: str, wire: Connection) -> None:
    """Ask for an area's name again and again, and say when it changes; by the same clock in every process."""
    with application(url).app_context():
        known = areas.name_of(code)
        wire.send(known)
        while True:
            if (name := areas.name_of(code)) != known:
                wire.send((time.monotonic(), name))
                return
            db.session.remove()                             # as at the end of a request or job
            time.sleep(0.01)


def spreading(url: str, code: str, processes: int = 3) -> float:
    """Seconds from a new edition until the last of several processes answers by it."""
    wires, children = [], []
    for _ in range(processes):
        ours, theirs = multiprocessing.Pipe()
        children.append(multiprocessing.get_context("spawn").Process(target=watch, args=(url, code, theirs)))
        children[-1].start()
        wires.append(ours)
    for wire in wires:
        wire.recv()
    with application(url).app_context():
        change(code)
        began = time.monotonic()
        db.engine.dispose()
    last = max(wire.recv()[0] for wire in wires)
    for child in children:
        child.join()
    return last - began


def run(repeats: int = 3, *, grids: int = GRIDS, databases: tuple[str, ...] = DATABASES) -> None:
    """Print the figures."""
    drawn = list(draw(grids))
    counted = {layer: sum(each is layer for _, _, each, _ in drawn) for layer in Layer}
    print(", ".join(f"{number:,} of {layer}" for layer, number in counted.items() if number))
    for kind in databases:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            with application(url).app_context():
                db.create_all()
                store(drawn)
                db.session.remove()
                db.engine.dispose()
            loads = [in_its_own_process(loading, url) for _ in range(repeats)]
            load_s, size = (statistics.median(each) for each in zip(*loads, strict=True))
            floor_s = statistics.median(in_its_own_process(reading, url) for _ in range(repeats))
            print(f"{kind}: loaded in {load_s:.2f} s (target ≤ {LOAD_S_MAX:g} s)  floor {floor_s:.2f} s"
                  f"  ratio {load_s / floor_s:.1f}")
            print(f"  memory of the areas {size / MEGABYTE:.0f} MB a process")
            asked = [in_its_own_process(looking_up, url) for _ in range(repeats)]
            p50, p95 = (statistics.median(each["look-up"][at] for each in asked) for at in (0, 1))
            bare = statistics.median(each["floor"][1] for each in asked)
            print(f"  grid, community, street and beat of a point: p50 {p50:.1f} µs  p95 {p95:.1f} µs"
                  f" (target ≤ {P95_US_MAX:g} µs)  floor {bare:.1f} µs  ratio {p95 / bare:.1f}")
            took = [spreading(url, "360101001001001") for _ in range(repeats)]
            print(f"  a changed area is live in the last of 3 processes after {max(took):.1f} s at most"
                  f" (target ≤ {CHANGE_S_MAX:g} s)", flush=True)


def main() -> None:
    """Print the figures asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("--grids", type=int, default=GRIDS)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    wanted = options.parse_args()
    run(wanted.repeats, grids=wanted.grids, databases=tuple(wanted.databases))


if __name__ == "__main__":
    main()
