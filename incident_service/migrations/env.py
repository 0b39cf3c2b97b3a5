"""How Alembic reaches the database of the current application. It never sets up logging: the application has."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Enum

from incident_service.foundation.database import UtcDateTime

migrate = current_app.extensions["migrate"]
database = migrate.db


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as the plain ones they are in the database: a migration never imports the house."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def migrate_online() -> None:
    """Run the migrations over one connection, each in its own transaction. Nobody else gets it afterwards: where a
    migration drops something, the driver lets go of what others prepared in it."""
    with database.engine.connect() as connection:
        connection.detach()
        context.configure(connection=connection, target_metadata=database.metadata, render_item=render_item,
                          transaction_per_migration=True, **migrate.configure_args)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


migrate_online()
