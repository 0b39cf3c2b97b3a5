"""The note of a restore that ended between its first change and its last: as long as it is there, nobody comes in and
nothing is done. It lies with the data, for no reboot must open what is half there."""

from pathlib import Path

from incident_service.foundation.files import appearing_whole, sync

NAME = "restore.unfinished"
EVERYBODY = 0o644                                   # whoever runs the service must see it


def noted(data_dir: Path) -> str | None:
    """What was noted of a restore that has yet to be finished; None when there is none."""
    try:
        return (data_dir / NAME).read_text()
    except FileNotFoundError:
        return None


def note(data_dir: Path, what: str) -> None:
    """From now on the installation stays closed, whatever happens."""
    with appearing_whole(data_dir / NAME, mode=EVERYBODY) as file:
        file.write(what.encode())


def strike_out(data_dir: Path) -> None:
    """Everything is there, or as it was before."""
    (data_dir / NAME).unlink(missing_ok=True)
    sync(data_dir)
