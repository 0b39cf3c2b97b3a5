"""Settings: one class an environment, the job register, and the tables a city may change.

The process environment is read in this package and nowhere else.
"""

from importlib import import_module

from config.environment import text

CLASSES = {"development": "Development", "testing": "Testing", "production": "Production"}


def chosen(name: str | None = None) -> type:
    """The settings class called `name`, or the one INCIDENT_ENV names (development by default).

    Only the chosen module is imported, so a secret missing in production stops production alone.
    Raises LookupError for an unknown name.
    """
    name = name or text("INCIDENT_ENV", "development")
    if name not in CLASSES:
        raise LookupError(f"INCIDENT_ENV is {name!r}; it must be one of {', '.join(CLASSES)}.")
    return getattr(import_module(f"config.{name}"), CLASSES[name])
