"""Bringing the database up to date before anybody uses it, in a process of its own."""

import flask_migrate
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError


def prepare(app: Flask) -> None:
    """Migrate the database. Ends the process with one line when the database cannot be used."""
    try:
        with app.app_context():
            flask_migrate.upgrade()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise SystemExit(f"The database cannot be used: {reason}.") from error
