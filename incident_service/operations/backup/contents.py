"""What an archive holds: the names of its files, the count of each folder, and the manifest that lists them.

    tables/<table>/000001.jsonl …               rows, one JSON array a line, in the order of the manifest's columns
    photos/originals/<sha256>                   sealed originals, bytes as they came
    photos/copies/<photo id>.<size>.jpg         copies that existed
    keys/<name>.key                             the installation's own secrets
    manifest.json                               what must be there
    manifest.json.sha256                        its digest: the last file, so an archive cut off has none
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from incident_service.foundation.words import both
from incident_service.operations.backup.columns import KINDS
from incident_service.operations.backup.refusals import Damaged, Refused

FORMAT, VERSION = "incident-service-backup", 1
MANIFEST, SEAL = "manifest.json", "manifest.json.sha256"
TABLES, ORIGINALS, COPIES, KEYS = "tables", "photos/originals", "photos/copies", "keys"
NAME = re.compile(
    r"tables/[a-z][a-z0-9_]*/[0-9]{6,}\.jsonl|photos/originals/[0-9a-f]{64}"
    r"|photos/copies/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z]+\.jpg|keys/[a-z][a-z0-9_-]*\.key")


def folder_of(name: str) -> str:
    """The folder a file of the archive lies in."""
    return name.rpartition("/")[0]


@dataclass
class Tally:
    """Counts the files of a folder as they go by; `sha256` digests their list as `sha256sum` would write it."""

    files: int = 0
    bytes: int = 0
    _list: Any = field(default_factory=hashlib.sha256, repr=False, compare=False)

    def add(self, name: str, *, sha256: str, byte_count: int) -> None:
        """Count one more."""
        self.files += 1
        self.bytes += byte_count
        self._list.update(f"{sha256}  {name}\n".encode())

    def as_json(self) -> dict[str, Any]:
        """The count as the manifest states it."""
        return {"files": self.files, "bytes": self.bytes, "sha256": self._list.hexdigest()}


@dataclass(frozen=True)
class TableRows:
    """A table in the archive: its columns in their order with the kind of each, and how many rows."""

    columns: Mapping[str, str]
    rows: int


@dataclass(frozen=True)
class Manifest:
    """What an archive must hold. `tables` stand in the order in which they can be filled."""

    made_at: str
    schema_revision: str
    tables: Mapping[str, TableRows]
    files: Mapping[str, Mapping[str, Any]]
    originals_lost: list[str]

    def to_bytes(self) -> bytes:
        """The manifest as it is written."""
        said = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"


def read_manifest(content: bytes) -> Manifest:
    """The manifest in `content`. Raises Refused for a version that is not ours, Damaged for what is none."""
    try:
        said = json.loads(content)
        if said.pop("format") != FORMAT:
            raise ValueError("Another format.")
        _check_version(said.pop("version"))
        tables = {name: TableRows(**each) for name, each in said.pop("tables").items()}
        kinds = {kind for each in tables.values() for kind in each.columns.values()}
        datetime.fromisoformat(said["made_at"])
        manifest = Manifest(tables=tables, **said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(both("清单无法读取", "its manifest cannot be read")) from error
    if not kinds <= set(KINDS):
        raise Damaged(both("清单中有未知的列类型", "its manifest names columns of an unknown kind"))
    return manifest


def _check_version(version: object) -> None:
    if version != VERSION:
        raise Refused(both("备份文件格式版本为 {version}，本程序只能读取版本 {ours}",
                           "The backup has format version {version}; this release reads version {ours}",
                           version=version, ours=VERSION))
