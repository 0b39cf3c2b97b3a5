"""`python -m incident_service.operations`: start an installation and stay."""

import sys

import click

import config
from incident_service.foundation import logs
from incident_service.operations.premises import StartRefused
from incident_service.operations.service import run


def main() -> int:
    """Run until told to stop: 0. When it cannot start: one line on standard error, and 1."""
    try:
        settings = _chosen_settings()
        logs.open_logs()
        run(settings)
    except StartRefused as refusal:
        if refusal.args:                        # without: who knew the reason has told it
            click.echo(str(refusal), err=True)
        return 1
    return 0


def _chosen_settings() -> type:
    try:
        return config.chosen()
    except LookupError as error:
        raise StartRefused(*error.args) from error


if __name__ == "__main__":
    sys.exit(main())
