"""Writing an archive: one file after the other, each counted, the manifest and its seal last."""

import hashlib
import tarfile
from collections import defaultdict
from datetime import datetime
from io import BytesIO
from typing import Any, BinaryIO

from incident_service.foundation.files import OWNER_ONLY
from incident_service.operations.backup.contents import MANIFEST, SEAL, Manifest, Tally, folder_of


class Writer:
    """An archive that grows. Holds one file in memory at a time."""

    def __init__(self, file: BinaryIO, *, made_at: datetime) -> None:
        self._tar = tarfile.TarFile(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT)
        self._made_at = made_at
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)

    def add(self, name: str, content: bytes) -> None:
        """Put one more file in."""
        digest = hashlib.sha256(content).hexdigest()
        self._tallies[folder_of(name)].add(name, sha256=digest, byte_count=len(content))
        self._put(name, content)

    def counts(self) -> dict[str, dict[str, Any]]:
        """What was put in so far, by folder."""
        return {folder: tally.as_json() for folder, tally in self._tallies.items()}

    def finish(self, manifest: Manifest) -> None:
        """Put the manifest in, and the seal that makes the archive whole."""
        content = manifest.to_bytes()
        self._put(MANIFEST, content)
        self._put(SEAL, f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n".encode())
        self._tar.close()

    def _put(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = len(content), OWNER_ONLY, int(self._made_at.timestamp())
        self._tar.addfile(entry, BytesIO(content))
        self._tar.members.clear()               # type: ignore[attr-defined]    # or all of them are remembered
