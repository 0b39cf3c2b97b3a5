"""Before anybody is served: the database brought up to date, and the demo town in it where that is wanted."""

import flask_migrate
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from incident_service import routing
from incident_service.demo.people import PASSWORD, logins
from incident_service.demo.seed import fill_if_empty


def prepare(app: Flask) -> None:
    """Migrate the database, keep the shipped rules in one that has none, and fill an empty one in development.

    Ends the process with one line when it cannot.
    """
    try:
        with app.app_context():
            flask_migrate.upgrade()
            fill_if_empty()                     # first: it may refuse to start, in one line
            routing.plant_shipped()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise SystemExit(f"The database cannot be used: {reason}.") from error


def greeting(app: Flask) -> str:
    """What to tell whoever started this: in development, as whom one can sign in."""
    if not app.config["SHOW_DEMO"]:
        return ""
    people = "\n".join(f"  {phone}  {says.in_language('zh')} ({says})" for phone, says in logins())
    return f"\nDemo logins, password {PASSWORD}:\n{people}\n"
