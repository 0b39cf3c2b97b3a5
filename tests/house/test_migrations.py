"""The migrations lead exactly to the tables the models describe, on both databases, from nothing and back."""

import ast
import secrets

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from incident_service.app import create_app
from incident_service.foundation.database import MIGRATIONS, db

ID, NOW = "'01930000000070008000000000000001'", "'2026-11-20 00:00:00+00'"
A_PHOTO_IN_A_CASE = (
    f"INSERT INTO account (id, name, is_active, created_at) VALUES ({ID}, 'x', true, {NOW})",
    f"""INSERT INTO case_file (id, number, status, category, condition, longitude, latitude, address, round, version,
        opened_at, area_code, beat_code) VALUES ({ID}, '20261120-A', 'dispatching', 'other', 'other', 115.9, 28.6, '',
        1, 1, {NOW}, '360102001001001', '360102J01')""",
    f"""INSERT INTO dispatch (id, case_id, round, part, role, area_code, responder_id, explanation, pushed_at)
        VALUES ({ID}, {ID}, 1, 'lead', 'officer', '360102J01', {ID}, '{{}}', {NOW})""",
    f"""INSERT INTO photo (id, sha256, byte_count, media_type, width, height, orientation, fingerprint, received_at,
        sent_by_id, status) VALUES ({ID}, '00', 1, 'image/jpeg', 1, 1, 1, 7, {NOW}, {ID}, 'ready')""",
    f"INSERT INTO case_photo (photo_id, case_id, stage, position) VALUES ({ID}, {ID}, 'before', 1)",
)

PERSON, FUND = "'01930000000070008000000000000002'", "'01930000000070008000000000000003'"
POINTS_GIVEN = (
    f"INSERT INTO points_account (id, holder, holder_key, opened_at) VALUES ({PERSON}, 'person', 'x', {NOW})",
    f"INSERT INTO points_account (id, holder, holder_key, opened_at) VALUES ({FUND}, 'fund', 'y', {NOW})",
    *(f"""INSERT INTO points_transfer
          (id, from_id, to_id, amount, reason, reference, explanation_zh, explanation_en, at)
          VALUES ({id}, {FUND}, {PERSON}, {amount}, 'first_report', '{amount}', '', '', {NOW})"""
      for id, amount in ((PERSON, 10), (FUND, 5))),
)


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


def _is_of_the_models(_object, name, *_):
    """The index of words is each database's own, and no model describes it: `cases/words.py` makes it."""
    return name != "case_words_gin" and not name.startswith("case_words_fts")


def test_the_migrations_make_what_the_models_describe(bare):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "render_as_batch": True, "include_object": _is_of_the_models})
        assert compare_metadata(context, db.metadata) == []


def test_migrating_twice_changes_nothing(bare):
    flask_migrate.upgrade()
    flask_migrate.upgrade()


def test_photos_of_a_running_city_survive_the_migrations(bare):
    """Rows that refer to one another are there before: no table may be dropped on the way."""
    flask_migrate.upgrade(revision="0001")
    with db.engine.begin() as connection:
        for statement in A_PHOTO_IN_A_CASE:
            connection.execute(text(statement))
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        assert connection.execute(text("SELECT fingerprint, bare_fingerprint, compared_as FROM photo")).all() == [
            (0, 0, None)]
        assert connection.scalar(text("SELECT count(*) FROM case_photo")) == 1
        assert connection.scalar(text("SELECT block FROM case_file")) > 0
        assert connection.execute(text("SELECT dispatch.block - case_file.block FROM dispatch"
                                       " JOIN case_file ON case_file.id = case_id")).all() == [(0,)]
        assert connection.scalar(text("SELECT tokens FROM case_words")) == (
            " 20261120 a §360102 §360102001 §360102001001 §360102001001001 §360102J01 §000000000001 ")
    flask_migrate.downgrade(revision="0001")


def test_points_of_a_running_city_get_their_totals(bare):
    """A person's account begins with the sum of its entries, any other keeps none."""
    flask_migrate.upgrade(revision="0005")
    with db.engine.begin() as connection:
        for statement in POINTS_GIVEN:
            connection.execute(text(statement))
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        assert connection.execute(text("SELECT holder, total FROM points_account ORDER BY holder")).all() == [
            ("fund", None), ("person", 15)]
    flask_migrate.downgrade(revision="0005")


def test_a_migration_never_imports_the_house():
    for path in (MIGRATIONS / "versions").glob("*.py"):
        names = {node.module.split(".")[0] for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.ImportFrom) and node.module}
        assert names <= {"alembic", "sqlalchemy"}
