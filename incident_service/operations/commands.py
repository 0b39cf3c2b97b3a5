"""`flask backup create FILE`, `flask backup restore FILE` and `flask backup erased FILE`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from incident_service.foundation import unfinished
from incident_service.foundation.problems import Problem
from incident_service.foundation.words import Words, both
from incident_service.operations import backup
from incident_service.operations.backup import Made, Refused, Restored
from incident_service.operations.premises import StartRefused

backup_commands = AppGroup("backup", help="Everything an installation holds, in one file, and back.")
FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is said is said in it.")
CLOSED = both("恢复未完成，服务已关闭：请排除原因后再次执行同一命令",
              "The restore is not finished and the service stays closed: mend the cause, run the same command again")
RESTART = both("密钥已恢复；服务若正在运行，请重启使其生效",
               "The keys are restored; if the service runs, restart it to use them")


@backup_commands.command("create")
@FILE
@LANGUAGE
def create(file: Path, language: str) -> None:
    """Write database, photos and keys to FILE, while the service runs. Exit code 1 when anything is missing in it."""
    with _in_one_line(language):
        made = backup.create(file)
    for lost in made.lost:
        click.echo(both("照片原件 {sha256} {reason}", "original {sha256} is {reason}",
                        sha256=lost.sha256, reason=lost.reason).in_language(language))
    click.echo(_summary_of_made(made).in_language(language))
    sys.exit(1 if made.lost else 0)


@backup_commands.command("restore")
@FILE
@click.option("--replace", is_flag=True, help="Put the backup in the place of what the installation holds now.")
@click.option("--erased", type=click.Path(dir_okay=False, exists=True, path_type=Path),
              help="A list written by `backup erased`, for when the installation that erased is lost.")
@LANGUAGE
def restore(file: Path, replace: bool, erased: Path | None, language: str) -> None:
    """Put the backup in FILE back, into SQLite or PostgreSQL. What cannot be done changes nothing, or leaves the
    service closed until it was done again."""
    try:
        with _in_one_line(language):
            restored = backup.restore(file, replace=replace, erased=erased)
    finally:
        if unfinished.noted(current_app.config["DATA_DIR"]) is not None:
            click.echo(CLOSED.in_language(language), err=True)
    if restored.keys_changed:
        click.echo(RESTART.in_language(language))
    click.echo(_summary_of_restored(restored).in_language(language))


@backup_commands.command("erased")
@FILE
@LANGUAGE
def erased(file: Path, language: str) -> None:
    """Write to FILE what was erased so far. It names nobody; keep it apart from backups, for `restore --erased`."""
    with _in_one_line(language):
        count = backup.list_erased(file)
    click.echo(both("已列出 {count} 项删除记录", "{count} erasures listed", count=count).in_language(language))


@contextmanager
def _in_one_line(language: str) -> Iterator[None]:
    """Say what went wrong in one line on standard error, and end with exit code 1; so too when asked to stop."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)      # or a draft with secrets would be left
    try:
        yield
    except (Refused, StartRefused, Problem, OSError, SQLAlchemyError) as error:
        click.echo(_sentence(error).in_language(language).partition("\n")[0], err=True)
        sys.exit(1)
    finally:
        signal.signal(signal.SIGTERM, before)


def _sentence(error: Exception) -> Words:
    if isinstance(error, Refused):
        return error.sentence
    if isinstance(error, Problem):
        return error.detail or error.title
    if isinstance(error, TimeoutError):
        return both("服务正忙，未作任何更改，请稍后重试", "The service is too busy; nothing was changed, try again")
    if isinstance(error, OSError | StartRefused):
        return both("无法读写：{reason}", "It cannot be read or written: {reason}", reason=str(error))
    return _sentence_of_database(error)


def _sentence_of_database(error: Exception) -> Words:
    reason = str(getattr(error, "orig", None) or error).strip()
    if isinstance(error, OperationalError):
        return both("数据库不可用或正忙，请稍后重试：{reason}", "The database is away or busy, try again: {reason}",
                    reason=reason)
    return both("数据库不接受这些数据：{reason}", "The database does not take these rows: {reason}", reason=reason)


def _summary_of_made(made: Made) -> Words:
    return both("已备份 {rows} 行数据、{originals} 张照片原件，{megabytes} MB；缺失原件 {lost}",
                "{rows} rows and {originals} originals backed up, {megabytes} MB; {lost} originals lost",
                rows=made.rows, originals=made.originals, megabytes=f"{made.byte_count / 1e6:.1f}", lost=len(made.lost))


def _summary_of_restored(restored: Restored) -> Words:
    return both("已恢复 {made_at} 的备份：{rows} 行数据、{originals} 张照片原件；备份中缺失原件 {lost}",
                "{rows} rows and {originals} originals restored as of {made_at}; {lost} are not in the backup",
                made_at=restored.made_at, rows=restored.rows, originals=restored.originals,
                lost=len(restored.originals_lost))
