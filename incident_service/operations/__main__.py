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
        settings = config.chosen()
        logs.open_logs()
        run(settings)
    except (StartRefused, LookupError) as refusal:
        if refusal.args:
            click.echo(str(refusal), err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
