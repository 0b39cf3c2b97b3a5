"""What phones, children and attackers send: a clear answer, and nothing half made."""

from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from incident_service.cases.models import Case
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.photos import Photo
from incident_service.reports import Report
from tests.factories import a_picture


def nothing_is_left(app) -> bool:
    rows = sum(db.session.scalar(select(func.count()).select_from(each)) for each in (Case, Report, Photo, Promise))
    folder = Path(app.config["DATA_DIR"]) / "photos"
    return rows == 0 and not [each for each in folder.rglob("incoming/*") if each.is_file()]


def test_no_photo(app, town, phone_of):
    answer = phone_of(town.resident).send("/reports", {
        "longitude": 115.93, "latitude": 28.69, "coordinate_system": "wgs84"}, [])
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/photos"
    assert nothing_is_left(app)


UPLOADS = {
    "report": ("/reports", {"longitude": 115.93, "latitude": 28.69, "coordinate_system": "wgs84"}),
    "rectification": ("/cases/20261120-22222222/rectification", {}),
    "reopening": ("/cases/20261120-22222222/reopening", {"reason": "not_solved"}),
}


@pytest.mark.parametrize("photos", [[], [a_picture(7)]], ids=["alone", "beside a photo"])
@pytest.mark.parametrize(("path", "words"), UPLOADS.values(), ids=UPLOADS)
def test_the_name_of_a_photo_in_place_of_the_photo(app, town, phone_of, path, words, photos):
    answer = phone_of(town.desk).send(path, words | {"photos": "car.jpg"}, photos)
    assert answer.status_code == 422
    assert answer.json["errors"] == [{"pointer": f"#/photos/{len(photos)}", "detail": "须上传文件，而不是文字"}]
    assert nothing_is_left(app)


@pytest.mark.parametrize("name", ["longitude", "coordinate_system", "category", "description", "taken_at"])
def test_a_photo_under_the_name_of_a_word(app, town, phone_of, name):
    resident = phone_of(town.resident)
    said = {"longitude": 115.93, "latitude": 28.69, "coordinate_system": "wgs84"}
    said.pop(name, None)
    answer = resident.client.post("/api/v1/reports", headers=resident.headers, data={
        **said, "photos": (BytesIO(a_picture()), "1.jpg"), name: (BytesIO(a_picture()), "2.jpg")})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json["errors"]] == [f"#/{name}"]
    assert nothing_is_left(app)


def test_ten_photos(app, town, phone_of):
    answer = phone_of(town.resident).report(*(a_picture() for _ in range(10)))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/photos"
    assert nothing_is_left(app)


def test_nine_photos_are_welcome(town, phone_of):
    answer = phone_of(town.resident).report(*(a_picture() for _ in range(9)))
    assert (answer.status_code, len(answer.json["photos"])) == (201, 9)


BAD_PHOTOS = {
    "0-byte": b"",
    "text named .jpg": "这不是图片".encode(),
    "truncated": a_picture(7)[:2000],
    "a bomb": b"GIF89a" + b"\xff\xff\xff\xff\x80\x00\x00" + b"\x00" * 20,
}


@pytest.mark.parametrize("photo", BAD_PHOTOS.values(), ids=BAD_PHOTOS)
def test_a_bad_photo_is_named_and_nothing_is_kept(app, town, phone_of, photo):
    answer = phone_of(town.resident).report(a_picture(), photo)
    assert answer.status_code in (415, 422)
    assert answer.json["errors"][0]["pointer"] == "#/photos/1"
    assert nothing_is_left(app)


def test_a_photo_over_the_limit(app, town, phone_of):
    answer = phone_of(town.resident).report(a_picture(), b"\xff\xd8" + b"\x00" * (app.config["PHOTO_BYTES_MAX"] + 1))
    assert answer.status_code == 413
    assert nothing_is_left(app)


PLACES = {
    "missing": ({"longitude": ""}, "#/longitude"),
    "swapped": ({"longitude": 28.69, "latitude": 115.93}, "#/latitude"),
    "NaN": ({"longitude": "NaN"}, "#/longitude"),
    "infinite": ({"latitude": "inf"}, "#/latitude"),
    "out of range": ({"longitude": 181}, "#/longitude"),
    "unknown system": ({"coordinate_system": "mars"}, "#/coordinate_system"),
}


@pytest.mark.parametrize(("said", "pointer"), PLACES.values(), ids=PLACES)
def test_a_place_that_is_none(app, town, phone_of, said, pointer):
    answer = phone_of(town.resident).report(**said)
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json["errors"]]
    assert nothing_is_left(app)


@pytest.mark.parametrize("said", [
    {"category": "no-such-thing"}, {"description": "长" * 5000}, {"description": "a\x00b"}, {"address": "\x00"},
    {"taken_at": "yesterday"}, {"taken_at": "2026-01-01T00:00:00"}, {"taken_at": "0001-01-01T00:00:00+08:00"},
    {"surprise": "1"},
])
def test_words_that_do_not_fit(app, town, phone_of, said):
    answer = phone_of(town.resident).report(**said)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"#/{next(iter(said))}"
    assert answer.json["errors"][0]["detail"]
    assert nothing_is_left(app)


def test_field_errors_are_said_in_the_caller_s_language(town, phone_of):
    resident = phone_of(town.resident)
    said = {"longitude": 181, "latitude": 28.69, "coordinate_system": "wgs84"}
    zh = resident.send("/reports", said, [a_picture()]).json
    en = resident.send("/reports", said, [a_picture()], **{"Accept-Language": "en"}).json
    assert (zh["title"], en["title"]) == ("提交的内容有误", "What was sent is not valid")
    assert zh["errors"][0]["detail"] == "须在 -180 到 180 之间"
    assert en["errors"][0]["detail"].startswith("Must be greater than or equal to")


def test_html_in_words_is_kept_as_text(town, phone_of, run_jobs):
    words = "<script>alert(1)</script>"
    number = phone_of(town.resident).report(description=words).json["case_number"]
    assert phone_of(town.desk).get(f"/cases/{number}").json["reports"][0]["description"] == words


def test_another_person_s_photo_and_report_are_not_there(town, phone_of):
    said = phone_of(town.resident).report().json
    neighbour = phone_of(town.neighbour)
    photo_id = said["photos"][0]["id"]
    assert neighbour.get(f"/photos/{photo_id}/thumb").status_code == 404
    assert neighbour.get(f"/reports/{said['id']}").status_code == 404
    assert neighbour.get(f"/cases/{said['case_number']}").status_code == 403
    assert neighbour.client.get(f"/api/v1/photos/{photo_id}/thumb").status_code == 401
    assert phone_of(town.resident).get(f"/photos/{photo_id}/thumb").status_code == 200
    assert phone_of(town.desk).get(f"/photos/{photo_id}/thumb").status_code == 200
    assert neighbour.client.get(said["photos"][0]["urls"]["thumb"]).status_code == 200


def test_an_original_is_not_handed_out_by_link_or_to_a_neighbour(town, phone_of):
    said = phone_of(town.resident).report().json
    link = said["photos"][0]["urls"]["thumb"]
    assert phone_of(town.resident).client.get(link.replace("/thumb", "/original")).status_code == 401
    assert phone_of(town.neighbour).get(f"/photos/{said['photos'][0]['id']}/original").status_code == 404


def test_a_guessed_case_number(town, phone_of):
    assert phone_of(town.desk).get("/cases/20261120-22222222").status_code == 404
    assert phone_of(town.desk).get("/cases/%00").status_code == 404


A_PHOTO = b'--x\r\nContent-Disposition: form-data; name="photos"; filename="1.jpg"\r\n\r\n' + a_picture(7)
NO_FORMS = {
    "nothing": b"", "nonsense": b"--x\r\nnonsense", "another boundary": b"--y--\r\n", "half a photo": A_PHOTO[:1000],
    "no end": A_PHOTO + b"\r\n--x", "nameless": b"--x\r\nContent-Type: text/plain\r\n\r\n1\r\n--x--\r\n",
    "no text": b"--x\r\nContent-Disposition: \xff\r\n\r\n1\r\n--x--\r\n",
}


@pytest.mark.parametrize("body", NO_FORMS.values(), ids=NO_FORMS)
@pytest.mark.parametrize("path", [path for path, _ in UPLOADS.values()], ids=UPLOADS)
def test_a_body_that_is_no_form(app, town, phone_of, path, body):
    desk = phone_of(town.desk)
    answer = desk.client.post(f"/api/v1{path}", data=BytesIO(body), headers=desk.headers,
                              content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/bad-request")
    assert answer.json["detail"] == "表单无法解析：内容不完整或格式有误"
    assert nothing_is_left(app)


def test_a_form_with_nothing_in_it_is_a_form(town, phone_of):
    resident = phone_of(town.resident)
    answer = resident.client.post("/api/v1/reports", data=BytesIO(b"--x--\r\n"), headers=resident.headers,
                                  content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422
    assert "#/photos" in [each["pointer"] for each in answer.json["errors"]]


def test_a_field_without_a_name_is_a_field_that_nobody_knows(town, phone_of):
    resident = phone_of(town.resident)
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"
    answer = resident.client.post("/api/v1/reports", data=BytesIO(body), headers=resident.headers,
                                  content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422


def test_json_where_a_form_is_wanted(town, phone_of):
    assert phone_of(town.resident).post("/reports", {"longitude": 1}).status_code == 415


def test_json_that_cannot_be_parsed(town, phone_of):
    desk = phone_of(town.desk)
    answer = desk.client.post("/api/v1/cases/20261120-22222222/closure", data=b"{", headers=desk.headers,
                              content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    text = desk.client.post("/api/v1/cases/20261120-22222222/closure", data=b"hi", headers=desk.headers,
                            content_type="text/plain")
    assert text.status_code == 415


def test_the_wrong_method_is_told_the_right_ones(town, phone_of):
    answer = phone_of(town.desk).post("/cases", {})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["type"] == "/problems/method-not-allowed"


def test_a_huge_json_body_is_refused_before_it_is_read(client):
    answer = client.post("/api/v1/login-codes", data=b"[" + b"{}," * 100_000 + b"{}]", content_type="application/json")
    assert (answer.status_code, answer.json["type"]) == (413, "/problems/too-large")


def test_a_thousand_unknown_fields_are_not_listed_one_by_one(client):
    answer = client.post("/api/v1/login-codes", json={f"field{number}": 1 for number in range(1000)})
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 20


@pytest.mark.parametrize("area", ["3601%00", "3601zzz", "3601%0A", "36"])
def test_an_area_that_is_no_code(town, phone_of, area):
    assert phone_of(town.desk).get(f"/cases?area={area}").status_code == 422
