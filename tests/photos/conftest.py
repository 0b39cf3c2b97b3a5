"""What the tests of pictures share."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from incident_service.photos.press import INLINE, Limits, Press


@pytest.fixture
def on_disk(tmp_path: Path) -> Callable[[bytes], Path]:
    """Puts bytes into a file and gives its path."""
    numbers = count()

    def put(content: bytes) -> Path:
        path = tmp_path / f"picture-{next(numbers)}"
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def press() -> Press:
    """A press that works in this very process."""
    return Press(INLINE, Limits())
