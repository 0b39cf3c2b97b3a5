"""Originals and copies that nobody names are swept away, and never one that somebody is naming just now."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from incident_service import photos
from incident_service.accounts import Account
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.photos import Photo, sweeping
from incident_service.photos.sealed import SweptOriginal
from tests.factories import an_account
from tests.photos.pictures import a_jpeg

PICTURE = a_jpeg((64, 48))


@pytest.fixture(params=["store", "bucket"])
def kept(request):
    """The application's photo store, of either kind."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def sender(app) -> Account:
    """Whoever sends pictures."""
    return an_account()


@pytest.fixture
def seal(uploaded):
    """Takes a picture in, up to the moment before it is named."""
    def take(content=PICTURE):
        with uploaded(content) as files:
            return photos.take_in(files)

    return take


def sweep(sealed, later=timedelta(days=2)):
    """Sweep the part of the store in which this picture lies, some time from now; how much was swept."""
    with clock.stopped(datetime.now(UTC) + later):
        return photos.sweep_orphans(part=int(sealed[0].sha256[:2], 16))


def name(sealed, sender):
    with transaction():
        return photos.keep(sealed, by_id=sender.id)


def test_what_a_crash_left_unnamed_is_swept(kept, seal):
    sealed = seal()
    assert sweep(sealed) == 1
    assert list(kept.walk()) == []
    assert sweep(sealed) == 0


def test_what_is_young_or_named_stays(kept, seal, sender):
    sealed = seal()
    assert sweep(sealed, timedelta(hours=23)) == 0
    name(sealed, sender)
    assert sweep(sealed) == 0
    assert kept.has_original(sealed[0].sha256)


def test_whoever_names_bytes_that_were_swept_meanwhile_is_told_to_send_them_again(kept, seal, sender):
    sealed = seal()
    sweep(sealed)
    with pytest.raises(photos.StoreAway):
        name(sealed, sender)
    assert db.session.scalar(select(func.count(Photo.id))) == 0
    photo, = name(seal(), sender)                                   # sent again, they are sealed anew
    assert kept.has_original(photo.sha256)
    assert db.session.scalar(select(func.count(SweptOriginal.sha256))) == 0
    assert sweep(sealed) == 0


def test_whoever_names_bytes_that_are_doomed_but_not_deleted_yet_is_told_to_send_them_again(kept, seal, sender):
    sealed = seal()
    with clock.stopped(datetime.now(UTC) + timedelta(days=2)):
        sweeping._doom([sealed[0].sha256])                          # … and the sweep dies here
    again = seal()
    with pytest.raises(photos.StoreAway):
        name(again, sender)
    assert sweep(sealed) == 1                                       # the next one ends what was begun
    photo, = name(seal(), sender)
    assert kept.has_original(photo.sha256)


def test_a_picture_named_between_the_look_and_the_doom_stays(kept, seal, sender, monkeypatch):
    sealed = seal()
    looked = sweeping.named

    def named_just_after_the_look(digests):
        found = looked(digests)
        monkeypatch.setattr(sweeping, "named", looked)
        name(sealed, sender)
        return found

    monkeypatch.setattr(sweeping, "named", named_just_after_the_look)
    assert sweep(sealed) == 0
    assert kept.has_original(sealed[0].sha256)


def test_a_second_sweep_does_not_delete_what_was_sent_again_meanwhile(kept, seal, sender, monkeypatch):
    """Two schedulers for a moment: the slow one still holds the list of what was doomed."""
    sealed = seal()
    with clock.stopped(datetime.now(UTC) + timedelta(days=2)):
        sweeping._doom([sealed[0].sha256])
        assert sweeping._delete(sealed[0].sha256)
    photo, = name(seal(), sender)
    assert not sweeping._delete(sealed[0].sha256)
    assert kept.has_original(photo.sha256)


def test_copies_of_photos_that_were_never_named_are_swept(kept, received):
    photo, = received(PICTURE)
    stranger = new_id()
    kept.put_copy(stranger, "thumb", b"x", lasting=False)
    with clock.stopped(datetime.now(UTC) + timedelta(hours=23)):
        assert photos.sweep_orphans(part=0) == 0
    with clock.stopped(datetime.now(UTC) + timedelta(days=2)):
        assert photos.sweep_orphans(part=0) == 1
    assert kept.copies(stranger) == []
    assert kept.copies(photo.id) == ["thumb"]


def test_in_some_hours_every_part_has_its_turn(app, store, monkeypatch):
    parts = []
    monkeypatch.setattr(store, "walk", lambda prefix: parts.append(prefix) or [])
    for minute in range(256):
        with clock.stopped(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)):
            photos.sweep_orphans()
    assert sorted(parts) == [f"{part:02x}" for part in range(256)]
