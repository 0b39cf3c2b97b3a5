"""Who serves in an area of the fire service sees the cases that lie in it, as officers of a beat do."""

import pytest

from incident_service import areas
from incident_service.accounts import Role
from tests.areas.town import a_file, feature, the_town
from tests.factories import an_account

FIRE, OTHER = "360111X01", "360111X02"


@pytest.fixture
def stations(town) -> None:
    """Two areas of the fire service, drawn as the beats are; the first holds the demo point."""
    beat = feature(the_town(), town.beat)
    other = next(each for each in the_town()["features"] if each["properties"]["code"][6:7] == "J"
                 and each["properties"]["code"] != town.beat)
    drawn = [each | {"properties": {"code": code, "name": f"消防{code[-2:]}"}}
             for code, each in ((FIRE, beat), (OTHER, other))]
    assert not areas.import_areas(a_file(*drawn)).findings


def test_a_fire_officer_and_a_supervisor_of_the_area_see_its_cases_and_others_do_not(
        stations, town, phone_of, run_jobs):
    number = phone_of(town.resident).report(category="fire_equipment").json["case_number"]
    run_jobs()
    for role, kind in ((Role.OFFICER, "fire"), (Role.SUPERVISOR, None)):
        own, elsewhere = (phone_of(an_account(role, area, kind=kind)) for area in (FIRE, OTHER))
        assert [each["number"] for each in own.get("/cases").json["items"]] == [number]
        assert own.get(f"/cases/{number}").status_code == 200
        assert elsewhere.get("/cases").json["items"] == []
        assert elsewhere.get(f"/cases/{number}").status_code == 404
    desk = phone_of(town.desk)
    assert [each["number"] for each in desk.get(f"/cases?area={FIRE}").json["items"]] == [number]
    assert desk.get(f"/cases?area={OTHER}").json["items"] == []


def test_they_see_it_but_make_no_move_that_is_not_theirs(stations, town, phone_of, run_jobs):
    number = phone_of(town.resident).report(category="fire_equipment").json["case_number"]
    run_jobs()
    officer = phone_of(an_account(Role.OFFICER, FIRE, kind="fire"))
    assert officer.post(f"/cases/{number}/acceptance").status_code == 403


def test_a_corrected_place_moves_it_to_the_other_area(stations, town, phone_of, run_jobs):
    number = phone_of(town.resident).report(category="fire_equipment").json["case_number"]
    run_jobs()
    there = next(each for each in the_town()["features"] if each["properties"]["code"][6:7] == "J"
                 and each["properties"]["code"] != town.beat)["geometry"]["coordinates"][0]
    middle = [sum(point[axis] for point in there[:4]) / 4 for axis in (0, 1)]
    place = {"longitude": middle[0], "latitude": middle[1], "coordinate_system": "wgs84"}
    phone_of(town.desk).post(f"/cases/{number}/amendment", place | {"note": "定位有误"})
    run_jobs()
    assert [each["number"] for each in phone_of(an_account(Role.OFFICER, OTHER, kind="fire")).get("/cases").json[
        "items"]] == [number]
    assert phone_of(an_account(Role.OFFICER, FIRE, kind="fire")).get("/cases").json["items"] == []
