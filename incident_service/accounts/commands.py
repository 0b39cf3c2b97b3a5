"""`flask people add PHONE NAME …`: how the first administrator of a city comes in."""

import click
from flask.cli import AppGroup

from incident_service.accounts import granting
from incident_service.accounts.people import take_on
from incident_service.accounts.phones import mask
from incident_service.accounts.roles import Grant, Role, is_area_code
from incident_service.foundation.problems import Problem

people_commands = AppGroup("people", help="People and the roles they hold.")


@people_commands.command("add")
@click.argument("phone")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--area", required=True, help="Code of the area within which the role is held.")
@click.option("--kind", help="Which kind of officer, such as traffic.")
@click.option("--password", envvar="NEW_PASSWORD",
              help="Without one, the first sign-in is by a one-time code. Who is a resident already keeps their own.")
def add(*, phone: str, name: str, role: str, area: str, kind: str | None, password: str | None) -> None:
    """Add somebody to whom nobody can yet give a role over HTTP."""
    if not is_area_code(area):
        raise click.ClickException(f"{area} is not an area code.")
    grants = [Grant(Role(role), area, kind)]
    try:
        granting.check(grants)
        person = take_on(phone, name, password=password, roles=grants)
    except Problem as problem:
        raise click.ClickException(f"{problem} {'; '.join(str(error.detail) for error in problem.errors)}") from problem
    click.echo(f"{person.name} {mask(person.phone)} {role} {area}")
