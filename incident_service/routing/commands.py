"""`flask rules …`, `flask roster …`: rules and rosters out of files."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from incident_service.foundation.sheet_rows import Unreadable, read_sheet
from incident_service.foundation.words import both
from incident_service.routing import rule_sets
from incident_service.routing.roster_files import COLUMNS, NEEDED, import_roster
from incident_service.routing.rule_files import as_toml

rules_commands = AppGroup("rules", help="Who answers for what: the rules of dispatching.")
roster_commands = AppGroup("roster", help="Who is on duty when.")
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


@roster_commands.command("import")
@click.argument("file", type=A_FILE)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is told in.")
def import_file(file: Path, language: str) -> None:
    """Replace the rosters of the posts that FILE (.csv or .xlsx) names; when anything is wrong, nothing, exit code 1.

    Headings: 手机号, 角色, 区域, 开始, 结束; 类别 for officers; 角 A or B, 班次, 星期, 起始日期, 截止日期.
    """
    try:
        outcome = import_roster(read_sheet(file, COLUMNS, needed=NEEDED))
    except Unreadable as unreadable:
        click.echo(unreadable.says.in_language(language))
        sys.exit(1)
    for each in outcome.complaints:
        click.echo(each.in_words(COLUMNS).in_language(language))
    told = both("发现 {n} 处错误，未导入任何排班", "{n} complaints, nothing was imported", n=len(outcome.complaints)) \
        if outcome.complaints else both(
            "岗位 {posts} 个：新增 {added}，删除 {removed}，未变 {unchanged}",
            "{posts} posts: {added} entries added, {removed} removed, {unchanged} unchanged", posts=outcome.posts,
            added=outcome.added, removed=outcome.removed, unchanged=outcome.unchanged)
    click.echo(told.in_language(language))
    sys.exit(1 if outcome.complaints else 0)
