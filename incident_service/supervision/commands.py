"""`flask figures rebuild` and `flask figures verify`: the daybook of figures."""

import sys

import click
from flask.cli import AppGroup

from incident_service.foundation.words import both
from incident_service.supervision import daybook

figures_commands = AppGroup("figures", help="The daybook that makes large questions quick.")
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is written to you.")


@figures_commands.command("rebuild")
@LANGUAGE
def rebuild_figures(language: str) -> None:
    """Throw the daybook away and write it again from the cases. Answers stay right meanwhile, only slower."""
    click.echo(both("已重建 {days} 天", "{days} days written", days=daybook.rebuild()).in_language(language))


@figures_commands.command("verify")
@LANGUAGE
def verify_figures(language: str) -> None:
    """Compare every page and summary with the cases, bit by bit."""
    days, faults = daybook.verify(click.echo)
    click.echo(both("已核对 {days} 天，{faults} 处不符", "{days} days compared, {faults} differ",
                    days=days, faults=faults).in_language(language))
    sys.exit(1 if faults else 0)
