"""`make` builds its environment with the fastest Python there is, and `deploy/choose-python` says which that is."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/choose-python"
USABLE, OPTIMISED, OLD = ("0", "1"), ("0", "0"), ("1", "0")     # what they answer: new enough, and built how


@pytest.mark.parametrize(("pythons", "chosen"), [
    ({"python3": USABLE}, "python3"),
    ({"python3": USABLE, "own": USABLE}, "own"),                # a distribution does not say how it was built
    ({"python3": OPTIMISED, "own": USABLE}, "python3"),
    ({"python3": USABLE, "own": OLD}, "python3"),
    ({"python3": OLD, "python3.12": OPTIMISED, "own": OLD}, "python3.12"),
    ({"python3": USABLE, "python3.12": OPTIMISED, "own": USABLE}, "python3.12"),
    ({"python3": OLD, "python3.13": USABLE, "python3.12": USABLE}, "python3.13"),
    ({"python3": OLD, "own": USABLE}, "own"),
    ({"own": USABLE}, "own"),
    ({"python3": OLD}, "python3"),                              # then make says that it is too old
    ({}, "python3"),
])
def test_the_fastest_that_will_do_is_chosen(tmp_path, pythons, chosen):
    for name, (new_enough, optimised) in pythons.items():
        stand_in = tmp_path / name
        stand_in.write_text(f'#!/bin/sh\ncase "$2" in *version_info*) exit {new_enough};; '
                            f'*CONFIG_ARGS*) exit {optimised};; esac')
        stand_in.chmod(0o755)
    own = tmp_path / "own"
    said = subprocess.run(["/bin/sh", SCRIPT], env={"PATH": str(tmp_path), "DISTRIBUTION_PYTHON": str(own)},
                          capture_output=True, text=True, check=True)
    assert said.stdout.strip() == (str(own) if chosen == "own" else chosen)
    assert not said.stderr
