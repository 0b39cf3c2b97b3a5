"""Whatever bytes are sent as a photo: an answer below 500, no press that hangs, and nothing left behind."""

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from incident_service.cases import Case, CasePhoto
from incident_service.foundation.database import db
from incident_service.photos import Photo
from incident_service.photos.press import Limits
from tests.photos.pictures import a_jpeg
from tests.photos.test_bad_pictures import mutated
from tests.photos.test_press import presses

LIMITS = Limits(pixels_max=4_000_000, seconds_max=5)
GOOD = a_jpeg((64, 48))


@pytest.fixture(scope="module")
def real_presses(tmp_path_factory):
    """Two forked presses, as in the service."""
    with presses(tmp_path_factory.mktemp("press"), count=2, limits=LIMITS) as press:
        yield press


@pytest.fixture
def resident(town, phone_of):
    """A resident's phone."""
    return phone_of(town.resident)


@pytest.fixture
def intake(app, store, resident, real_presses, monkeypatch):
    """The real intake: HTTP, the store, and presses that a picture may kill."""
    monkeypatch.setitem(app.config, "PHOTO_PRESS", real_presses.address)
    monkeypatch.setitem(app.config, "PHOTO_PIXELS_MAX", LIMITS.pixels_max)
    monkeypatch.setitem(app.config, "PRESS_SECONDS_MAX", LIMITS.seconds_max)

    def send(data):
        answer = resident.report(GOOD, data)
        assert answer.status_code in (201, 415, 422), answer.json
        if answer.status_code != 201:
            assert [error["pointer"] for error in answer.json["errors"]] == ["#/photos/1"]
            assert "AVIF" in answer.json["detail"]
        check_nothing_is_left(store)
        return answer.status_code

    return send


def check_nothing_is_left(store):
    """No upload that nobody reads, no original that no photo names, no photo without its file or its case."""
    assert not store.incoming.exists() or list(store.incoming.iterdir()) == []
    named = set(db.session.scalars(select(Photo.sha256)))
    assert {kept.sha256 for kept in store.walk()} == named
    photos = db.session.scalar(select(func.count(Photo.id)))
    assert photos == db.session.scalar(select(func.count(CasePhoto.photo_id)))
    assert photos == 2 * db.session.scalar(select(func.count(Case.id)))
    assert len({copy.photo_id for copy in store.walk_copies()}) == photos
    db.session.rollback()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=mutated())
def test_mutated_pictures_never_break_the_intake(intake, data):
    intake(data)


def test_a_good_picture_is_taken_the_same_way(intake):
    assert intake(a_jpeg((65, 48))) == 201
