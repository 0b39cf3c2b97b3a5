"""The note of a restore that ended between its first change and its last: as long as it is there, nobody comes in and
nothing is done. It lies with the data, for no reboot must open what is half there."""

import os
from pathlib import Path

NAME = "restore.unfinished"


def noted(data_dir: Path) -> str | None:
    """What was noted of a restore that has yet to be finished; None when there is none."""
    try:
        return (data_dir / NAME).read_text()
    except FileNotFoundError:
        return None


def note(data_dir: Path, what: str) -> None:
    """From now on the installation stays closed, whatever happens."""
    with (data_dir / NAME).open("w") as file:
        file.write(what)
        file.flush()
        os.fsync(file.fileno())


def strike_out(data_dir: Path) -> None:
    """Everything is there."""
    (data_dir / NAME).unlink(missing_ok=True)
