"""A later release of this software: one more migration, which puts a mark on every name."""

import shutil
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

from incident_service.foundation import database
from incident_service.foundation.database import db
from incident_service.operations.backup import schema

MARKS = '''
from alembic import op

revision, down_revision = "later", "{head}"


def upgrade():
    op.execute("UPDATE account SET name = name || '✓'")
'''


def later_migrations(app: Flask, folder: Path) -> Path:
    """A folder with all migrations of today and one that comes after them."""
    shutil.copytree(database.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with app.app_context():
        head = schema.newest_revision()
    (folder / "versions" / "later_marks.py").write_text(MARKS.format(head=head), encoding="utf-8")
    return folder


def become_later(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the application, and all that are built from now on, be of the later release, migrated."""
    monkeypatch.setattr(database, "MIGRATIONS", later_migrations(app, folder))
    app.extensions["migrate"].migrate.directory = str(folder)
    with app.app_context():
        flask_migrate.upgrade()


def names(app: Flask) -> list[str]:
    """What everybody is called."""
    with app.app_context(), db.engine.connect() as connection:
        return sorted(connection.scalars(text("SELECT name FROM account")))
