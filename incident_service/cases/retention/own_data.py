"""All that is kept about somebody, as a ZIP for themselves (个人信息副本): made by a worker, fetched by them alone.

Every table that names an account is read, so that a new one is never forgotten: of each row that names them, all but
who else is in it, and what only lets somebody in.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from flask import current_app
from sqlalchemy import Column, ColumnElement, LargeBinary, Table, and_, exists, or_, select

from incident_service import accounts, exports, photos, points
from incident_service.accounts import Account
from incident_service.cases.reporters.identity_models import IdentityLook, IdentityRequest
from incident_service.cases.reporters.standing import are_theirs
from incident_service.cases.reporters.suspension_models import ReporterSuspension
from incident_service.exports import Export, Progress
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.paging import LIMIT_MAX
from incident_service.foundation.problems import NotFound
from incident_service.foundation.transaction import transaction
from incident_service.photos import Photo, Size

FILE_NAME, MEDIA_TYPE = "own-data.zip", "application/zip"
SECRET = {"password_hash", "let_in_by_id", "lifted_by_id", "salt", "hash", "erased"}
WITHHELD = {"points_hold": {"because", "note", "place"}}    # what the guard weighed would tell a ring how to pass it
ROWS_AT_ONCE = 500
WAITS_MAX = timedelta(seconds=10)                   # for a worker; then a duty of the scheduler makes the file
GUIDE = """个人信息副本 / What is kept about you

tables/ 每个表一份 JSON：您本人的行，不含他人信息。One JSON file a table: the rows about you, nobody else in them.
停用期间注销账号的，手机号的加密摘要（reporter_suspension 的 phone_seal）保留至停用结束。
If you had an account removed while suspended, a keyed hash of your number (`phone_seal`) is kept until that ends.
points.json 福分明细。Your ledger.
photos/ 您上传的照片，最近的在前：原件；已删除的、或原件合计超过上限之后的，为可见副本（-screen.jpg）。
The photos you sent, the latest first, as you sent them; what is shown of them (-screen.jpg) where the original is not
kept any more, or where the originals before it fill what one file may hold.
"""


def ask_for_own_data(*, by: Account) -> Export:
    """All that is kept about whoever asks, to be made by a worker. Safe to repeat. Raises TooManyExports."""
    with transaction():
        found, is_new = exports.ask(exports.Kind.OWN_DATA, {}, by=by, file_name=FILE_NAME, media_type=MEDIA_TYPE)
        if is_new:
            enqueue("workers.exports.gather_own_data", export_id=str(found.id))
        return found


def write_own_data(export_id: UUID) -> None:
    """Make the file. Safe to repeat."""
    exports.fill(export_id, _fill)


def make_own_data_that_waits() -> int:
    """Make the files that no worker began in time, as all of them have a city's list in hand; how many. Safe to
    repeat, and beside a worker: the first that is whole counts."""
    ids = exports.unbegun(exports.Kind.OWN_DATA, waiting=WAITS_MAX)
    for id in ids:
        write_own_data(id)
    return len(ids)


def _fill(_found: Export, by: Account, path: Path, progress: Progress) -> int:
    account_id, done = by.id, 0
    sent = db.session.scalars(select(Photo.id).where(Photo.sent_by_id == account_id).order_by(Photo.id.desc())).all()
    tables = list(_tables())
    total = len(sent) + len(tables) + 1
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", GUIDE)
        for table in tables:
            _write(archive, f"tables/{table.name}.json", _rows(table, account_id))
            done += 1
            progress(done, total)
        _write(archive, "points.json", _entries(account_id))
        room = current_app.config["OWN_DATA_ORIGINALS_BYTES_MAX"]
        for photo_id in sent:
            room -= _put_photo(archive, db.session.get_one(Photo, photo_id), room)
            done += 1
            progress(done, total)
    return total


def _tables() -> Iterator[Table]:
    """Every table that names an account, and accounts themselves; not these files."""
    for table in db.metadata.sorted_tables:
        if table.name == "account" or (_naming(table) and table.name != Export.__tablename__):
            yield table


def _naming(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns
            if any(key.column.table.name == "account" for key in column.foreign_keys)]


def _rows(table: Table, account_id: UUID) -> Iterator[dict[str, Any]]:
    """The rows about somebody, without whom else they name, without secrets and without what is no text."""
    naming = [table.c.id] if table.name == "account" else _naming(table)
    shown = [column for column in table.columns if column not in naming and column.name not in SECRET
             and column.name not in WITHHELD.get(table.name, ()) and not isinstance(column.type, LargeBinary)]
    mine = or_(*(_is_theirs(column, account_id) for column in naming))
    statement = select(*shown).where(mine).order_by(*table.primary_key.columns)
    for row in db.session.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)).mappings():
        yield dict(row)


def _is_theirs(column: Column[Any], account_id: UUID) -> ColumnElement[bool]:
    """A reporter hears of their identity once it was opened, and not of a mere wish; of a suspension, also when it is
    known to be theirs by their phone alone."""
    if column is ReporterSuspension.__table__.c.reporter_id:
        return are_theirs(accounts.find(account_id))
    if column is not IdentityRequest.__table__.c.reporter_id:
        return column == account_id
    return and_(column == account_id, exists().where(IdentityLook.request_id == IdentityRequest.id))


def _entries(account_id: UUID) -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        page = points.entries_of(account_id, limit=LIMIT_MAX, cursor=cursor)
        cursor = page.next_cursor
        for each in page.items:
            moved = each.transfer
            yield {"at": moved.at, "amount": each.amount, "reason": moved.reason, "reference": moved.reference,
                   "explanation": moved.explanation_zh, "settles_at": moved.settles_at}


def _write(archive: ZipFile, name: str, rows: Iterator[dict[str, Any]]) -> None:
    """A list, row by row: nothing but one row is ever in memory."""
    with archive.open(name, "w") as file:
        file.write(b"[")
        for number, row in enumerate(rows):
            line = json.dumps(row, ensure_ascii=False, default=str)
            file.write(f"{',' if number else ''}\n{line}".encode())
        file.write(b"\n]\n")


def _put_photo(archive: ZipFile, photo: Photo, room: int) -> int:
    """The photo as it was sent, and how much that was; where it is not kept any more or has no room, what is still
    shown of it."""
    if photo.byte_count <= room and photos.store().has_original(photo.sha256):
        with archive.open(f"photos/{photo.id}.{photo.media_type.partition('/')[2]}", "w") as file:
            for piece in photos.pieces(photo.sha256):
                file.write(piece)
        return photo.byte_count
    with suppress(NotFound):
        archive.writestr(f"photos/{photo.id}-screen.jpg", photos.read(photo, Size.SCREEN), ZIP_STORED)
    return 0
