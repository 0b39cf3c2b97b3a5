"""`flask people …`: how the first administrator of a city comes in, and a whole street after them."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from incident_service.accounts import granting
from incident_service.accounts.importing import COLUMNS, NEEDED, import_people
from incident_service.accounts.people import take_on
from incident_service.accounts.phones import mask
from incident_service.accounts.roles import Grant, Role, is_area_code
from incident_service.foundation.problems import Problem
from incident_service.foundation.sheet_rows import Unreadable, read_sheet
from incident_service.foundation.words import both

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


@people_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is told in.")
def import_file(file: Path, language: str) -> None:
    """Bring in the people of FILE (.csv or .xlsx; one row a role): all of them, or none and the exit code is 1.

    Headings: 手机号, 姓名, 角色, 区域; 类别 for officers; 状态 离职 for who has left.
    """
    try:
        outcome = import_people(read_sheet(file, COLUMNS, needed=NEEDED))
    except Unreadable as unreadable:
        click.echo(unreadable.says.in_language(language))
        sys.exit(1)
    for each in outcome.complaints:
        click.echo(each.in_words(COLUMNS).in_language(language))
    told = both("发现 {n} 处错误，未导入任何人员", "{n} complaints, nobody was imported", n=len(outcome.complaints)) \
        if outcome.complaints else both(
            "新增人员 {added}，新增角色 {granted}，离职 {left}，未变 {unchanged}",
            "{added} people added, {granted} roles given, {left} left, {unchanged} unchanged",
            added=outcome.added, granted=outcome.granted, left=outcome.left, unchanged=outcome.unchanged)
    click.echo(told.in_language(language))
    sys.exit(1 if outcome.complaints else 0)
