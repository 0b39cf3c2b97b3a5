"""The installation's own keys into an archive and back. A secret given by the environment is in neither."""

from flask import current_app

from incident_service.foundation.files import appearing_whole
from incident_service.foundation.keys import read_secret_again
from incident_service.operations.backup.contents import KEYS
from incident_service.operations.backup.reading import Archive
from incident_service.operations.backup.writing import Writer


def write_keys(writer: Writer) -> None:
    """Put the keys into the archive."""
    for path in sorted(current_app.config["KEYS_DIR"].glob("*.key")):
        writer.add(f"{KEYS}/{path.name}", path.read_bytes())


def put_keys_back(archive: Archive) -> int:
    """Put the keys where the service finds them at its next start, and go by them here from now on; how many are
    others than before."""
    folder = current_app.config["KEYS_DIR"]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    changed = 0
    for name, key in archive.files_in(KEYS):
        path = folder / name.rpartition("/")[2]
        changed += not path.exists() or path.read_bytes() != key
        with appearing_whole(path) as file:
            file.write(key)
    read_secret_again(current_app)
    return changed
