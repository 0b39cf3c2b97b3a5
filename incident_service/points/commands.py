"""`flask points reconcile`: the proof of the ledger."""

import sys

import click
from flask.cli import AppGroup

from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.words import both
from incident_service.points.reckoning import reconcile

points_commands = AppGroup("points", help="The ledger of 邻里福分.")


@points_commands.command("reconcile")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What the summary is written in.")
def reconcile_ledger(language: str) -> None:
    """Rebuild every balance from the entries, as of one moment, and name what does not add up."""
    with snapshot():
        reckoning = reconcile()
    for fault in reckoning.faults:
        click.echo(fault)
    click.echo(both("{transfers} 笔流水，{accounts} 个账户，余额合计 {total}；{faults} 处不符",
                    "{transfers} transfers, {accounts} accounts, all balances together {total}; {faults} faults",
                    transfers=reckoning.transfers, accounts=reckoning.accounts, total=reckoning.total,
                    faults=len(reckoning.faults)).in_language(language))
    sys.exit(1 if reckoning.faults else 0)
