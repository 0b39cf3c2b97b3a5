"""`flask figures rebuild` and `flask figures verify`: the daybook of figures."""

import sys

import click
from flask.cli import AppGroup

from incident_service.foundation.words import both
from incident_service.supervision import daybook

figures_commands = AppGroup("figures", help="The daybook that makes large questions quick.")
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is written to you.")
_NOT_BEGUN = both(
    "尚未开始：另一数据库角色的事务仍在写入，起始时间不可知；其结束后将自动重建，在此之前由案卷直接作答",
    "Not begun: a transaction of another database role writes, and since when cannot be known. It begins by itself once"
    " that has ended; until then answers come from the cases")


@figures_commands.command("rebuild")
@LANGUAGE
def rebuild_figures(language: str) -> None:
    """Throw the daybook away and write it again from the cases. Answers stay right meanwhile, only slower."""
    days = daybook.rebuild()
    if days is None:
        click.echo(_NOT_BEGUN.in_language(language), err=True)
        sys.exit(1)
    click.echo(both("已重建 {days} 天", "{days} days written", days=days).in_language(language))


@figures_commands.command("verify")
@LANGUAGE
def verify_figures(language: str) -> None:
    """Compare every page and summary with the cases, bit by bit."""
    days, faults = daybook.verify(click.echo)
    click.echo(both("已核对 {days} 天，{faults} 处不符", "{days} days compared, {faults} differ",
                    days=days, faults=faults).in_language(language))
    sys.exit(1 if faults else 0)
