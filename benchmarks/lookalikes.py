"""How fast, how surely and how wrongly look-alike pictures are found among 10⁴, 10⁵ and 10⁶ others.

The others are mosaics of drawn streets, stored with their sketches in a real table, on SQLite and on PostgreSQL. Asked
for are drawn streets and the real photos (when they are here), each in six altered forms, and streets that were never
stored. The time is the whole search: fingerprints in memory, sketches from the database, confirmation. The floor is
one numpy scan of as many fingerprints in the same run. `python -m benchmarks.lookalikes --sizes 10000` makes it short.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from flask import Flask
from PIL import Image, ImageOps
from sqlalchemy import insert

from incident_service.accounts import Account
from incident_service.app import create_app
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.photos import Photo
from incident_service.photos.comparing import search
from incident_service.photos.gallery import gallery
from incident_service.photos.press.fingerprint import COLUMNS, COSINES, ROWS, SIDE, Look
from tests.photos.pictures import REAL
from tests.photos.scenes import ALTERED, RECALL_MIN, Picture, a_street, looks
from tests.photos.test_real_pictures import TAKEN
from tests.servers.postgres import create_database, start_postgres

STREETS = 240
TILES = 1500
SIZES = (10_000, 100_000, 1_000_000)
DATABASES = ("sqlite", "postgresql")
BATCH = 5_000
P95_MS_MAX, FALSE_ALARMS_MAX = 10.0, 0.01
DRAWN = (800, 600)
MEGABYTE = 1024 * 1024
Looks = tuple[Look, Look]


class Asked(NamedTuple):
    """A picture to look for: altered how, and the number of the one that must be found (None: it was never stored)."""

    kind: str
    looks: Looks
    number: int | None


def real_pictures() -> list[Picture]:
    """The real photos that are large enough to tell from others."""
    paths = [REAL / name for name in TAKEN if not name.endswith((".heic", "malformed.jpg"))] if REAL.is_dir() else []
    scenes = [path for path in paths if path.name not in ("orient3.jpg", "orient5-mirrored.jpg", "orient8.jpg")]
    return [ImageOps.exif_transpose(Image.open(path)).convert("RGB") for path in scenes]    # one of each scene


def questions(chance: Random) -> tuple[list[Looks], list[Asked]]:
    """What is stored, and what is asked for."""
    stored, asked = [], []
    for picture in [*(a_street(chance, DRAWN) for _ in range(STREETS)), *real_pictures()]:
        stored.append(looks(picture))
        asked += [Asked(kind, looks(alter(picture, chance)), len(stored)) for kind, alter in ALTERED.items()]
    asked += [Asked("never stored", looks(a_street(chance, DRAWN)), None) for _ in range(STREETS)]
    return stored, asked


def mosaics(tiles: np.ndarray, count: int, chance: np.random.Generator) -> np.ndarray:
    """Sketches put together from four quarters of different streets, each a little lighter or darker."""
    half, made = SIDE // 2, np.empty((count, SIDE, SIDE), dtype=np.float32)
    for down in (0, half):
        for across in (0, half):
            quarter = tiles[chance.integers(len(tiles), size=count), down:down + half, across:across + half]
            made[:, down:down + half, across:across + half] = quarter * chance.uniform(0.7, 1.2, (count, 1, 1))
    return np.clip(made, 0, 255)


def fingerprints(sketches: np.ndarray) -> np.ndarray:
    """The fingerprint of each sketch, as the press makes it."""
    signs = (COSINES @ sketches @ COSINES.T)[:, ROWS, COLUMNS] > 0
    return np.ascontiguousarray(np.packbits(signs, axis=1, bitorder="little")).view("<i8")[:, 0]


def row(number: int, sent_by_id: object, whole: tuple[int, bytes], bare: tuple[int, bytes]) -> dict[str, object]:
    """A photo as it stands in the table."""
    return {"id": new_id(), "sha256": f"{number:064x}", "byte_count": 1, "media_type": "image/jpeg", "width": 1,
            "height": 1, "orientation": 1, "received_at": clock.now(), "sent_by_id": sent_by_id, "status": "ready",
            "fingerprint": whole[0], "sketch": whole[1], "bare_fingerprint": bare[0], "bare_sketch": bare[1] or None,
            "compared_as": number}


def store(rows: list[dict[str, object]]) -> None:
    """Put rows into the table."""
    db.session.execute(insert(Photo), rows)
    db.session.commit()


def stored_looks(one: Looks) -> tuple[tuple[int, bytes], tuple[int, bytes]]:
    """Both looks of a picture as they are stored."""
    whole, bare = ((look.fingerprint, bytes.fromhex(look.sketch)) for look in one)
    return whole, bare


def fill(size: int, tiles: np.ndarray, chance: np.random.Generator, sent_by_id: object) -> None:
    """Store mosaics until there are `size` photos."""
    for start in range(gallery().last_number + 1, size + 1, BATCH):
        sketches = mosaics(tiles, min(BATCH, size + 1 - start), chance)
        prints = fingerprints(sketches).tolist()
        store([row(start + at, sent_by_id, (prints[at], sketches[at].astype(np.uint8).tobytes()), (0, b""))
               for at in range(len(prints))])


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Flask]:
    """An application with an empty database of this kind."""
    if kind == "sqlite":
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'bench.sqlite3'}",
                         SQLITE_SYNCHRONOUS="OFF")
        with app.app_context():
            db.create_all()
            yield app
            db.engine.dispose()
        return
    with start_postgres(folder, fsync=False) as url:
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=create_database(url, "bench_lookalikes"))
        with app.app_context():
            db.create_all()
            yield app
            db.session.remove()
            db.engine.dispose()


class Answers(NamedTuple):
    """Milliseconds of each search, by the clock and of the processor; which altered pictures were found; how many
    questions raised a false alarm."""

    took_ms: list[float]
    worked_ms: list[float]
    found: dict[str, list[bool]]
    wrong: int


def answered(asked: list[Asked]) -> Answers:
    """Ask everything once."""
    took, worked, found, false_alarms = [], [], defaultdict(list), 0
    for each in asked:
        (whole, sketch), (bare, bare_sketch) = stored_looks(each.looks)
        photo = Photo(fingerprint=whole, sketch=sketch, bare_fingerprint=bare, bare_sketch=bare_sketch or None)
        began, work = time.perf_counter(), time.process_time()
        numbers = {hit.compared_as for hit in search(photo, gallery())}
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - work) * 1000)
        db.session.expunge_all()
        found[each.kind].append(each.number in numbers)
        false_alarms += bool(numbers - {each.number})
    return Answers(took, worked, found, false_alarms)


def floor_ms(size: int) -> float:
    """One scan of `size` fingerprints for one, the quickest of several."""
    prints, sought = np.random.default_rng(1).integers(0, 2**63, size, dtype=np.uint64), np.uint64(12345)
    return min(_timed(lambda: np.flatnonzero(np.bitwise_count(prints ^ sought) <= 14)) for _ in range(9))


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def measure(kind: str, sizes: Sequence[int], stored: list[Looks], asked: list[Asked], tiles: np.ndarray) -> None:
    """Fill a database step by step, and ask at every step."""
    chance = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)):
        sender = Account(id=new_id(), name="bench", is_active=True, created_at=clock.now())
        db.session.add(sender)
        db.session.flush()
        sender_id = sender.id
        store([row(number, sender_id, *stored_looks(each)) for number, each in enumerate(stored, 1)])
        gallery().read_on()
        for size in sizes:
            fill(size, tiles, chance, sender_id)
            loading_s = _timed(gallery().read_on) / 1000
            tell(kind, size, loading_s, answered(asked))


def tell(kind: str, size: int, loading_s: float, answers: Answers) -> None:
    """Print one step beside its floor and its targets."""
    p50, p95 = np.percentile(answers.took_ms, (50, 95))
    floor, count = floor_ms(size), len(answers.took_ms)
    print(f"{kind} {size:,}: p50 {p50:.2f} ms  p95 {p95:.2f} ms (target ≤ {P95_MS_MAX:g} ms)"
          f"  floor {floor:.2f} ms  ratio {p95 / floor:.1f}"
          f"  processor time p95 {np.percentile(answers.worked_ms, 95):.2f} ms")
    print(f"  in memory {gallery().byte_count / MEGABYTE:.1f} MB, the last part read on in {loading_s:.1f} s")
    print("  recall       " + "  ".join(f"{name} {np.mean(answers.found[name]):.3f} (≥ {least:g})"
                                       for name, least in RECALL_MIN.items()))
    print(f"  false alarms {answers.wrong} of {count} questions = {answers.wrong / count:.2%}"
          f" (target ≤ {FALSE_ALARMS_MAX:.0%})", flush=True)


def run(_repeats: int = 1, *, sizes: Sequence[int] = SIZES, databases: Sequence[str] = DATABASES) -> None:
    """Print the figures."""
    chance = Random(11)
    stored, asked = questions(chance)
    tiles = np.stack([np.frombuffer(bytes.fromhex(whole.sketch), np.uint8).reshape(SIDE, SIDE)
                      for whole, _ in (looks(a_street(chance, (320, 240))) for _ in range(TILES)) if whole.sketch])
    print(f"{len(stored)} pictures stored, {len(asked)} questions; 12 bytes a fingerprint, 1 KiB a sketch in the table")
    for kind in databases:
        measure(kind, sorted(sizes), stored, asked, tiles.astype(np.float32))


def main() -> None:
    """Print the figures asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    wanted = options.parse_args()
    run(sizes=wanted.sizes, databases=wanted.databases)


if __name__ == "__main__":
    main()
