"""What was erased, as a list kept apart from backups: it names nobody, and keeps a restore from bringing it back."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from incident_service.cases.retention.models import Tombstone, What
from incident_service.foundation.database import db, new_id
from incident_service.foundation.files import appearing_whole
from incident_service.foundation.words import both
from incident_service.operations.backup.refusals import Refused


def list_erased(path: Path) -> int:
    """Write every tombstone to `path`, one line of JSON each; how many."""
    count = 0
    with appearing_whole(path) as file:
        for each in db.session.scalars(select(Tombstone).order_by(Tombstone.id).execution_options(yield_per=1000)):
            said = {"what": each.what, "subject_id": str(each.subject_id), "at": each.at.isoformat(),
                    "because": each.because}
            file.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")
            count += 1
    return count


def read_erased(path: Path) -> list[Mapping[str, Any]]:
    """Such a list as rows. Raises Refused for what is none, OSError."""
    try:
        return [_row(json.loads(line)) for line in path.read_text().splitlines()]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(both("{name} 不是删除清单", "{name} is no list of what was erased", name=path.name)) from error


def _row(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"id": new_id(), "what": What(said["what"]), "subject_id": UUID(said["subject_id"]),
            "at": datetime.fromisoformat(said["at"]), "because": str(said["because"])}
