"""The collector rests while much is loaded, is afterwards as it was, and passes over what stays."""

import gc

import pytest

from incident_service.foundation.loading import loaded_for_good, nothing_collected


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


def test_what_is_loaded_for_good_is_passed_over():
    frozen = gc.get_freeze_count()
    with loaded_for_good():
        kept = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)
