"""The story the product exists for (DOMAIN §1), over HTTP."""

from incident_service import points
from tests.factories import a_picture


def test_from_a_photo_to_points(town, phone_of, run_jobs):
    resident, manager, officer = phone_of(town.resident), phone_of(town.manager), phone_of(town.officer)
    said = resident.report(description="小汽车停在消防通道上")
    assert said.status_code == 201
    number = said.json["case_number"]
    assert said.json["status"] == "dispatching"
    assert said.json["photos"][0]["urls"]["thumb"]

    run_jobs()
    case = manager.get(f"/cases/{number}").json
    assert case["status"] == "dispatched"
    assert {(each["part"], each["role"], each["kind"]) for each in case["dispatches"]} == {
        ("lead", "officer", "traffic"), ("assist", "grid_manager", None)}
    assert case["dispatches"][0]["pushed_at"] == case["dispatches"][1]["pushed_at"] == case["pushed_at"]
    assert case["due_at"] > case["pushed_at"]
    for phone in (manager, officer):
        assert phone.get("/me/notifications").json["items"][0]["case_number"] == number

    assert officer.post(f"/cases/{number}/acceptance").json["status"] == "accepted"
    rectified = officer.send(f"/cases/{number}/rectification", {"note": "车辆已驶离"}, [a_picture()])
    assert rectified.json["status"] == "rectified"
    assert len(rectified.json["photos"]["after"]) == 1
    assert manager.post(f"/cases/{number}/closure", {"note": "已核查"}).json["status"] == "closed"
    run_jobs()

    assert resident.get("/me/points").json == {"balance": 10, "pending": 0}
    assert manager.get("/me/points").json == {"balance": 5, "pending": 0}
    assert officer.get("/me/points").json == {"balance": 0, "pending": 0}
    assert resident.get("/me/points/entries").json["items"][0]["case_number"] == number
    assert points.reconcile().faults == []

    history = phone_of(town.desk).get(f"/cases/{number}/events").json["items"]
    assert [each["move"] for each in history] == ["report", "dispatch", "see", "accept", "rectify", "close"]
    assert [each["sequence"] for each in history] == [1, 2, 3, 4, 5, 6]

    own = resident.get(f"/reports/{said.json['id']}").json
    assert own["status"] == "closed"
    assert own["points"] == 10
    assert len(own["after_photos"]) == 1
    assert [step["text"] for step in own["progress"]][1] == "已推送给交警队员、网格管理员"

    figures = phone_of(town.supervisor).get("/supervision/response-times?group_by=category").json
    assert figures["total"]["cases"] == figures["total"]["closed"] == figures["total"]["within_limit"] == 1


def test_nobody_s_place_waits_at_the_nearest_desk(town, phone_of, run_jobs):
    far_south = {"latitude": 28.6900 - 0.0120}
    number = phone_of(town.resident).report(**far_south).json["case_number"]
    run_jobs()
    desk = phone_of(town.desk)
    waiting = desk.get("/cases?status=unroutable").json["items"]
    assert [each["number"] for each in waiting] == [number]
    assert waiting[0]["unroutable_reason"] == "no_area"
    assert desk.get("/me/notifications").json["items"][0]["kind"] == "unroutable"
    assert desk.get(f"/cases/{number}").json["explanation"] == ["位置不在任何网格或责任区内，待值班席人工派遣"]


def test_nobody_on_duty_waits_at_the_desk(town, phone_of, run_jobs, app):
    from incident_service import accounts

    accounts.deactivate(town.officer.id, by=town.desk)
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    case = phone_of(town.desk).get(f"/cases/{number}").json
    assert (case["status"], case["unroutable_reason"]) == ("unroutable", "nobody")


def test_a_missing_assist_does_not_stop_the_lead_and_the_desk_is_told(town, phone_of, run_jobs):
    from incident_service import accounts

    accounts.deactivate(town.manager.id, by=town.desk)
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    assert [each["part"] for each in phone_of(town.officer).get(f"/cases/{number}").json["dispatches"]] == ["lead"]
    assert phone_of(town.desk).get("/me/notifications").json["items"][0]["kind"] == "part_missing"


def test_a_phone_in_amap_coordinates_reaches_the_same_people(town, phone_of, run_jobs):
    from incident_service.areas import CoordinateSystem, from_wgs84
    from incident_service.demo.people import LATITUDE, LONGITUDE

    longitude, latitude = from_wgs84(LONGITUDE, LATITUDE, CoordinateSystem.GCJ02)
    number = phone_of(town.resident).report(
        longitude=longitude, latitude=latitude, coordinate_system="gcj02").json["case_number"]
    run_jobs()
    assert phone_of(town.officer).get(f"/cases/{number}").status_code == 200
