"""Bringing every photo into another store, while the service goes on with the present one."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from incident_service.foundation.database import db
from incident_service.foundation.words import Words, both
from incident_service.photos.copies import is_earlier
from incident_service.photos.models import Photo
from incident_service.photos.originals import pieces_of
from incident_service.photos.stores import Store
from incident_service.photos.stores.names import original_name
from incident_service.photos.verifying import all_photos


class Move:
    """One way from store to store. What lies there already is left, so a second run brings only what came meanwhile."""

    def __init__(self, source: Store, target: Store) -> None:
        self.source, self.target = source, target
        self.originals = self.copies = 0

    def __len__(self) -> int:
        """How many photos there are."""
        return db.session.scalar(select(func.count(Photo.id))) or 0

    def run(self) -> Iterator[Words | None]:
        """Bring one photo after the other; of each, what is wrong with it."""
        for photo in all_photos():
            fault = None if photo.original_gone_at else self._bring_original(photo)
            self._bring_copies(photo)
            yield fault

    def _bring_original(self, photo: Photo) -> Words | None:
        """Bring the sealed bytes, compared with their digest on the way and once more where they lie then."""
        if self.target.original_size(photo.sha256) == photo.byte_count:
            return None
        name = original_name(photo.sha256)
        try:
            with self.source.original(photo.sha256) as path:
                draft, digest = self._draft(path)
        except FileNotFoundError:
            return both("缺失原件 {name}", "missing original {name}", name=name)
        try:
            if digest != photo.sha256:
                return both("原件已改变，未搬移 {name}", "changed original, not moved {name}", name=name)
            self.target.put_original(draft, photo.sha256)
        finally:
            draft.unlink(missing_ok=True)
        self.originals += 1
        with self.target.original(photo.sha256) as arrived:
            if _digest(arrived) != photo.sha256:
                return both("目标中的原件不符 {name}", "original differs in the target {name}", name=name)
        return None

    def _draft(self, path: Path) -> tuple[Path, str]:
        """A copy of the file on the target's own disk, and the digest of what was copied."""
        self.target.incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft, digest = self.target.incoming / f"move-{secrets.token_hex(8)}", hashlib.sha256()
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            for piece in pieces_of(path):
                digest.update(piece)
                file.write(piece)
        return draft, digest.hexdigest()

    def _bring_copies(self, photo: Photo) -> None:
        """Bring the present copies, and take away what an earlier run brought and must not be seen any more."""
        there = set(self.target.copies(photo.id))
        for name in self.source.copies(photo.id):
            is_wanted = name not in there and not is_earlier(name, photo.revision)
            if is_wanted and (jpeg := self.source.read_copy(photo.id, name)):
                self.target.put_copy(photo.id, name, jpeg, lasting=True)
                self.copies += 1
        for name in there:
            if is_earlier(name, photo.revision):
                self.target.delete_copy(photo.id, name)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for piece in pieces_of(path):
        digest.update(piece)
    return digest.hexdigest()
