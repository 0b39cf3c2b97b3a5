"""Boxes on pictures: what lay under them is nowhere any more but in the sealed original."""

from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from incident_service import cases, photos
from incident_service.accounts import Role
from incident_service.cases import CaseEvent, Move
from incident_service.foundation.database import db
from incident_service.photos import Photo
from tests.factories import an_account
from tests.photos.pictures import a_turned, file_of, noise

LEFT_TOP = {"kind": "plate", "left": 0.0, "top": 0.0, "width": 0.5, "height": 0.5}


@pytest.fixture
def at(store, town, phone_of, run_jobs):
    """A case with one picture that was stored turned, its copies made; and phones."""
    return Scene(town, phone_of, run_jobs, store)


class Scene:
    """One reported picture and the people around it."""

    def __init__(self, town, phone_of, run_jobs, store):
        self.town, self.phone_of, self.run_jobs, self.store = town, phone_of, run_jobs, store
        self.resident, self.desk = phone_of(town.resident), phone_of(town.desk)
        said = self.resident.report(a_turned(6)).json
        self.number, self.photo_id = said["case_number"], said["photos"][0]["id"]
        self.path = f"/cases/{self.number}/photos/{self.photo_id}/redactions"
        run_jobs()

    def redact(self, *boxes, by=None):
        return (by or self.desk).post(self.path, {"boxes": list(boxes or [LEFT_TOP])})

    def urls(self):
        return self.desk.get(f"/cases/{self.number}").json["photos"]["before"][0]["urls"]

    def shown(self, size="screen"):
        return self.desk.get(f"/photos/{self.photo_id}/{size}")


def colour(answer, x, y):
    """The colour of a shown picture at a relative place."""
    picture = Image.open(BytesIO(answer.data)).convert("RGB")
    return picture.getpixel((round(x * (picture.width - 1)), round(y * (picture.height - 1))))


@pytest.mark.parametrize("size", ["thumb", "screen"])
def test_copies_are_made_anew_without_what_lay_in_the_box(at, size):
    assert sum(colour(at.shown(size), 0.25, 0.25)) > 200                    # red, upright
    assert at.redact().status_code == 201
    early = at.shown(size)
    assert (early.status_code, early.json["type"]) == (404, "/problems/photo-not-ready")
    at.run_jobs()
    for x, y in ((0.02, 0.02), (0.25, 0.25), (0.47, 0.47), (0.02, 0.47)):
        assert max(colour(at.shown(size), x, y)) < 12
    assert colour(at.shown(size), 0.75, 0.25)[1] > 120                      # green is left alone


def test_a_box_leaves_nothing_of_the_pixels_and_of_earlier_copies(at):
    at.redact()
    at.run_jobs()
    assert at.store.copies(db.session.get(Photo, photo_uuid(at)).id) == ["screen-1", "thumb-1"]


def photo_uuid(at):
    return db.session.scalar(select(Photo.id))


def test_links_of_earlier_revisions_lead_nowhere(at):
    before = at.urls()
    assert at.resident.client.get(before["screen"]).status_code == 200
    at.redact()
    at.run_jobs()
    assert at.resident.client.get(before["screen"]).json["type"] == "/problems/photo-link-not-good"
    now = at.urls()
    assert now["screen"] != before["screen"]
    assert at.resident.client.get(now["screen"]).status_code == 200


def test_the_history_says_who_hid_what_and_who_showed_it_again(at):
    box = at.redact().json["items"][0]
    assert (box["kind"], box["added_by"]) == ("plate", at.town.desk.name)
    answer = at.desk.post(f"{at.path}/{box['id']}", method="DELETE")
    assert (answer.status_code, answer.json["items"], answer.json["revision"]) == (200, [], 2)
    lines = [line for line in at.desk.get(f"/cases/{at.number}/events").json["items"]
             if line["move"] in (Move.REDACT, Move.UNVEIL)]
    assert [(line["move"], line["by"]) for line in lines] == [("redact", "值班员甲"), ("unveil", "值班员甲")]
    assert lines[0]["details"] == {"photo_id": at.photo_id, "boxes": [{"id": box["id"], "kind": "plate"}]}
    at.run_jobs()
    assert sum(colour(at.shown(), 0.25, 0.25)) > 200
    assert at.desk.post(f"{at.path}/{box['id']}", method="DELETE").status_code == 404


def test_the_sealed_original_stays_as_it_was(at):
    digest = db.session.scalar(select(Photo.sha256))
    at.redact()
    at.run_jobs()
    with at.store.original(digest) as path:
        assert path.read_bytes() == a_turned(6)


def test_only_the_grid_manager_and_the_desk_of_the_area_redact(at):
    people = {201: at.town.manager, 403: at.town.officer, 404: an_account(Role.DESK, "3699")}
    for status, person in people.items():
        assert at.redact(by=at.phone_of(person)).status_code == status
    assert at.redact(by=at.resident).status_code == 403
    assert db.session.scalar(select(CaseEvent).where(CaseEvent.move == Move.REDACT)).by_id == at.town.manager.id


@pytest.mark.parametrize("change", [
    {"left": -0.1}, {"left": 0.6}, {"width": 0}, {"top": 0.51}, {"height": 1.5}, {"kind": "dog"}, {"width": "NaN"},
], ids=str)
def test_a_box_that_lies_outside_is_refused(at, change):
    assert at.redact(LEFT_TOP | change).status_code == 422


def test_a_picture_of_another_case_is_not_found(at):
    other = at.resident.report(file_of(noise((50, 50)))).json
    answer = at.desk.post(f"/cases/{other['case_number']}/photos/{at.photo_id}/redactions", {"boxes": [LEFT_TOP]})
    assert answer.status_code == 404
    assert at.desk.post(f"{at.path}/{uuid4()}", method="DELETE").status_code == 404


def test_a_job_that_began_before_the_box_publishes_nothing(at, monkeypatch):
    """The copies of the second revision are made while the job of the first one is still at work, and ends last."""
    at.redact()
    slow = photos.copies._made
    at_work = []

    def overtaken(photo):
        status = slow(photo)
        if not at_work:
            at_work.append(photo.revision)
            at.redact({"kind": "face", "left": 0.5, "top": 0, "width": 0.5, "height": 0.5})
            photos.cut_sizes(photo_uuid(at))
        return status

    monkeypatch.setattr("incident_service.photos.copies._made", overtaken)
    photos.cut_sizes(photo_uuid(at))
    assert at_work == [1]
    assert max(colour(at.shown(), 0.75, 0.25)) < 12
    assert max(colour(at.shown(), 0.25, 0.25)) < 12


def test_a_redacted_picture_is_redacted_in_the_picture_of_before_and_after(at):
    manager = at.phone_of(at.town.manager)
    path = f"/cases/{at.number}/side-by-side.jpg"
    assert at.desk.get(path).json["type"] == "/problems/case-without-two-pictures"
    assert manager.send(f"/cases/{at.number}/rectification", {}, [a_turned(1)]).status_code == 200
    at.run_jobs()
    lay(at)
    first = at.desk.get(path)
    assert (first.status_code, first.mimetype) == (200, "image/jpeg")
    sheet = Image.open(BytesIO(first.data))
    assert sheet.width > sheet.height and not sheet.getexif()
    assert sum(map(sum, sheet.crop((0, 0, 300, 40)).convert("RGB").get_flattened_data())) > 10_000      # the caption
    assert sum(sheet.getpixel((100, 150))) > 200
    at.redact()
    assert at.desk.get(path).json["type"] == "/problems/photo-not-ready"
    at.run_jobs()
    lay(at)
    assert max(Image.open(BytesIO(at.desk.get(path).data)).getpixel((100, 150))) < 12
    assert at.resident.get(path).status_code == 200                          # whoever reported it may see it
    assert at.phone_of(at.town.neighbour).get(path).status_code == 404
    after = db.session.scalars(select(Photo.id).order_by(Photo.id.desc())).first()
    assert len([name for name in at.store.copies(after) if name.startswith("beside")]) == 1


def lay(at):
    """The job once more, should it have come before the copies it needs."""
    cases.lay_side_by_side(db.session.scalar(select(cases.Case.id).where(cases.Case.number == at.number)))
