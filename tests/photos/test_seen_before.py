"""Pictures that were sent before are found again, whatever was done to them; others are not."""

import threading
from collections import Counter
from io import BytesIO
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageOps
from sqlalchemy import select, update

from incident_service import photos
from incident_service.app import create_app
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.photos import Photo, open_gallery
from incident_service.photos.gallery import BITS_MAX, gallery
from incident_service.photos.likeness import ALIKE, likeness, sketches_of
from incident_service.photos.press import work
from incident_service.photos.press.fingerprint import MIRRORED, NONE, within_borders
from tests.photos.pictures import REAL, a_scene, file_of, needs_real_pictures
from tests.photos.scenes import ALTERED, RECALL_MIN, a_street, looks
from tests.photos.test_real_pictures import TAKEN

STREETS = 40
ONE_SCENE = {"orient3.jpg": "orient1.jpg", "orient5-mirrored.jpg": "orient1.jpg", "orient8.jpg": "orient6.jpg"}


def is_found(one, other):
    """Whether two pictures would be told to be one: near by fingerprint, confirmed by sketch."""
    pairs = [(a, b) for a in one for b in other if a.sketch and b.sketch]
    near = any(((a.fingerprint ^ b.fingerprint ^ turned) & (2**64 - 1)).bit_count() <= BITS_MAX
               for a, b in pairs for turned in (0, MIRRORED))
    return near and any(likeness(sketch(a), sketch(b)[None])[0] >= ALIKE for a, b in pairs)


def sketch(look):
    return sketches_of([bytes.fromhex(look.sketch)])[0]


def hits_of(some):
    """Compare photos in a transaction of their own."""
    with transaction():
        return [(hit.later.id, hit.earlier.id, hit.is_same_file) for hit in photos.compare(some)]


@pytest.fixture(scope="module")
def streets():
    chance = Random(20211219)
    return [a_street(chance, (640, 480)) for _ in range(STREETS)]


@pytest.mark.parametrize("kind", ALTERED)
def test_an_altered_picture_is_found_again(streets, kind):
    chance = Random(kind)
    found = [is_found(looks(ALTERED[kind](street, chance)), looks(street)) for street in streets]
    assert np.mean(found) >= RECALL_MIN[kind]


def test_no_street_is_taken_for_another(streets):
    seen = [looks(street) for street in streets]
    assert [(one, other) for one in range(STREETS) for other in range(one) if is_found(seen[one], seen[other])] == []


@needs_real_pictures
def test_real_pictures_are_found_altered_and_told_from_one_another():
    scenes = {name: ImageOps.exif_transpose(Image.open(REAL / name)).convert("RGB") for name in TAKEN
              if name not in ONE_SCENE and not name.endswith((".heic", "malformed.jpg"))}
    seen = {name: looks(picture) for name, picture in scenes.items()}
    assert not [(one, other) for one in seen for other in seen if one < other and is_found(seen[one], seen[other])]
    chance, found = Random(5), Counter()
    for name, picture in scenes.items():
        found.update(kind for kind, alter in ALTERED.items() if is_found(looks(alter(picture, chance)), seen[name]))
    assert {kind for kind in ALTERED if found[kind] / len(scenes) < 0.8} == set()


@pytest.mark.parametrize("plain", [
    Image.new("RGB", (640, 480), "white"), Image.new("RGB", (640, 480), "black"),
    Image.linear_gradient("L").resize((640, 480)), Image.linear_gradient("L").rotate(90).resize((640, 480)),
    Image.new("RGB", (1, 1)), Image.new("RGB", (9000, 2), "red"),
], ids=["white", "black", "slope", "side slope", "one pixel", "line"])
def test_a_picture_too_plain_to_be_told_from_others_says_nothing(plain):
    assert looks(plain)[0] == NONE


def test_even_borders_are_seen_and_a_picture_without_them_has_none(streets):
    framed = ImageOps.expand(streets[0], 60, "black").convert("L")
    left, top, right, bottom = within_borders(np.asarray(framed, dtype=np.float32))
    assert (abs(left - 60) <= 2, abs(top - 60) <= 2, abs(right - 700) <= 2, abs(bottom - 540) <= 2) == (True,) * 4
    assert within_borders(np.asarray(a_scene(mode="L"), dtype=np.float32)) is None or looks(a_scene())[0].sketch


@pytest.fixture
def sent(store, received):
    """Takes pictures in and gives the photos, not compared yet."""
    return lambda *pictures: received(*(file_of(picture, quality=90) for picture in pictures))


def test_photos_are_compared_with_all_before_them_and_once(sent, streets):
    first, other = sent(streets[0], streets[1])
    assert hits_of([first, other]) == []
    again, = sent(ImageOps.mirror(streets[0]))
    assert hits_of([again]) == [(again.id, first.id, False)]
    assert hits_of([again]) == []
    assert [each.compared_as for each in db.session.scalars(select(Photo).order_by(Photo.id))] == [1, 2, 3]


def test_the_same_bytes_are_told_apart_from_a_look_alike_even_when_plain(sent):
    white = Image.new("RGB", (64, 64), "white")
    first, = sent(white)
    second, = sent(white)
    smaller, = sent(white.resize((32, 32)))
    assert hits_of([first]) == []
    assert hits_of([second]) == [(second.id, first.id, True)]
    assert hits_of([smaller]) == []


def test_photos_compared_together_find_each_other(sent, streets):
    one, two = sent(streets[0], streets[0].resize((320, 240)))
    assert hits_of([one, two]) == [(two.id, one.id, False)]


def test_whichever_is_compared_first_the_one_received_later_is_the_later_one(sent, streets):
    early, = sent(streets[0])
    late, = sent(streets[0].resize((320, 240)))
    assert hits_of([late]) == []
    assert hits_of([early]) == [(late.id, early.id, False)]


def test_another_process_reads_on_from_where_it_stopped(app, sent, streets):
    first, = sent(streets[0])
    hits_of([first])
    mine = app.extensions["gallery"]
    open_gallery(app)                                   # as another process has one, of its own
    second, = sent(streets[1])
    hits_of([second])
    app.extensions["gallery"] = mine
    assert mine.last_number < 2
    third, = sent(streets[1].resize((320, 240)))
    assert hits_of([third]) == [(third.id, second.id, False)]
    assert len(gallery()) >= 2


def test_a_comparison_that_is_undone_leaves_nothing_in_memory(sent, streets):
    first, = sent(streets[0])
    with pytest.raises(ZeroDivisionError), transaction():
        photos.compare([first])
        raise ZeroDivisionError
    assert hits_of([first]) == []
    second, = sent(streets[0].resize((320, 240)))
    assert hits_of([second]) == [(second.id, first.id, False)]


def test_of_two_photos_compared_at_once_by_two_processes_exactly_one_finds_the_other(app, sent, streets):
    pairs = [sent(street, street.resize((320, 240))) for street in streets[:6]]
    ids = [[pair[side].id for pair in pairs] for side in (0, 1)]
    expected = sorted((late.id, early.id, False) for early, late in pairs)
    db.session.rollback()
    other = create_app("testing", SQLALCHEMY_DATABASE_URI=app.config["SQLALCHEMY_DATABASE_URI"],
                       SQLITE_SYNCHRONOUS="OFF")
    hits = []

    def work(process, photo_ids):
        with process.app_context():
            for id in photo_ids:
                hits.extend(hits_of([db.session.get_one(Photo, id)]))

    workers = [threading.Thread(target=work, args=each) for each in zip((app, other), ids, strict=True)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with other.app_context():
        db.engine.dispose()
    assert sorted(hits) == expected


def test_a_restored_backup_is_read_anew(app, sent, streets):
    first, = sent(streets[0])
    hits_of([first])
    second, = sent(streets[1])
    hits_of([second])                                   # the gallery knows the first
    with transaction():
        db.session.execute(update(Photo).values(compared_as=None))
    hits_of([second])                                   # another history: the second has the first number
    again, = sent(streets[1].resize((320, 240)))
    assert hits_of([again]) == [(again.id, second.id, False)]


def test_comparing_needs_a_transaction(sent, streets):
    with pytest.raises(RuntimeError):
        photos.compare(sent(streets[0]))


def test_a_fingerprint_is_taken_from_the_one_decode_that_gives_the_thumbnail(press, on_disk, streets, monkeypatch):
    """What that costs beside the decode, `python -m benchmarks photo_intake` measures."""
    decodes, looked_at, shrunk, looks_of = [], [], work.shrunk, work.looks_of
    monkeypatch.setattr(work, "shrunk", lambda picture, *how: decodes.append(picture.size) or shrunk(picture, *how))
    monkeypatch.setattr(work, "looks_of", lambda small: looked_at.append(small.size) or looks_of(small))
    press.inspect(on_disk(file_of(streets[0].resize((4000, 3000)), quality=90)))
    assert (len(decodes), looked_at) == (1, [(320, 240)])


def test_a_thumbnail_is_enough_to_know_the_picture_by(press, on_disk, streets):
    path = on_disk(file_of(streets[0].resize((4000, 3000)), quality=90))
    thumb = press.inspect(path).thumb
    assert is_found(looks(Image.open(BytesIO(thumb))), looks(streets[0]))
