"""Links to pictures: for one photo and one size, and only for a while."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from incident_service import photos
from incident_service.foundation import clock
from tests.photos.pictures import a_jpeg

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def photo(store, received):
    """A photo just received."""
    return received(a_jpeg())[0]


def parts(url):
    """(photo id and size, query) of a link."""
    return urlsplit(url).path.split("/")[-2:], dict(parse_qsl(urlsplit(url).query))


@pytest.mark.parametrize("size", ["thumb", "screen"])
def test_a_link_leads_to_its_photo(photo, size):
    (photo_id, linked_size), query = parts(photos.signed_urls(photo)[size])
    assert (photo_id, linked_size) == (str(photo.id), size)
    assert photos.check_link(photo.id, size, query) is photo


def test_a_link_lasts_between_one_and_two_hours_and_stays_the_same_within_an_hour(photo):
    with clock.stopped(NOON):
        first = photos.signed_urls(photo)
    with clock.stopped(NOON + timedelta(minutes=59, seconds=59)):
        assert photos.signed_urls(photo) == first
    with clock.stopped(NOON + timedelta(hours=1)):
        assert photos.signed_urls(photo) != first
    query = parts(first["thumb"])[1]
    with clock.stopped(NOON + timedelta(hours=2, seconds=-1)):
        assert photos.check_link(photo.id, "thumb", query) is photo
    with clock.stopped(NOON + timedelta(hours=2)), pytest.raises(photos.LinkNotGood):
        photos.check_link(photo.id, "thumb", query)


@pytest.mark.parametrize("change", [
    {"ends": "9999999999"}, {"ends": "soon"}, {"ends": ""}, {"signature": ""}, {"signature": "A" * 43},
    {"signature": "签名"},
], ids=str)
def test_a_changed_link_leads_nowhere(photo, change):
    query = parts(photos.signed_urls(photo)["thumb"])[1]
    with pytest.raises(photos.LinkNotGood):
        photos.check_link(photo.id, "thumb", query | change)


def test_a_link_is_for_one_photo_and_one_size(photo, received):
    query = parts(photos.signed_urls(photo)["thumb"])[1]
    other, = received(a_jpeg((300, 200)))
    for photo_id, size in ((photo.id, "screen"), (photo.id, "original"), (other.id, "thumb")):
        with pytest.raises(photos.LinkNotGood):
            photos.check_link(photo_id, size, query)


def test_an_original_has_no_link(photo):
    assert sorted(photos.signed_urls(photo)) == ["screen", "thumb"]
