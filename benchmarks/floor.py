"""The floor: a bare Flask view that takes one photo, served by the same server, as many processes, the same settings.

`python -m benchmarks.floor stored` stores the upload with the fsyncs of the photo store, hashes it, and inserts one
row. `looked-at` also decodes it once at reduced size and makes the thumbnail.
"""

import hashlib
import signal
import sqlite3
import sys
import threading
import uuid
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, request
from PIL import Image
from sqlalchemy.engine import make_url

import config
from incident_service.operations import premises, processes
from incident_service.operations.web_server import serve
from incident_service.photos.stores import Folder

CHUNK_BYTES = 1024 * 1024
THUMB = (320, 240)
TABLE = "CREATE TABLE IF NOT EXISTS upload (id VARCHAR(36) PRIMARY KEY, sha256 VARCHAR(64), byte_count INTEGER)"
INSERT = "INSERT INTO upload VALUES ({0}, {0}, {0})"


class Database:
    """One connection a thread, without anything between the view and the driver."""

    def __init__(self, url: str) -> None:
        self.url, self.own = make_url(url), threading.local()
        self.insert = INSERT.format("?" if self.is_file else "%s")

    @property
    def is_file(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def _connected(self) -> Any:
        if self.is_file:
            connection = sqlite3.connect(str(self.url.database), timeout=10, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL").close()
            connection.execute("PRAGMA synchronous=FULL").close()
            return connection
        return psycopg.connect(host=self.url.query["host"], user=self.url.username, dbname=self.url.database,
                               autocommit=True)

    def run(self, statement: str, *values: object) -> None:
        """Run one statement in its own transaction."""
        if not hasattr(self.own, "connection"):
            self.own.connection = self._connected()
        self.own.connection.execute(statement, values)


def bare(settings: Any, *, is_looked_at: bool) -> Flask:
    """The application with its one view."""
    app, store = Flask("floor"), Folder(settings.DATA_DIR / "photos")
    database = Database(settings.SQLALCHEMY_DATABASE_URI)
    app.config.from_object(settings)
    store.incoming.mkdir(parents=True)
    database.run(TABLE)
    del database.own.connection                         # nothing connected is inherited by a fork

    @app.post("/api/v1/reports")
    def take() -> tuple[dict[str, str], int]:
        id, path = uuid.uuid4(), store.incoming / uuid.uuid4().hex
        digest, byte_count = _received(path)
        thumb = _thumb(path) if is_looked_at else None
        store.put_original(path, digest)
        if thumb:
            store.put_copy(id, "thumb", thumb, lasting=False)
        database.run(database.insert, str(id), digest, byte_count)
        return {"sha256": digest}, 201

    return app


def _received(path: Path) -> tuple[str, int]:
    """Write the upload to `path`; its digest and size."""
    digest, byte_count = hashlib.sha256(), 0
    with path.open("wb") as file:
        while part := request.files["photos"].stream.read(CHUNK_BYTES):
            digest.update(part)
            byte_count += file.write(part)
    return digest.hexdigest(), byte_count


def _thumb(path: Path) -> bytes:
    """The thumbnail, from one decode at reduced size."""
    written = BytesIO()
    with Image.open(path) as picture:
        picture.draft(None, THUMB)
        picture.resize(THUMB, Image.Resampling.BICUBIC, reducing_gap=2.0).save(written, "JPEG", quality=82)
    return written.getvalue()


def main() -> None:
    """Listen, fork the web processes as the supervisor does, and stay until SIGTERM."""
    settings: Any = config.chosen()
    processes.spare_memory()
    listening = premises.listen(settings.HOST, 0)
    app = bare(settings, is_looked_at=sys.argv[1] == "looked-at")
    processes.share_memory()
    for _ in range(settings.WEB_WORKERS):
        processes.fork(partial(serve, app, listening), name="floor")
    print(premises.address_of(listening[0]), flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
