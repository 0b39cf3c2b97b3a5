"""`flask rules …`: the rules of an installation out of a file and into one."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from incident_service.routing import rule_sets
from incident_service.routing.rule_files import as_toml

rules_commands = AppGroup("rules", help="Who answers for what: the rules of dispatching.")
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@rules_commands.command("import")
@click.argument("file", type=A_FILE)
@click.option("--note", default="", help="Why; kept with the version.")
def import_rules(file: Path, note: str) -> None:
    """Put the rules of FILE in force as a new version; the same rules as now change nothing."""
    before = rule_sets.in_force().version
    book = rule_sets.put(rule_sets.read_rules(file), note=note or file.name[:100], by_id=None)
    click.echo(f"规则版本 {book.version} 已生效，共 {len(book.rules)} 条" if book.version != before else
               f"规则与现行版本 {book.version} 相同，未作变更")


@rules_commands.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_rules(file: Path) -> None:
    """Write the rules in force to FILE, to be edited and imported again."""
    if file.exists():
        click.echo(f"{file} 已存在", err=True)
        sys.exit(1)
    book = rule_sets.in_force()
    file.write_text(as_toml(book.written), encoding="utf-8")
    click.echo(f"规则版本 {book.version} 已写入 {file}")
