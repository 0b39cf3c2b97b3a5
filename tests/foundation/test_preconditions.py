"""`If-Match`: which version of a thing the caller has seen."""

import pytest
from flask import Flask

from incident_service.foundation.http import if_match
from incident_service.foundation.problems import PreconditionFailed


@pytest.mark.parametrize(("header", "version"), [
    ('W/"7-0a1b2c3d4e5f"', 7), ('"12-x"', 12), ('"3"', 3), ("*", None), ("", None),
])
def test_a_version_is_read_off_the_tag(app: Flask, header, version):
    with app.test_request_context(headers={"If-Match": header}):
        assert if_match() == version


ODD = ['"seven"', '""', "None", ",", '"7-a", "8-b"', '"²"', '"٧"', f'"{"9" * 5000}"', 'W/"7x"']


@pytest.mark.parametrize("odd", ODD)
def test_what_names_no_version_of_ours_has_passed(app: Flask, odd):
    with app.test_request_context(headers={"If-Match": odd}), pytest.raises(PreconditionFailed):
        if_match()
