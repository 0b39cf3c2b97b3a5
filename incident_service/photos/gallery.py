"""All fingerprints in the memory of this process: 12 bytes each, searched by counting the bits that differ.

Numbers are given without gaps, in the order in which pictures are compared and under one lock, so that reading on
from the last number known keeps the gallery whole in every process; it is never read anew.
"""

from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

import numpy as np
from flask import Flask, current_app
from numpy.typing import NDArray
from sqlalchemy import func, select

from incident_service.foundation.database import db
from incident_service.photos.models import Photo
from incident_service.photos.press.fingerprint import MIRRORED

BITS_MAX = 12                               # fingerprints that differ in more are of different pictures
CANDIDATES_MAX = 48
CHUNK = 1 << 16                             # fits a core's own cache
WORD = (1 << 64) - 1
ROWS_AT_ONCE = 10_000


class Near(NamedTuple):
    """A picture whose fingerprint is near, and in how many bits it differs."""

    number: int
    bits: int


class Gallery:
    """Fingerprints with the numbers of their pictures; one picture may have two."""

    def __init__(self) -> None:
        self.last_number = 0
        self.lock = Lock()
        self._count = 0
        self._last_id: UUID | None = None
        self._prints = np.zeros(CHUNK, dtype=np.uint64)
        self._numbers = np.zeros(CHUNK, dtype=np.uint32)

    def __len__(self) -> int:
        return self._count

    @property
    def byte_count(self) -> int:
        """The memory held."""
        return self._prints.nbytes + self._numbers.nbytes

    def add(self, prints: NDArray[np.uint64], numbers: NDArray[np.uint32]) -> None:
        """Hang fingerprints, each beside the number of its picture."""
        needed = self._count + len(prints)
        if needed > len(self._prints):
            room = max(needed, self._count + self._count // 4)
            self._prints = np.resize(self._prints, room)
            self._numbers = np.resize(self._numbers, room)
        self._prints[self._count:needed], self._numbers[self._count:needed] = prints, numbers
        self._count = needed

    def near(self, prints: Iterable[int]) -> list[Near]:
        """The pictures nearest to any of these fingerprints or their mirror images, nearest first."""
        sought = [np.uint64(each & WORD ^ turned) for each in prints for turned in (0, MIRRORED)]
        found: dict[int, int] = {}
        for start in range(0, self._count, CHUNK):
            part = self._prints[start:min(start + CHUNK, self._count)]
            for each in sought:
                bits = np.bitwise_count(part ^ each)
                for at in np.flatnonzero(bits <= BITS_MAX).tolist():
                    number = int(self._numbers[start + at])
                    found[number] = min(found.get(number, BITS_MAX), int(bits[at]))
        return sorted((Near(*each) for each in found.items()), key=lambda near: near.bits)[:CANDIDATES_MAX]

    def read_on(self) -> None:
        """Hang what was compared since; everything, when the database has become another one (a backup restored)."""
        newest = db.session.scalar(select(func.max(Photo.compared_as))) or 0
        if self._id_of(self.last_number) != self._last_id:
            self.last_number = self._count = 0
        while self.last_number < newest:
            until = min(self.last_number + ROWS_AT_ONCE, newest)
            rows = db.session.execute(
                select(Photo.compared_as, Photo.fingerprint, Photo.bare_fingerprint)
                .where(Photo.compared_as > self.last_number, Photo.compared_as <= until)).all()
            for column in (1, 2):
                hung = [row for row in rows if row[column]]
                self.add(np.array([row[column] for row in hung], dtype=np.int64).view(np.uint64),
                         np.array([row[0] for row in hung], dtype=np.uint32))
            self.last_number = until
        self._last_id = self._id_of(newest)

    def _id_of(self, number: int) -> UUID | None:
        return db.session.scalar(select(Photo.id).where(Photo.compared_as == number))


def open_gallery(app: Flask) -> None:
    """Give the application an empty gallery; it is filled when a picture is first compared."""
    app.extensions["gallery"] = Gallery()


def gallery() -> Gallery:
    """The gallery of this process."""
    found: Gallery = current_app.extensions["gallery"]
    return found
