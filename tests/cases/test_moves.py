"""What responders and desks may do to a case, and what they may not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from incident_service import accounts, cases, photos, points
from incident_service.accounts import Grant, Role
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Dispatch
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.notifications.models import Notification
from incident_service.points.models import Transfer
from tests.factories import a_picture, an_account


@pytest.fixture
def dispatched(town, phone_of, run_jobs) -> str:
    """The number of a case that both responders have received."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return number


@pytest.fixture
def rectified(dispatched, town, phone_of) -> str:
    phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    return dispatched


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_repeated_dispatch_job_changes_nothing(dispatched):
    case = db.session.scalars(select(Case)).one()
    cases.dispatch(case.id)
    assert count(Dispatch) == 2
    assert count(Notification) == 2


def test_the_first_acceptance_accepts_the_case_and_the_second_sets_its_own_clock(dispatched, town, phone_of):
    first = phone_of(town.manager).post(f"/cases/{dispatched}/acceptance").json
    second = phone_of(town.officer).post(f"/cases/{dispatched}/acceptance").json
    assert first["status"] == second["status"] == "accepted"
    assert second["accepted_at"] == first["accepted_at"]
    assert all(each["accepted_at"] for each in second["dispatches"])


def test_who_accepts_has_seen_it_and_opening_it_later_is_no_later_sight(dispatched, town, phone_of):
    officer = phone_of(town.officer)
    officer.post(f"/cases/{dispatched}/acceptance")
    mine = next(each for each in officer.get(f"/cases/{dispatched}").json["dispatches"] if each["part"] == "lead")
    assert mine["seen_at"] == mine["accepted_at"]
    assert "see" not in [each["move"] for each in officer.get(f"/cases/{dispatched}/events").json["items"]]


def test_accepting_twice_changes_nothing(dispatched, town, phone_of):
    officer = phone_of(town.officer)
    first, second = (officer.post(f"/cases/{dispatched}/acceptance").json for _ in range(2))
    assert first["version"] == second["version"]


def test_rectifying_what_was_not_accepted_accepts_it_too(dispatched, town, phone_of):
    case = phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [a_picture()]).json
    assert case["accepted_at"] == case["rectified_at"]


def test_the_other_part_may_still_send_its_picture(rectified, town, phone_of):
    case = phone_of(town.manager).send(f"/cases/{rectified}/rectification", {}, [a_picture()]).json
    assert case["status"] == "rectified"
    assert len(case["photos"]["after"]) == 2


def test_sending_the_same_result_again_changes_nothing_and_another_is_refused(dispatched, town, phone_of):
    officer, picture = phone_of(town.officer), a_picture()
    first = officer.send(f"/cases/{dispatched}/rectification", {}, [picture])
    again = officer.send(f"/cases/{dispatched}/rectification", {}, [picture])
    assert again.json["version"] == first.json["version"]
    other = officer.send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    assert other.status_code == 409
    assert count(CasePhoto) == 2


def test_a_rectification_needs_a_picture(dispatched, town, phone_of):
    answer = phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {"note": "好了"}, [])
    assert answer.status_code == 422


def test_who_was_not_dispatched_may_not_accept(dispatched, town, phone_of):
    assert phone_of(town.desk).post(f"/cases/{dispatched}/acceptance").status_code == 403


def test_a_case_that_is_not_rectified_cannot_be_closed(dispatched, town, phone_of):
    answer = phone_of(town.desk).post(f"/cases/{dispatched}/closure", {})
    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/case-wrong-turn"
    assert "rectify" in answer.json["allowed"]


def test_nobody_closes_what_they_rectified(dispatched, town, phone_of, app):
    manager = phone_of(town.manager)
    manager.send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    assert manager.post(f"/cases/{dispatched}/closure", {}).status_code == 403
    app.config["CLOSING_NEEDS_ANOTHER_PERSON"] = False
    try:
        assert manager.post(f"/cases/{dispatched}/closure", {}).status_code == 200
    finally:
        app.config["CLOSING_NEEDS_ANOTHER_PERSON"] = True


def test_nobody_closes_what_they_reported(town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    number = desk.report().json["case_number"]
    run_jobs()
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    assert desk.post(f"/cases/{number}/closure", {}).status_code == 403


def test_an_officer_does_not_close(rectified, town, phone_of):
    assert phone_of(town.officer).post(f"/cases/{rectified}/closure", {}).status_code == 403


def test_closing_twice_thanks_once(rectified, town, phone_of):
    desk = phone_of(town.desk)
    assert [desk.post(f"/cases/{rectified}/closure", {}).status_code for _ in range(2)] == [200, 200]
    assert points.of(town.resident.id).balance == 10
    assert count(Transfer) == 2


def test_a_grid_manager_earns_nothing_for_a_case_they_reported(town, phone_of, run_jobs):
    number = phone_of(town.manager).report().json["case_number"]
    run_jobs()
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    phone_of(town.desk).post(f"/cases/{number}/closure", {})
    assert count(Transfer) == 0


def test_the_reporter_is_told_of_the_closing(rectified, town, phone_of):
    phone_of(town.desk).post(f"/cases/{rectified}/closure", {})
    kinds = [each["kind"] for each in phone_of(town.resident).get("/me/notifications").json["items"]]
    assert kinds == ["closed"]


def test_if_match_is_honoured(dispatched, town, phone_of):
    officer = phone_of(town.officer)
    seen = officer.get(f"/cases/{dispatched}")
    phone_of(town.manager).post(f"/cases/{dispatched}/acceptance")
    stale = officer.post(f"/cases/{dispatched}/acceptance", **{"If-Match": seen.headers["ETag"]})
    assert stale.status_code == 412
    fresh = officer.get(f"/cases/{dispatched}").headers["ETag"]
    assert officer.post(f"/cases/{dispatched}/acceptance", **{"If-Match": fresh}).status_code == 200


def test_an_unchanged_case_is_not_sent_again(dispatched, town, phone_of):
    officer = phone_of(town.officer)
    officer.get(f"/cases/{dispatched}")
    tag = officer.get(f"/cases/{dispatched}").headers["ETag"]
    assert officer.get(f"/cases/{dispatched}", **{"If-None-Match": tag}).status_code == 304
    phone_of(town.manager).post(f"/cases/{dispatched}/acceptance")
    assert officer.get(f"/cases/{dispatched}", **{"If-None-Match": tag}).status_code == 200


def test_a_case_is_sent_again_once_a_name_in_it_is_another(dispatched, town, phone_of):
    officer, desk = phone_of(town.officer), phone_of(town.desk)
    shown = desk.get(f"/cases/{dispatched}")
    tag = shown.headers["ETag"]
    assert desk.get(f"/cases/{dispatched}", **{"If-None-Match": tag}).status_code == 304
    assert officer.post("/me", {"name": "交警改名"}, method="PATCH").status_code == 200
    again = desk.get(f"/cases/{dispatched}", **{"If-None-Match": tag})
    assert (again.status_code, again.json["version"]) == (200, shown.json["version"])
    assert "交警改名" in {each["responder"]["name"] for each in again.json["dispatches"]}


def test_the_tag_a_move_answers_with_is_the_one_the_case_then_has(dispatched, town, phone_of):
    officer = phone_of(town.officer)
    moves = (lambda: officer.post(f"/cases/{dispatched}/acceptance"),
             lambda: officer.send(f"/cases/{dispatched}/rectification", {}, [a_picture()]))
    for move in moves:
        tag = move().headers["ETag"]
        db.session.expire_all()
        assert officer.get(f"/cases/{dispatched}", **{"If-None-Match": tag}).status_code == 304


def test_staff_see_a_pseudonym_and_residents_see_roles(rectified, town, phone_of):
    case = phone_of(town.desk).get(f"/cases/{rectified}").json
    text = "".join(phone_of(town.desk).get(f"/cases/{rectified}{part}").text for part in ("", "/events"))
    assert case["reports"][0]["reporter"].startswith("居民-")
    assert town.resident.name not in text
    assert str(town.resident.id) not in text
    report_id = case["reports"][0]["id"]
    own = phone_of(town.resident).get(f"/reports/{report_id}").text
    for member in (town.officer, town.manager):
        assert member.name not in own
        assert str(member.id) not in own


def test_a_pseudonym_differs_from_case_to_case(town, phone_of, run_jobs):
    numbers = [phone_of(town.resident).report().json["case_number"] for _ in range(2)]
    names = {phone_of(town.desk).get(f"/cases/{number}").json["reports"][0]["reporter"] for number in numbers}
    assert len(names) == 2


def test_a_responder_keeps_seeing_a_case_that_left_their_area(dispatched, town, phone_of):
    case = db.session.scalars(select(Case)).one()
    case.area_code = case.beat_code = None
    db.session.commit()
    assert phone_of(town.officer).get(f"/cases/{dispatched}").status_code == 200
    assert phone_of(town.desk).get(f"/cases/{dispatched}").status_code == 404


def test_another_area_s_staff_do_not_see_the_case(dispatched, town, phone_of):
    other_street = f"{town.street[:-1]}{9 if town.street[-1] != '9' else 8}"
    stranger = phone_of(an_account(Role.DESK, other_street))
    assert stranger.get(f"/cases/{dispatched}").status_code == 404
    assert stranger.get("/cases").json["items"] == []
    assert stranger.post(f"/cases/{dispatched}/closure", {}).status_code == 404


def test_a_case_rectified_in_time_is_not_overdue_and_one_still_open_is(dispatched, town, phone_of):
    desk = phone_of(town.desk)
    assert desk.get("/cases?overdue=true").json["items"] == []
    with clock.stopped(clock.now() + timedelta(days=30)):
        phone = phone_of(town.desk)
        assert [each["number"] for each in phone.get("/cases?overdue=true").json["items"]] == [dispatched]
        assert phone.get("/cases?overdue=false").json["items"] == []


def test_lists_are_narrowed_by_filters(dispatched, town, phone_of):
    desk = phone_of(town.desk)
    for wanted, found in {
        "status=dispatched": 1, "status=closed": 0, "category=fire_lane": 1, "category=lift": 0,
        f"area={town.grid}": 1, f"area={town.beat}": 1, "area=360199": 0, "near=115.93,28.69,50": 1,
        "near=115.99,28.69,50": 0, f"q={dispatched[-8:]}": 1, "q=没有这样的话": 0, "responder=me": 0, "sort=oldest": 1,
        "opened_from=2020-01-01T00:00:00Z": 1, "opened_to=2020-01-01T00:00:00Z": 0,
    }.items():
        answer = desk.get(f"/cases?{wanted}")
        assert (wanted, len(answer.json["items"])) == (wanted, found)
    assert len(phone_of(town.officer).get("/cases?responder=me").json["items"]) == 1


def test_pages_follow_one_another_without_gap_or_repeat(town, phone_of, run_jobs):
    numbers = [phone_of(town.resident).report().json["case_number"] for _ in range(5)]
    seen, cursor, desk = [], "", phone_of(town.desk)
    while cursor is not None:
        page = desk.get(f"/cases?limit=2&cursor={cursor}").json
        seen += [each["number"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == numbers[::-1]
    assert desk.get("/cases?cursor=bm9uc2Vuc2U=").status_code == 422


def test_history_is_never_without_its_line(rectified):
    case = db.session.scalars(select(Case)).one()
    events = db.session.scalars(select(CaseEvent).order_by(CaseEvent.sequence)).all()
    assert events[-1].status_after is case.status
    assert [each.sequence for each in events] == list(range(1, case.version + 1))


def test_one_person_who_holds_both_parts_stops_both_clocks(town, phone_of, run_jobs):
    both_hats = an_account(Role.OFFICER, town.beat, kind="traffic")
    with transaction():
        accounts.find(both_hats.id).grant([Grant(Role.GRID_MANAGER, town.grid)])
    for other in (town.officer, town.manager):
        accounts.deactivate(other.id, by=town.desk)
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    phone_of(town.desk).post(f"/cases/{number}/transfer", {"assist_id": str(both_hats.id), "reason": "other"})
    phone = phone_of(both_hats)
    phone.post(f"/cases/{number}/acceptance")
    case = phone.send(f"/cases/{number}/rectification", {}, [a_picture()]).json
    assert len(case["dispatches"]) == 2
    assert all(each["accepted_at"] and each["rectified_at"] for each in case["dispatches"])


def test_a_late_acceptance_sets_its_own_clock(rectified, town, phone_of):
    case = phone_of(town.manager).post(f"/cases/{rectified}/acceptance").json
    assert case["status"] == "rectified"
    assert all(each["accepted_at"] for each in case["dispatches"])


def test_an_acceptance_repeated_with_its_old_tag_is_harmless(dispatched, town, phone_of):
    officer = phone_of(town.officer)
    officer.get(f"/cases/{dispatched}")
    tag = {"If-Match": officer.get(f"/cases/{dispatched}").headers["ETag"]}
    assert [officer.post(f"/cases/{dispatched}/acceptance", **tag).status_code for _ in range(2)] == [200, 200]


def test_a_category_that_left_the_table_does_not_hide_its_cases(dispatched, town, phone_of, app):
    known = app.extensions["catalogue"]
    fewer = {code: each for code, each in known.categories.items() if code != "fire_lane"}
    app.extensions["catalogue"] = known._replace(categories=fewer)
    try:
        desk, resident = phone_of(town.desk), phone_of(town.resident)
        assert desk.get("/cases").json["items"][0]["category_name"] == "fire_lane"
        assert desk.get(f"/cases/{dispatched}").status_code == 200
        assert resident.get("/reports").json["items"][0]["category_name"] == "fire_lane"
        assert phone_of(town.officer).send(
            f"/cases/{dispatched}/rectification", {}, [a_picture()]).status_code == 200
        assert desk.post(f"/cases/{dispatched}/closure", {}).status_code == 200
    finally:
        app.extensions["catalogue"] = known


def test_no_connection_is_held_while_pictures_are_looked_at(dispatched, town, phone_of, monkeypatch):
    held = []
    look = photos.take_in

    def watched(uploads, **options):
        held.append(db.engine.pool.checkedout())
        return look(uploads, **options)

    monkeypatch.setattr(photos, "take_in", watched)
    db.session.rollback()
    phone_of(town.resident).report()
    phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    assert held == [0, 0]
