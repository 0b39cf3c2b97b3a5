"""A picture that was used before is named on both cases, and points that rest on it wait for a supervisor."""

from random import Random

import pytest
from PIL import ImageOps
from sqlalchemy import delete, select

from incident_service import cases, points
from incident_service.accounts import Role
from incident_service.cases.audit import audit
from incident_service.cases.models import Case, CaseWarning
from incident_service.demo.people import LATITUDE
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from tests.factories import an_account
from tests.photos.pictures import file_of
from tests.photos.scenes import a_street

SCENE = a_street(Random(2021), (640, 480))
PICTURE, AGAIN = file_of(SCENE, quality=90), file_of(ImageOps.mirror(SCENE).resize((480, 360)), quality=70)
RESULT = file_of(a_street(Random(12), (640, 480)))
NEARBY = {"latitude": LATITUDE + 0.0002}                     # some 22 m: another case, in the same grid and beat


@pytest.fixture
def first(town, phone_of, run_jobs):
    """The number of a case that had the picture first."""
    number = phone_of(town.resident).report(PICTURE).json["case_number"]
    run_jobs()
    return number


@pytest.fixture
def rectified(town, phone_of, run_jobs):
    """Reports something as the neighbour and has it rectified, without the comparisons having been made."""
    def go(*pictures, result=RESULT):
        number = phone_of(town.neighbour).report(*pictures, **NEARBY).json["case_number"]
        run_jobs()
        phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [result])
        return number

    return go


def seen(phone, number):
    case = phone.get(f"/cases/{number}", **{"Accept-Language": "en"}).json
    return [each for each in case["warnings"] if each["code"] in ("same_file", "looks_alike")]


@pytest.mark.parametrize(("picture", "code"), [(PICTURE, "same_file"), (AGAIN, "looks_alike")])
def test_a_picture_of_another_s_report_is_named_on_both_cases(first, town, phone_of, run_jobs, picture, code):
    desk = phone_of(town.desk)
    tag = desk.get(f"/cases/{first}").headers["ETag"]
    number = phone_of(town.neighbour).report(picture, **NEARBY).json["case_number"]
    assert seen(desk, number) == []
    run_jobs()
    reporter = desk.get(f"/cases/{first}", **{"Accept-Language": "en"}).json["reports"][0]["reporter"]
    later, = seen(desk, number)
    assert (later["code"], later["other_case"], later["is_earlier"]) == (code, first, False)
    assert reporter in later["text"]
    assert first in later["text"]
    earlier, = seen(desk, first)
    assert (earlier["other_case"], earlier["is_earlier"], earlier["needs_decision"]) == (number, True, False)
    assert earlier["photo_ids"] == later["photo_ids"][::-1]
    assert desk.get(f"/cases/{first}", **{"If-None-Match": tag}).status_code == 200
    line, = (each for each in desk.get(f"/cases/{number}/events").json["items"] if each["move"] == "warn")
    assert (line["by"], line["details"]["earlier_case"], line["details"]["flag"]) == ("平台", first, code)
    assert line["details"]["earlier_sender"] in reporter
    assert town.resident.name not in str(line) + str(later)


def test_the_resident_is_not_told_of_another_s_picture(first, town, phone_of, run_jobs):
    neighbour = phone_of(town.neighbour)
    said = neighbour.report(PICTURE, **NEARBY).json
    run_jobs()
    assert neighbour.get(f"/reports/{said['id']}").json["warnings"] == ["照片少于 3 张"]


def test_points_that_rest_on_it_are_held_and_count_as_pending(first, rectified, town, phone_of):
    number = rectified(AGAIN)
    phone_of(town.desk).post(f"/cases/{number}/closure", {})
    assert phone_of(town.neighbour).get("/me/points").json == {"balance": 0, "pending": 10}
    assert phone_of(town.manager).get("/me/points").json == {"balance": 5, "pending": 0}
    held, = phone_of(town.supervisor).get("/points/holds?open=true").json["items"]
    assert (held["case_number"], held["amount"], held["decision"]) == (number, 10, None)
    assert held["owner"].startswith("居民-")
    assert [each["code"] for each in held["because"]] == ["looks_alike"]
    assert first in held["because"][0]["text"]
    mine, = phone_of(town.neighbour).get("/me/points/holds").json["items"]
    assert (mine["amount"], mine["decision"]) == (10, None)
    assert "because" not in mine


def test_held_points_are_no_fault_of_the_case(first, rectified, town, phone_of):
    phone_of(town.desk).post(f"/cases/{rectified(AGAIN)}/closure", {})
    told = []
    assert audit(told.append) == (2, 0), told


def test_closing_compares_what_no_worker_has_compared(first, town, phone_of, run_jobs):
    number = phone_of(town.neighbour).report(PICTURE, **NEARBY).json["case_number"]
    with transaction():
        db.session.execute(delete(Promise).where(Promise.job == "workers.media.compare_pictures"))
    run_jobs()
    assert db.session.scalars(select(CaseWarning).where(CaseWarning.other_photo_id.is_not(None))).all() == []
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [RESULT])
    phone_of(town.desk).post(f"/cases/{number}/closure", {})
    assert points.of(town.neighbour.id) == (0, 10)


def test_closing_beside_a_warning_stands_in_the_history(first, rectified, town, phone_of):
    """Without the city's setting a person decides by closing; what they did not name is kept all the same."""
    number = rectified(file_of(a_street(Random(77), (640, 480))), result=AGAIN)
    desk = phone_of(town.desk)
    assert desk.post(f"/cases/{number}/closure", {}).status_code == 200
    assert desk.get(f"/cases/{number}/events").json["items"][-1]["details"] == {"not_acknowledged": ["looks_alike"]}
    assert points.of(town.neighbour.id) == (0, 10)


def test_a_result_seen_before_must_be_acknowledged_and_holds_all_points(first, rectified, town, phone_of, weighing):
    number = rectified(file_of(a_street(Random(77), (640, 480))), result=AGAIN)
    desk = phone_of(town.desk)
    refused = desk.post(f"/cases/{number}/closure", {})
    assert (refused.status_code, [each["code"] for each in refused.json["warnings"]]) == (409, ["looks_alike"])
    assert refused.json["warnings"][0]["other_case"] == first
    assert desk.post(f"/cases/{number}/closure", {"acknowledged": ["looks_alike"]}).status_code == 200
    assert points.of(town.neighbour.id) == (0, 10)
    assert points.of(town.manager.id) == (0, 5)


def test_a_result_that_is_the_reported_picture_is_seen(rectified, town, phone_of, weighing):
    number = rectified(PICTURE, result=PICTURE)
    refused = phone_of(town.desk).post(f"/cases/{number}/closure", {})
    assert [each["code"] for each in refused.json["warnings"]] == ["same_file"]


def test_one_s_own_picture_twice_in_one_report_is_no_hit(rectified, town, phone_of):
    number = rectified(PICTURE, PICTURE, AGAIN)
    desk = phone_of(town.desk)
    assert desk.post(f"/cases/{number}/closure", {}).status_code == 200
    assert seen(desk, number) == []
    assert points.of(town.neighbour.id).balance == 10


def test_one_s_own_picture_in_a_second_case_is_a_hit(town, phone_of, run_jobs):
    resident = phone_of(town.resident)
    _, second = (resident.report(PICTURE).json["case_number"] for _ in range(2))
    run_jobs()
    assert [each["code"] for each in seen(phone_of(town.desk), second)] == ["same_file"]


def test_a_repeated_comparison_changes_nothing(first, town, phone_of, run_jobs):
    number = phone_of(town.neighbour).report(PICTURE, **NEARBY).json["case_number"]
    run_jobs()
    version = phone_of(town.desk).get(f"/cases/{number}").json["version"]
    for case in db.session.scalars(select(Case)).all():
        cases.compare_pictures(case.id)
    assert phone_of(town.desk).get(f"/cases/{number}").json["version"] == version


def test_a_supervisor_elsewhere_neither_sees_nor_decides(first, rectified, town, phone_of):
    phone_of(town.desk).post(f"/cases/{rectified(AGAIN)}/closure", {})
    held, = phone_of(town.supervisor).get("/points/holds").json["items"]
    stranger = phone_of(an_account(Role.SUPERVISOR, "3602"))
    assert stranger.get("/points/holds").json["items"] == []
    assert stranger.post(f"/points/holds/{held['id']}/release").status_code == 404
    assert phone_of(town.desk).get("/points/holds").status_code == 403
