"""Taking away what no photo names: originals and copies that a crash, or a report given up half-way, left behind.

Somebody may send the very bytes that are being swept. So bytes are doomed first, in a transaction that no naming of
photos can overlap, and deleted afterwards; whoever names photos asks whether their bytes were doomed meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import TypeVar
from uuid import UUID

from flask import current_app
from sqlalchemy import bindparam, delete, func, select

from incident_service.foundation import clock
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import for_update, transaction
from incident_service.photos.models import Photo
from incident_service.photos.sealed import SweptOriginal
from incident_service.photos.stores import StoreAway, store

NAMING = 0x70686F746F                   # the lock of PostgreSQL between naming and sweeping
TO_NAME: Question[None] = Question(select(func.pg_advisory_xact_lock_shared(NAMING)))
TO_SWEEP: Question[None] = Question(select(func.pg_advisory_xact_lock(NAMING)))
SWEPT = Question(select(SweptOriginal.sha256, SweptOriginal.deleted_at).where(
    SweptOriginal.sha256.in_(bindparam("digests", expanding=True))))
PARTS = 256
AT_ONCE = 500
REMEMBERED = timedelta(days=1)          # longer than any request may last between sealing and naming
COPIES_LOOKED_BACK = timedelta(days=3)
Item = TypeVar("Item")


def sweep_orphans(*, part: int | None = None, older_than: timedelta | None = None) -> int:
    """Delete originals and copies that no photo names and that are older than any request; how many files' worth.

    One part of the store in 256 each time, the next one every minute. Safe to repeat: what is gone is gone.
    """
    turn = int(clock.now().timestamp()) // 60 % PARTS if part is None else part
    before = clock.now() - (older_than or current_app.config["PHOTO_ORPHAN_KEEP"])
    old = (kept.sha256 for kept in store().walk(f"{turn:02x}") if kept.modified_at < before)
    for batch in in_batches(old):
        _doom(batch)
    swept = _delete_doomed()
    if turn == 0:
        swept += _sweep_copies(int(before.timestamp() * 1000))
        _forget()
    return swept


def check_not_swept(digests: Iterable[str]) -> None:
    """To be called in the transaction that names these originals. Raises StoreAway when one is being swept away.

    The sender tries again in a moment, and the bytes are sealed anew.
    """
    _lock(TO_NAME)
    for sha256, deleted_at in SWEPT.ask(digests=sorted(set(digests))):
        if deleted_at is None or not store().has_original(sha256):
            raise StoreAway()
        db.session.execute(delete(SweptOriginal).where(SweptOriginal.sha256 == sha256))


def in_batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items, some hundreds at a time."""
    rest = iter(items)
    return iter(lambda: list(islice(rest, AT_ONCE)), [])


def named(digests: Sequence[str]) -> set[str]:
    """Those of the digests that a photo names whose original is kept."""
    return set(db.session.scalars(select(Photo.sha256).where(
        Photo.sha256.in_(digests), Photo.original_gone_at.is_(None)).distinct()))


def known(ids: Iterable[UUID]) -> dict[UUID, Photo]:
    """Those of the ids that are photos."""
    return {photo.id: photo for photo in db.session.scalars(select(Photo).where(Photo.id.in_(list(ids))))}


def _doom(digests: list[str]) -> None:
    if set(digests) <= named(digests):
        return
    with transaction():
        _lock(TO_SWEEP)
        doomed = set(digests) - named(digests)
        db.session.execute(delete(SweptOriginal).where(SweptOriginal.sha256.in_(doomed)))
        db.session.add_all(SweptOriginal(sha256=each) for each in sorted(doomed))


def _delete_doomed() -> int:
    """Delete what is doomed, also by a sweep that died before it could; nothing of it can have been named since."""
    pending = db.session.scalars(select(SweptOriginal.sha256).where(SweptOriginal.deleted_at.is_(None))).all()
    return sum(_delete(sha256) for sha256 in pending)


def _delete(sha256: str) -> bool:
    with transaction():
        _lock(TO_SWEEP)
        swept = db.session.scalar(for_update(select(SweptOriginal).where(SweptOriginal.sha256 == sha256)))
        if swept is None or swept.deleted_at is not None:
            return False
        store().delete_original(sha256)
        swept.deleted_at = clock.now()
        return True


def _sweep_copies(before_ms: int) -> int:
    """Delete the copies of photos that were never named. A photo's id tells when it was given."""
    first = UUID(int=max(0, before_ms - int(COPIES_LOOKED_BACK.total_seconds() * 1000)) << 80)
    ids = dict.fromkeys(copy.photo_id for copy in store().walk_copies(first) if copy.photo_id.int >> 80 < before_ms)
    swept = 0
    for batch in in_batches(ids):
        for id in set(batch) - known(batch).keys():
            store().delete_copies(id)
            swept += 1
    return swept


def _forget() -> None:
    with transaction():
        db.session.execute(delete(SweptOriginal).where(SweptOriginal.deleted_at < clock.now() - REMEMBERED))


def _lock(kind: Question[None]) -> None:
    """Before whatever is asked next. On SQLite a writer has the database to itself anyway."""
    if is_postgresql():
        kind.ask_along()
