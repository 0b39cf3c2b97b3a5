"""Areas over HTTP: previewed, imported within what an administrator administers, listed, drawn for maps."""

import pytest
import shapely
from shapely.geometry import shape

from incident_service import areas
from incident_service.accounts import Role
from incident_service.demo.people import LATITUDE, LONGITUDE
from tests.areas.town import a_file, a_square, an_area, feature, the_town
from tests.cases.test_area_moves import merged_into_neighbour
from tests.factories import CITY, an_account

OTHER_STREET = "360111002"


@pytest.fixture
def admin(town, phone_of):
    return phone_of(an_account(Role.ADMIN, CITY))


def renamed(code: str, name: str) -> dict:
    drawn = feature(the_town(), code)
    drawn["properties"]["name"] = name
    return a_file(drawn)


def test_what_was_previewed_is_imported(admin, town):
    sent = {"collection": renamed(town.grid, "新网格"), "source": "新网格.geojson"}
    seen = admin.post("/areas/previews", {"collection": sent["collection"]})
    assert (seen.status_code, seen.json["edition"], seen.json["renamed"], seen.json["findings"]) == (200, 1, 1, [])
    assert areas.name_of(town.grid) != "新网格"
    stored = admin.post("/areas/imports", sent | {"based_on": seen.json["edition"]})
    assert (stored.status_code, stored.json["edition"]) == (201, 2)
    assert areas.name_of(town.grid) == "新网格"
    [latest, first] = admin.get("/areas/editions").json["items"]
    assert (latest["number"], latest["source"], latest["imported_by"]) == (2, "新网格.geojson", str(admin.account.id))
    assert (first["number"], first["added"], first["imported_by"]) == (1, 50, None)


def test_an_import_sent_twice_is_one(admin, town):
    sent = {"collection": renamed(town.grid, "新网格"), "based_on": 1}
    answers = [admin.post("/areas/imports", sent, **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert [(each.status_code, each.json["edition"]) for each in answers] == [(201, 2)] * 2
    other = admin.post("/areas/imports", sent | {"source": "other"}, **{"Idempotency-Key": "once"})
    assert other.status_code == 422


def test_an_import_based_on_an_edition_that_has_passed_is_refused(admin, town):
    admin.post("/areas/imports", {"collection": renamed(town.grid, "新网格"), "based_on": 1})
    late = admin.post("/areas/imports", {"collection": renamed(town.grid, "旧网格"), "based_on": 1})
    assert (late.status_code, late.json["type"]) == (409, "/problems/areas-imports-collided")
    assert areas.name_of(town.grid) == "新网格"


def test_what_is_wrong_is_named_feature_by_feature_in_the_callers_language(admin, town):
    wrong = {"collection": a_file(an_area(town.grid, a_square(LONGITUDE, LATITUDE)))}
    seen = admin.post("/areas/previews", wrong, **{"Accept-Language": "en"})
    assert (seen.status_code, seen.json["added"], seen.json["reshaped"]) == (200, 0, 0)
    assert {each["fault"] for each in seen.json["findings"]} >= {"overlap", "gap"}
    assert all(each["feature"] and "m²" in each["detail"] for each in seen.json["findings"])
    refused = admin.post("/areas/imports", wrong | {"based_on": 1}, **{"Accept-Language": "en"})
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/areas-unfit")
    assert refused.json["findings"] == seen.json["findings"]
    assert areas.import_areas(the_town()).unchanged == 50


def test_a_preview_names_the_open_cases_that_would_move(admin, town, phone_of, run_jobs):
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    seen = admin.post("/areas/previews", {"collection": merged_into_neighbour(town.grid)}).json
    assert (seen["cases_moving_total"], [each["number"] for each in seen["cases_moving"]]) == (1, [number])
    assert (seen["cases_moving"][0]["area_code"], seen["retired"]) == (town.grid, 1)


def test_an_administrator_changes_only_what_they_administer(town, phone_of):
    elsewhere = phone_of(an_account(Role.ADMIN, OTHER_STREET))
    for way, more in (("previews", {}), ("imports", {"based_on": 1})):
        answer = elsewhere.post(f"/areas/{way}", {"collection": renamed(town.grid, "新网格")} | more)
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/beyond-reach")
    own = elsewhere.post("/areas/imports", {"collection": renamed(OTHER_STREET, "新街道"), "based_on": 1})
    assert own.status_code == 201


def test_a_file_that_is_too_large_is_refused_before_it_is_read(admin, app):
    large = {"collection": the_town() | {"note": "x" * app.config["AREA_FILE_BYTES_MAX"]}}
    answer = admin.post("/areas/previews", large)
    assert (answer.status_code, answer.json["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("body", [
    {}, {"collection": []}, {"collection": {}, "layer": "planet"}, {"collection": {}, "number_under": "36\0"},
    {"collection": {}, "coordinate_system": "epsg"}, {"collection": {}, "unknown": 1}])
def test_what_makes_no_sense_is_refused(admin, body):
    assert admin.post("/areas/previews", body).status_code == 422


def test_files_of_other_offices_are_read_as_by_the_command(admin):
    drawn = {"type": "Feature", "properties": {"MC": "新小区"}, "geometry": a_square(LONGITUDE, LATITUDE, width=0.0005)}
    answer = admin.post("/areas/imports", {
        "collection": a_file(drawn), "layer": "compound", "name_property": "MC", "number_under": "360111001",
        "coordinate_system": "wgs84", "based_on": 1})
    assert (answer.status_code, answer.json["added"]) == (201, 1)
    assert areas.locate(LONGITUDE + 0.0002, LATITUDE + 0.0002).land == "compound"


def test_areas_are_listed_page_by_page(admin):
    seen, cursor = [], ""
    while cursor is not None:
        page = admin.get(f"/areas?limit=20&layer=grid&cursor={cursor}").json
        seen += page["items"]
        cursor = page["next_cursor"]
    assert len(seen) == 36
    assert [each["code"] for each in seen] == sorted({each["code"] for each in seen})
    assert admin.get(f"/areas?within={OTHER_STREET}&limit=200").json["items"][0]["code"] == OTHER_STREET
    assert admin.get("/areas?cursor=nonsense").status_code == 422


def test_staff_see_what_they_serve_in_and_what_lies_around_it(town, phone_of):
    def codes(account) -> set[str]:
        return {each["code"] for each in phone_of(account).get("/areas?limit=200").json["items"]}

    beats = {f"360111J0{number}" for number in range(1, 5)}
    assert codes(town.manager) == {*areas.lineage(town.grid), *beats}
    assert codes(town.officer) == {"3601", "360111", *beats}
    assert {code for code in codes(town.desk) if len(code) == 9 and code.isdigit()} == {town.street}


@pytest.mark.parametrize("system", list(areas.CoordinateSystem))
def test_outlines_are_drawn_for_the_map_that_asks_and_can_be_read_back(admin, system):
    drawn = admin.get(f"/areas/outlines?layer=grid&coordinate_system={system}").json
    assert (drawn["type"], drawn["coordinate_system"], drawn["edition"], len(drawn["features"])) == (
        "FeatureCollection", system, 1, 36)
    again = areas.draft(drawn)
    assert again.findings == []
    for outline in again.outlines:
        before = again.before[outline.code].shape
        assert shapely.hausdorff_distance(outline.shape, before) < 2e-7         # two centimetres


def test_a_map_that_has_the_outlines_is_told_so(admin, town):
    tag = admin.get("/areas/outlines?layer=grid").headers["ETag"]
    assert admin.get("/areas/outlines?layer=grid", **{"If-None-Match": tag}).status_code == 304
    assert admin.get("/areas/outlines?layer=beat", **{"If-None-Match": tag}).status_code == 200
    admin.post("/areas/imports", {"collection": renamed(town.grid, "新网格"), "based_on": 1})
    assert admin.get("/areas/outlines?layer=grid", **{"If-None-Match": tag}).status_code == 200


def test_the_polygon_of_an_earlier_edition_can_be_fetched(admin, town):
    areas.import_areas(merged_into_neighbour(town.grid))
    here = shapely.Point(LONGITUDE, LATITUDE)
    then = admin.get(f"/areas/{town.grid}/outline?edition=1")
    assert shape(then.json["geometry"]).contains(here)
    assert admin.get(f"/areas/{town.grid}/outline").status_code == 404
    assert admin.get(f"/areas/{town.grid}/outline?edition=2").status_code == 404
    assert admin.get(f"/areas/{town.grid}/outline?edition=9").status_code == 422
    known = admin.get(f"/areas/{town.grid}").json
    assert [(each["edition"], each["in_force_to"] is None) for each in known["shapes"]] == [(1, False)]
    heir = areas.locate(LONGITUDE, LATITUDE).grid
    assert [each["edition"] for each in admin.get(f"/areas/{heir}").json["shapes"]] == [2, 1]
    before = admin.get("/areas/outlines?layer=grid&edition=1").json["features"]
    assert (len(before), len(admin.get("/areas/outlines?layer=grid").json["features"])) == (36, 35)


@pytest.mark.parametrize("code", ["360111009", "nonsense", "%00", "36０1"])
def test_an_area_that_is_not_there(admin, code):
    assert admin.get(f"/areas/{code}").status_code == 404
    assert admin.get(f"/areas/{code}/outline").status_code == 404
