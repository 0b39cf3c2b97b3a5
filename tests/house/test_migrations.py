"""The migrations lead exactly to the tables the models describe, on both databases, from nothing and back."""

import ast
import secrets

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from incident_service.app import create_app
from incident_service.foundation.database import MIGRATIONS, db


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request, tmp_path):
    """An application whose database has no tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    else:
        from tests.servers.postgres import create_database

        url = create_database(request.getfixturevalue("postgres_url"), f"bare_{secrets.token_hex(4)}")
    app = create_app("testing", SQLALCHEMY_DATABASE_URI=url)
    with app.app_context():
        yield app
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        db.engine.dispose()


def test_the_migrations_make_what_the_models_describe(bare):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, db.metadata) == []


def test_migrating_twice_changes_nothing(bare):
    flask_migrate.upgrade()
    flask_migrate.upgrade()


def test_a_migration_never_imports_the_house():
    for path in (MIGRATIONS / "versions").glob("*.py"):
        names = {node.module.split(".")[0] for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.ImportFrom) and node.module}
        assert names <= {"alembic", "sqlalchemy"}
