"""Putting a backup back."""

from pathlib import Path
from typing import NamedTuple

from flask import current_app

from incident_service import cases
from incident_service.foundation import unfinished
from incident_service.operations import premises
from incident_service.operations.backup import schema
from incident_service.operations.backup.contents import ORIGINALS
from incident_service.operations.backup.erased import read_erased
from incident_service.operations.backup.keyring import put_keys_back
from incident_service.operations.backup.older import check_is_for_us, rows_of_today
from incident_service.operations.backup.pictures import put_photos_back
from incident_service.operations.backup.reading import opened
from incident_service.operations.backup.replacing import check_is_empty, is_begun, replace_all_rows


class Restored(NamedTuple):
    """What was put back, which originals the backup never had, and how many keys count from the next start."""

    made_at: str
    rows: int
    originals: int
    originals_lost: list[str]
    keys_changed: int


def restore(path: Path, *, replace: bool = False, erased: Path | None = None) -> Restored:
    """Put the backup at `path` in the place of all there is; without `replace` there must be nothing.

    First the whole archive is checked, then photos are added to the store, then all rows change in one transaction,
    then the keys, then what was erased since the backup is erased again, by these keys. A failure before the rows have
    changed leaves the installation as it was; one after that leaves it closed, until the command was repeated and came
    to its end. It may run beside the service: open promises come back under new ids, so no job at hand can cross
    out a restored one. `erased` is a list written by `list_erased`, for where the installation that erased is lost.
    Raises Refused; StartRefused, OSError, StoreAway or SQLAlchemyError when something is away.
    """
    is_repeated = unfinished.noted(current_app.config["DATA_DIR"]) is not None
    keys_changed = int(is_repeated)                 # for all we know, by the restore before
    gone = read_erased(erased) if erased else []
    with opened(path) as archive:
        check_is_for_us(archive)
        premises.prepare_folders(current_app.config["DATA_DIR"], current_app.config["RUN_DIR"])
        if not (replace or is_begun()):
            check_is_empty()
        schema.bring_up_to_date()
        put_photos_back(archive)

        def finish() -> None:
            nonlocal keys_changed
            keys_changed = max(keys_changed, put_keys_back(archive))
            cases.erase_again()

        with rows_of_today(archive) as sources:
            rows = replace_all_rows(sources, replace=replace, before_opening=finish, erased=gone)
        manifest = archive.manifest
        return Restored(manifest.made_at, rows, manifest.files.get(ORIGINALS, {}).get("files", 0),
                        manifest.originals_lost, keys_changed)
