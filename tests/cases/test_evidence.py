"""What is doubtful about pictures is said: to staff, to the resident, and, where a city wants it, with a refusal."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from incident_service import catalogue
from incident_service.cases.models import Case, CasePhoto
from incident_service.catalogue import Action, Check, Rule
from incident_service.demo.people import LATITUDE, LONGITUDE
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.factories import a_picture
from tests.photos.conftest import store  # noqa: F401
from tests.photos.pictures import an_exif, file_of
from tests.photos.scenes import a_street

HERE = (LONGITUDE, LATITUDE)
A_KILOMETRE_NORTH = (LONGITUDE, LATITUDE + 0.00902)
STREETS = [a_street(Random(n), (640, 480)) for n in range(3)]


def taken(which, *, ago=None, at=None):
    """A street taken some time ago, at a place."""
    moment = None if ago is None else (clock.now() - ago).strftime("%Y:%m:%d %H:%M:%S")
    return file_of(STREETS[which], exif=an_exif(taken=moment, zone=moment and "+00:00", position=at))


def codes(case, stage="before"):
    return [each["code"] for each in case["warnings"] if each["stage"] == stage]


@pytest.fixture
def ruled(app, monkeypatch):
    """Puts other rules into force for fire lanes."""
    def put(*rules):
        known = app.extensions["catalogue"]
        changed = known._replace(evidence=known.evidence | {"fire_lane": tuple(
            Rule("fire_lane", check, value, action, "a test") for check, value, action in rules)})
        monkeypatch.setitem(app.extensions, "catalogue", changed)

    return put


def test_one_photo_without_any_claim_is_taken_and_the_wish_for_more_is_said(town, phone_of, run_jobs):
    resident = phone_of(town.resident)
    said = resident.report()
    assert said.status_code == 201
    assert said.json["warnings"] == ["照片少于 3 张"]
    run_jobs()
    case = phone_of(town.desk).get(f"/cases/{said.json['case_number']}", **{"Accept-Language": "en"}).json
    assert [(each["code"], each["text"], each["needs_decision"]) for each in case["warnings"]] == [
        ("too_few", "There are fewer than 3 photos", False)]
    english = resident.get(f"/reports/{said.json['id']}", **{"Accept-Language": "en"}).json
    assert english["warnings"] == ["There are fewer than 3 photos"]


def test_photos_of_one_moment_and_old_ones_are_warned_of_with_their_ids(town, phone_of):
    resident = phone_of(town.resident)
    said = resident.report(*(taken(n, ago=timedelta(hours=30, seconds=n)) for n in range(3))).json
    case = phone_of(town.desk).get(f"/cases/{said['case_number']}").json
    assert codes(case) == ["too_close_in_time", "too_old", "too_old", "too_old"]
    assert [each["photo_ids"] for each in case["warnings"]] == [[], *([each["id"]] for each in said["photos"])]
    assert said["warnings"] == ["照片拍摄时间相差不足 10 秒", "照片拍摄于 24 小时以前"]


@pytest.mark.parametrize(("rule", "pictures", "pointers"), [
    ((Check.TOO_FEW, 2), [{"ago": timedelta()}], ["#/photos"]),
    ((Check.TOO_OLD, 24), [{"ago": timedelta(hours=1)}, {"ago": timedelta(hours=30)}], ["#/photos/1"]),
    ((Check.NOT_LIVE, 5), [{}, {"ago": timedelta(minutes=1)}], ["#/photos/0"]),
    ((Check.TOO_CLOSE_IN_TIME, 10), [{"ago": timedelta(seconds=9)}, {"ago": timedelta(seconds=4)}], ["#/photos"]),
])
def test_a_city_may_refuse_and_then_nothing_is_kept(store, town, phone_of, ruled, rule, pictures, pointers):  # noqa: F811
    ruled((*rule, Action.REFUSE))
    answer = phone_of(town.resident).report(*(taken(n, **claims) for n, claims in enumerate(pictures)))
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/evidence-refused")
    assert [each["pointer"] for each in answer.json["errors"]] == pointers
    assert db.session.scalar(select(func.count(Case.id))) == 0
    assert list(store.walk()) == []


def test_the_time_that_a_phone_states_stands_in_for_one_it_dropped(town, phone_of, ruled):
    ruled((Check.NOT_LIVE, 5, Action.REFUSE))
    resident = phone_of(town.resident)
    assert resident.report(a_picture(), taken_at=clock.now().isoformat()).status_code == 201
    assert resident.report(a_picture()).status_code == 422


def test_every_category_has_its_rules(app):
    assert all(catalogue.evidence_rules(each.code) is not None for each in catalogue.categories())


def test_a_photo_that_places_itself_elsewhere_is_kept_with_its_distance_and_staff_are_warned(town, phone_of):
    said = phone_of(town.resident).report(taken(0, at=A_KILOMETRE_NORTH), taken(1, at=HERE), taken(2)).json
    far, near, silent = db.session.scalars(select(CasePhoto.distance_m).order_by(CasePhoto.position)).all()
    assert (far, near, silent) == (pytest.approx(1000, rel=0.01), pytest.approx(0, abs=1), None)
    case = phone_of(town.desk).get(f"/cases/{said['case_number']}", **{"Accept-Language": "en"}).json
    assert [(each["code"], each["photo_ids"]) for each in case["warnings"]] == [
        ("far_away", [said["photos"][0]["id"]])]
    assert "m away" in case["warnings"][0]["text"]
    assert said["warnings"] == []


@pytest.fixture
def dispatched(town, phone_of, run_jobs):
    number = phone_of(town.resident).report(*(taken(n, ago=timedelta(minutes=9 - n)) for n in range(3))).json[
        "case_number"]
    run_jobs()
    return number


def test_a_result_taken_before_or_elsewhere_is_weighed_by_whoever_closes(dispatched, town, phone_of, weighing):
    desk = phone_of(town.desk)
    result = file_of(a_street(Random(99), (640, 480)), exif=an_exif(
        taken=(clock.now() - timedelta(hours=2)).strftime("%Y:%m:%d %H:%M:%S"), zone="+00:00",
        position=A_KILOMETRE_NORTH))
    case = phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [result]).json
    assert sorted(codes(case, "after")) == ["far_away", "not_after"]
    assert all(each["needs_decision"] for each in case["warnings"] if each["stage"] == "after")
    refused = desk.post(f"/cases/{dispatched}/closure", {"acknowledged": ["far_away"]})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/case-warnings-not-acknowledged")
    assert [each["code"] for each in refused.json["warnings"]] == ["not_after"]
    closed = desk.post(f"/cases/{dispatched}/closure", {"acknowledged": ["far_away", "not_after"], "note": "已核对"})
    assert closed.json["status"] == "closed"
    line = desk.get(f"/cases/{dispatched}/events").json["items"][-1]
    assert line["details"] == {"acknowledged": ["far_away", "not_after"]}


def test_a_good_result_needs_no_word(dispatched, town, phone_of):
    result = file_of(a_street(Random(98), (640, 480)), exif=an_exif(
        taken=clock.now().strftime("%Y:%m:%d %H:%M:%S"), zone="+00:00", position=HERE))
    case = phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [result]).json
    assert codes(case, "after") == []
    assert phone_of(town.desk).post(f"/cases/{dispatched}/closure", {}).status_code == 200


def test_an_unknown_word_is_not_acknowledged(dispatched, town, phone_of):
    answer = phone_of(town.desk).post(f"/cases/{dispatched}/closure", {"acknowledged": ["whatever"]})
    assert answer.status_code == 422
