"""The flask commands: the one file that knows every room's groups."""

from flask import Flask

from incident_service.accounts.commands import people_commands
from incident_service.areas.commands import areas_commands
from incident_service.cases.commands import cases_commands
from incident_service.evidence.commands import evidence_commands
from incident_service.operations.commands import backup_commands
from incident_service.operations.promises import promises_commands
from incident_service.photos.commands import photos_commands
from incident_service.points.commands import points_commands
from incident_service.routing.commands import roster_commands, rules_commands
from incident_service.supervision.commands import figures_commands

GROUPS = (areas_commands, backup_commands, cases_commands, evidence_commands, figures_commands, people_commands,
          photos_commands, points_commands, promises_commands, roster_commands, rules_commands)


def add_commands(app: Flask) -> None:
    """Give the application its commands: `flask --app wsgi --help` lists them."""
    for group in GROUPS:
        app.cli.add_command(group)
