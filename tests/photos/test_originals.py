"""Sealed originals: a reason, a second person, a short while, and every look written down."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.photos import OriginalLook
from tests.factories import an_account
from tests.photos.pictures import POINT, a_jpeg

PICTURE = a_jpeg(position=POINT)
REASON = {"reason": "法院调取原始照片，案号 2026-17"}


@pytest.fixture(params=["store", "bucket"])
def asked(request, town, phone_of):
    """A case, and the desk's wish to see the original of its picture."""
    request.getfixturevalue(request.param)
    said = phone_of(town.resident).report(PICTURE).json
    number, photo_id = said["case_number"], said["photos"][0]["id"]
    desk = phone_of(town.desk)
    wish = desk.post(f"/cases/{number}/photos/{photo_id}/original-requests", REASON)
    assert (wish.status_code, wish.json["approved_by"], wish.json["looks"]) == (201, None, [])
    return Asked(desk, f"/cases/{number}/original-requests", f"/photos/{photo_id}/original", wish.json["id"])


class Asked:
    """A wish, and the doors around it."""

    def __init__(self, desk, list, original, id):
        self.desk, self.list, self.original, self.id = desk, list, original, id

    def approve(self, phone):
        return phone.post(f"{self.list}/{self.id}/approval")


def test_two_people_together_open_an_original_and_the_look_is_written_down(asked, town, phone_of):
    supervisor = phone_of(town.supervisor)
    assert asked.desk.get(asked.original).json["type"] == "/problems/photo-original-sealed"
    assert asked.approve(supervisor).json["approved_by"] == town.supervisor.name
    answer = asked.desk.get(asked.original)
    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert (answer.headers["Cache-Control"], answer.mimetype) == ("no-store", "application/octet-stream")
    assert "attachment" in answer.headers["Content-Disposition"]
    look, = supervisor.get(asked.list).json["items"][0]["looks"]
    assert (look["by"], look["reason"], look["occasion"]) == (town.desk.name, REASON["reason"], "photo")
    assert supervisor.get(asked.original).status_code == 403                # open to whoever asked, to nobody else
    asked.desk.get(asked.original)
    assert len(db.session.scalars(select(OriginalLook)).all()) == 2


def test_nobody_agrees_to_their_own_wish(asked):
    assert asked.approve(asked.desk).json["type"] == "/problems/second-person-needed"
    assert asked.desk.get(asked.original).status_code == 403


def test_only_desk_and_supervisors_of_the_area_have_a_say(asked, town, phone_of):
    for person, status in ((town.resident, 403), (town.manager, 403), (an_account(Role.DESK, "3699"), 404)):
        assert asked.approve(phone_of(person)).status_code == status
        assert phone_of(person).get(asked.list).status_code == status
    assert phone_of(town.manager).get(asked.original).status_code == 403
    assert phone_of(town.neighbour).get(asked.original).status_code == 404
    assert asked.desk.client.get(f"/api/v1{asked.original}").status_code == 401
    assert asked.desk.client.get(f"/api/v1{asked.original}?ends=1&revision=0&signature=x").status_code == 401


def test_an_original_is_open_for_a_short_while(asked, town, phone_of):
    now = datetime.now(UTC)
    supervisor = phone_of(town.supervisor)
    asked.approve(supervisor)
    with clock.stopped(now + timedelta(minutes=29)):
        assert asked.desk.get(asked.original).status_code == 200
        assert asked.approve(supervisor).status_code == 200                 # repeated, it opens nothing anew
    with clock.stopped(now + timedelta(minutes=29, seconds=59)):
        asked.approve(supervisor)
    with clock.stopped(now + timedelta(minutes=31)):
        asked.desk.headers = phone_of(town.desk).headers                    # the token has ended as well
        assert asked.desk.get(asked.original).status_code == 403


def test_a_wish_lapses(asked, town, phone_of):
    with clock.stopped(datetime.now(UTC) + timedelta(days=1, minutes=1)):
        answer = asked.approve(phone_of(town.supervisor))
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/original-request-lapsed")


@pytest.mark.parametrize("reason", ["", "why", None])
def test_without_a_reason_there_is_no_wish(asked, reason):
    path = asked.original.replace("/photos/", f"{asked.list.removesuffix('/original-requests')}/photos/")
    answer = asked.desk.post(path.replace("/original", "/original-requests"), {"reason": reason} if reason else {})
    assert answer.status_code == 422
