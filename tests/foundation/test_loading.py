"""The collector rests while much is loaded, and is afterwards as it was."""

import gc

import pytest

from incident_service.foundation.loading import nothing_collected


@pytest.mark.parametrize("was_enabled", [True, False])
def test_the_collector_is_afterwards_as_it_was(was_enabled):
    (gc.enable if was_enabled else gc.disable)()
    try:
        with pytest.raises(OSError, match="no such"), nothing_collected():
            assert not gc.isenabled()
            raise OSError("no such file")
        assert gc.isenabled() is was_enabled
    finally:
        gc.enable()
