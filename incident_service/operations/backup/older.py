"""A backup of an older release: its rows are migrated in a database of their own before they come in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import flask_migrate
from flask import Flask, current_app
from sqlalchemy import text

from incident_service.foundation.database import db, open_database
from incident_service.foundation.words import both
from incident_service.operations.backup import schema
from incident_service.operations.backup.columns import kinds_of
from incident_service.operations.backup.reading import Archive
from incident_service.operations.backup.refusals import Damaged, Refused
from incident_service.operations.backup.rows import put_lines
from incident_service.operations.backup.tables import Rows, kept_tables, rows_from, rows_in


def check_is_for_us(archive: Archive) -> None:
    """Raise Refused for an archive of a newer release, Damaged for one without the tables of its own schema."""
    revision = archive.manifest.schema_revision
    if not schema.is_known(revision):
        raise Refused(both("备份由更新的版本制作（结构版本 {revision}），请使用该版本恢复",
                           "A newer release made this backup (schema {revision}); restore it with that release",
                           revision=revision))
    ours = {table.name: kinds_of(table) for table in kept_tables()}
    theirs = {name: dict(each.columns) for name, each in archive.manifest.tables.items()}
    if revision == schema.newest_revision() and ours != theirs:
        raise Damaged(both("表结构与其版本不符", "its tables are not those of its schema"))


@contextmanager
def rows_of_today(archive: Archive) -> Iterator[Iterator[Rows]]:
    """The archive's rows in the shape that this release works with."""
    if archive.manifest.schema_revision == schema.newest_revision():
        yield rows_in(archive)
        return
    with TemporaryDirectory(dir=current_app.config["DATA_DIR"], prefix=".restore-") as folder:
        with _aside(Path(folder)).app_context():
            engine = db.engine
            _fill_and_migrate(archive)
        try:
            with engine.connect() as connection:
                yield rows_from(connection)
        finally:
            engine.dispose()


def _fill_and_migrate(archive: Archive) -> None:
    flask_migrate.upgrade(revision=archive.manifest.schema_revision)
    with db.engine.begin() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for rows in rows_in(archive):
            put_lines(connection, rows.table, rows.columns, rows.lines)
    flask_migrate.upgrade()


def _aside(folder: Path) -> Flask:
    """An application with a database of its own."""
    app = Flask("aside")
    app.config.update(current_app.config, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'rows.sqlite3'}",
                      SQLALCHEMY_ENGINE_OPTIONS={}, SQLITE_SYNCHRONOUS="OFF")
    open_database(app)
    return app
