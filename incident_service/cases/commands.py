"""`flask cases audit`: are all cases as cases must be?"""

import sys

import click
from flask.cli import AppGroup

from incident_service.cases.audit import Fault, audit
from incident_service.foundation.words import both

cases_commands = AppGroup("cases", help="Cases.")


@cases_commands.command("audit")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What faults are written in.")
def audit_cases(language: str) -> None:
    """Look through history, clocks, dispatches and thanks of every case, and name what is wrong."""
    def tell(fault: Fault) -> None:
        click.echo(f"{fault.number}: {fault.says.in_language(language)}")

    cases, faults = audit(tell)
    click.echo(both("已检查 {cases} 件案卷，发现 {faults} 处问题", "{cases} cases looked through, {faults} faults",
                    cases=cases, faults=faults).in_language(language))
    sys.exit(1 if faults else 0)
