"""`flask photos verify` and `flask photos move`: the photo store under an operator's eyes."""

import sys
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from incident_service.foundation.problems import Problem
from incident_service.foundation.words import Words, both
from incident_service.photos.moving import Move
from incident_service.photos.stores import Store, store_at
from incident_service.photos.verifying import Proof, promise_copies

photos_commands = AppGroup("photos", help="The store of photos.")
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is said is said in it.")


@photos_commands.command("verify")
@click.option("--grace-minutes", type=click.IntRange(0), default=60, show_default=True,
              help="Files younger than this may belong to a report that is just being sent.")
@click.option("--remake", is_flag=True, help="Have missing copies made again from their originals.")
@LANGUAGE
def verify(grace_minutes: int, remake: bool, language: str) -> None:
    """Walk the store, while the service runs, and name every missing, changed or orphaned file. Exit code 1 if any."""
    proof = Proof(timedelta(minutes=grace_minutes))
    try:
        for fault in proof.faults_found():
            click.echo(fault.in_language(language))
        if remake:
            promise_copies(proof.remake)
    except (Problem, OperationalError) as error:
        _give_up(error, language)
    click.echo(both("{photos} 张照片（{unreadable} 张无法显示），{originals} 个原件；{faults} 处不符",
                    "{photos} photos ({unreadable} unreadable), {originals} originals; {faults} faults",
                    **{name: getattr(proof, name) for name in ("photos", "unreadable", "originals", "faults")})
               .in_language(language))
    sys.exit(1 if proof.faults else 0)


@photos_commands.command("move")
@click.option("--to", "target", required=True, metavar="URL", help="s3://bucket/prefix or file:///folder")
@click.option("--from", "source", metavar="URL", help="Default: the present PHOTO_STORE.")
@LANGUAGE
def move(target: str, source: str | None, language: str) -> None:
    """Copy every photo into another store, while the service runs. May be stopped and run again."""
    origin = source or current_app.config["PHOTO_STORE"]
    if origin.rstrip("/") == target.rstrip("/"):
        raise click.UsageError(both("源与目标相同", "Source and target are the same").in_language(language))
    try:
        faults, moved = _moved(_opened(origin), _opened(target), language)
    except (Problem, OperationalError) as error:
        _give_up(error, language)
    for fault in faults:
        click.echo(fault.in_language(language))
    if target.rstrip("/") != current_app.config["PHOTO_STORE"].rstrip("/"):
        click.echo(both("切换：再运行一次本命令，设置 PHOTO_STORE={target} 并重启服务，"
                        "最后用 --from {origin} 再运行一次",
                        "To switch: run this again, set PHOTO_STORE={target}, restart, and run it once more with"
                        " --from {origin}", target=target, origin=origin).in_language(language))
    click.echo(both("搬移 {originals} 个原件、{copies} 个副本；{faults} 处不符",
                    "{originals} originals and {copies} copies brought; {faults} faults",
                    originals=moved.originals, copies=moved.copies, faults=len(faults)).in_language(language))
    sys.exit(1 if faults else 0)


def _moved(source: Store, target: Store, language: str) -> tuple[list[Words], Move]:
    """Bring everything, with a progress bar; what is wrong."""
    source.check()
    target.check()
    way = Move(source, target)
    label = both("照片", "photos").in_language(language)
    with click.progressbar(way.run(), length=len(way), label=label, show_pos=True) as bar:
        return [fault for fault in bar if fault], way


def _opened(address: str) -> Store:
    try:
        return store_at(address)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _give_up(error: Problem | OperationalError, language: str) -> None:
    said = error.title.in_language(language) if isinstance(error, Problem) else str(error.orig)
    click.echo(said.partition("\n")[0], err=True)
    sys.exit(1)
