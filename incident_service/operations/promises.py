"""`flask promises list` and `flask promises retry`: what is owed and could not be done."""

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import select

from incident_service.foundation import outbox
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.words import both

promises_commands = AppGroup("promises", help="Jobs that are owed.")
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is said is said in it.")


@promises_commands.command("list")
@LANGUAGE
def show(language: str) -> None:
    """Name every promise that failed at least once. Exit code 1 when one of them was given up."""
    tried = select(Promise).where(Promise.attempts > 0).order_by(Promise.created_at)
    for promise in db.session.scalars(tried):
        click.echo(f"{promise.created_at:%Y-%m-%dT%H:%M:%SZ} {promise.job} {promise.arguments} "
                   f"× {promise.attempts}: {promise.last_error}")
    owed = outbox.backlog()
    click.echo(both("待办 {open} 项，最早 {oldest} 秒；已放弃 {failed} 项",
                    "{open} owed, the oldest for {oldest} s; {failed} given up",
                    open=owed.open, oldest=f"{owed.oldest_s:.0f}", failed=owed.failed).in_language(language))
    sys.exit(1 if owed.failed else 0)


@promises_commands.command("retry")
@LANGUAGE
def retry(language: str) -> None:
    """Owe again what was given up, once its cause is mended."""
    click.echo(both("{count} 项重新待办", "{count} owed again", count=outbox.retry_failed()).in_language(language))
