"""Who dies fast is started again slowly; who dies seldom, at once."""

import pytest

from incident_service.operations.child import Patience


@pytest.mark.parametrize(("patience", "quick_deaths", "pause_s"), [
    (Patience(), 1, 0.0),
    (Patience(), 2, 0.1),
    (Patience(), 3, 0.2),
    (Patience(), 50, 5.0),
    (Patience(), 5_000_000, 5.0),
    (Patience(deaths_free=50, pause_s_max=0.5), 50, 0.0),
    (Patience(deaths_free=50, pause_s_max=0.5), 60, 0.5),
])
def test_the_pause_doubles_up_to_its_bound(patience: Patience, quick_deaths: int, pause_s: float):
    assert patience.pause_s(quick_deaths) == pause_s
