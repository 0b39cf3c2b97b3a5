"""What desks, supervisors and reporters do to a case beside the straight way from report to closing."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from incident_service import areas, points
from incident_service.accounts import Role
from incident_service.cases.audit import audit
from incident_service.cases.models import Case, CaseEvent, Dispatch
from incident_service.demo.people import LATITUDE, LONGITUDE
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from tests.factories import CITY, a_picture, an_account


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


@pytest.fixture
def closed(rectified, town, phone_of, run_jobs) -> str:
    assert phone_of(town.desk).post(f"/cases/{rectified}/closure", {}).status_code == 200
    run_jobs()
    return rectified


@pytest.fixture(autouse=True)
def nothing_is_wrong_afterwards(app):
    yield
    faults = []
    audit(faults.append)
    assert [(each.number, each.says.in_language("en")) for each in faults] == []


def status(number) -> str:
    return db.session.scalar(select(Case.status).where(Case.number == number))


def moves(number) -> list[str]:
    return list(db.session.scalars(select(CaseEvent.move).join(Case, Case.id == CaseEvent.case_id)
                                   .where(Case.number == number).order_by(CaseEvent.sequence)))


def change(number, **values) -> None:
    with transaction():
        db.session.execute(update(Case).where(Case.number == number).values(**values))


def received(account) -> int:
    balance = points.of(account.id)
    return balance.balance + balance.pending


def told(phone) -> list[tuple[str, str]]:
    return [(each["kind"], each["title"]) for each in phone.get("/me/notifications").json["items"]]


# check and rework

def test_a_check_that_passed_is_a_line_of_history_and_leaves_the_case_where_it_is(rectified, town, phone_of):
    case = phone_of(town.desk).post(f"/cases/{rectified}/check", {"note": "现场已通畅"}).json
    assert case["status"] == "rectified"
    assert moves(rectified)[-1] == "check"


def test_nobody_checks_their_own_work(dispatched, town, phone_of):
    manager = phone_of(town.manager)
    manager.send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    for move in ("check", "rework"):
        answer = manager.post(f"/cases/{dispatched}/{move}", {"note": "好"})
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/case-check-own-work")


def test_rework_gives_the_case_back_to_the_same_people_and_starts_no_clock_anew(rectified, town, phone_of, run_jobs):
    desk, officer = phone_of(town.desk), phone_of(town.officer)
    before = desk.get(f"/cases/{rectified}").json
    case = desk.post(f"/cases/{rectified}/rework", {"note": "车还在"}).json
    assert (case["status"], case["round"]) == ("rework", before["round"] + 1)
    for clock_name in ("pushed_at", "due_at", "rectified_at"):
        assert case[clock_name] == before[clock_name]
    now = [each for each in case["dispatches"] if each["round"] == case["round"]]
    assert {each["responder"]["id"] for each in now} == {str(town.officer.id), str(town.manager.id)}
    assert [each["rectified_at"] for each in now] == [None, None]
    assert "核查未通过，正在返工" in [
        step["text"] for step in phone_of(town.resident).get("/reports").json["items"][0]["progress"]]
    assert desk.post(f"/cases/{rectified}/closure", {}).status_code == 409
    again = officer.send(f"/cases/{rectified}/rectification", {}, [a_picture()])
    assert again.json["status"] == "rectified"
    assert desk.post(f"/cases/{rectified}/closure", {}).json["status"] == "closed"
    assert received(town.resident) == 10


def test_rework_says_why(rectified, town, phone_of):
    answer = phone_of(town.desk).post(f"/cases/{rectified}/rework", {})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/note")


# voiding and withdrawing

def test_a_void_case_ends_and_its_reporter_is_told_why(dispatched, town, phone_of):
    desk = phone_of(town.desk)
    answer = desk.post(f"/cases/{dispatched}/voiding", {"reason": "not_found", "note": "两次到场未见"})
    assert answer.json["status"] == "void"
    assert answer.json["allowed"] == ["comment", "open_identity", "redact", "unveil"]
    assert ("void", "您上报的消防通道占用未立案：现场未发现该问题") in told(phone_of(town.resident))
    assert ("ended", f"案卷 {dispatched} 已终止：现场未发现该问题") in told(phone_of(town.officer))
    report = phone_of(town.resident).get("/reports").json["items"][0]
    assert report["progress"][-1]["text"] == "未立案：现场未发现该问题"
    assert "两次到场未见" not in str(report)                    # what the desk notes is the desk's
    assert phone_of(town.officer).post(f"/cases/{dispatched}/acceptance").status_code == 409


def test_voiding_twice_changes_nothing(dispatched, town, phone_of):
    desk, body = phone_of(town.desk), {"reason": "spam", "note": "测试"}
    first, second = (desk.post(f"/cases/{dispatched}/voiding", body).json["version"] for _ in range(2))
    assert first == second


def test_a_case_that_is_still_to_be_dispatched_can_be_voided_and_then_is_not_dispatched(town, phone_of, run_jobs):
    number = phone_of(town.resident).report().json["case_number"]
    assert phone_of(town.desk).post(
        f"/cases/{number}/voiding", {"reason": "spam", "note": "测试"}).json["status"] == "void"
    run_jobs()
    assert status(number) == "void"


def test_a_report_is_taken_back_before_anybody_accepted_it(dispatched, town, phone_of):
    resident = phone_of(town.resident)
    id = resident.get("/reports").json["items"][0]["id"]
    first = resident.post(f"/reports/{id}/withdrawal").json
    assert (first["status"], bool(first["withdrawn_at"])) == ("void", True)
    assert resident.post(f"/reports/{id}/withdrawal").json["withdrawn_at"] == first["withdrawn_at"]
    assert phone_of(town.neighbour).post(f"/reports/{id}/withdrawal").status_code == 404
    events = phone_of(town.desk).get(f"/cases/{dispatched}/events").json["items"]
    assert events[-1]["move"] == "withdraw" and events[-1]["by"].startswith("居民-")


def test_a_report_is_not_taken_back_once_somebody_accepted(dispatched, town, phone_of):
    phone_of(town.officer).post(f"/cases/{dispatched}/acceptance")
    resident = phone_of(town.resident)
    id = resident.get("/reports").json["items"][0]["id"]
    answer = resident.post(f"/reports/{id}/withdrawal")
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/case-wrong-turn")


# reopening

def reopen(phone, number, *pictures, **words):
    return phone.send(f"/cases/{number}/reopening", {"reason": "not_solved", **words}, list(pictures))


def test_a_reporter_has_a_closed_case_reopened_with_a_picture_and_thanks_are_taken_back(
        closed, town, phone_of, run_jobs):
    assert (received(town.resident), received(town.manager)) == (10, 5)
    answer = reopen(phone_of(town.resident), closed, a_picture())
    assert (answer.status_code, answer.json["status"]) == (200, "reopened"), answer.json
    assert (received(town.resident), received(town.manager)) == (0, 0)
    run_jobs()
    case = phone_of(town.desk).get(f"/cases/{closed}").json
    assert (case["status"], case["closed_at"], case["round"]) == ("dispatched", None, 2)
    assert len(case["photos"]["before"]) == 2
    phone_of(town.officer).send(f"/cases/{closed}/rectification", {}, [a_picture()])
    assert phone_of(town.desk).post(f"/cases/{closed}/closure", {}).status_code == 200
    assert (received(town.resident), received(town.manager)) == (10, 5)


def test_a_reporter_shows_what_is_not_solved_and_not_for_ever(closed, town, phone_of):
    resident = phone_of(town.resident)
    assert reopen(resident, closed).json["errors"][0]["pointer"] == "#/photos"
    change(closed, closed_at=clock.now() - timedelta(days=14, minutes=1))
    assert reopen(resident, closed, a_picture()).json["type"] == "/problems/case-too-late-to-reopen"
    assert reopen(phone_of(town.desk), closed).status_code == 200
    change(closed, closed_at=None)


def test_nobody_else_reopens_a_case(closed, town, phone_of):
    assert reopen(phone_of(town.neighbour), closed, a_picture()).status_code == 404
    assert reopen(phone_of(town.officer), closed, a_picture()).status_code == 403


def test_a_false_report_is_reopened_and_voided_and_nobody_keeps_points(closed, town, phone_of):
    desk = phone_of(town.desk)
    assert reopen(desk, closed, reason="wrong_result").status_code == 200
    answer = desk.post(f"/cases/{closed}/voiding", {"reason": "false_report", "note": "照片为旧照"})
    assert answer.json["status"] == "void"
    assert (received(town.resident), received(town.manager)) == (0, 0)


# what a reporter says of a closing

def test_a_reporter_says_once_whether_it_is_solved_and_may_have_it_reopened(closed, town, phone_of):
    resident, body = phone_of(town.resident), {"solved": False, "satisfied": False, "note": "车又来了"}
    said = resident.post(f"/cases/{closed}/satisfaction", body)
    assert (said.status_code, said.json["solved"]) == (200, False), said.json
    until = datetime.fromisoformat(said.json["may_reopen_until"])
    assert until == db.session.scalar(select(Case.closed_at).where(Case.number == closed)) + timedelta(days=14)
    assert resident.post(f"/cases/{closed}/satisfaction", body).json == said.json
    other = resident.post(f"/cases/{closed}/satisfaction", {**body, "solved": True})
    assert (other.status_code, other.json["type"]) == (409, "/problems/case-answered")
    assert moves(closed).count("answer") == 1
    line = phone_of(town.desk).get(f"/cases/{closed}/events").json["items"][-1]
    assert line["by"].startswith("居民-") and line["details"] == {"is_solved": False, "is_satisfied": False}


def test_nobody_else_answers_and_nobody_before_the_closing(rectified, town, phone_of):
    body = {"solved": True, "satisfied": True}
    assert phone_of(town.desk).post(f"/cases/{rectified}/satisfaction", body).status_code == 403
    assert phone_of(town.neighbour).post(f"/cases/{rectified}/satisfaction", body).status_code == 404
    assert phone_of(town.resident).post(f"/cases/{rectified}/satisfaction", body).status_code == 409


# correcting

def test_a_corrected_category_is_routed_anew_and_explained(dispatched, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    answer = desk.post(f"/cases/{dispatched}/amendment", {"category": "flooding", "note": "是积水"})
    assert (answer.status_code, answer.json["status"]) == (200, "dispatching"), answer.json
    run_jobs()
    case = desk.get(f"/cases/{dispatched}").json
    assert (case["category"], case["status"], case["round"]) == ("flooding", "dispatched", 2)
    assert [each["because"] for each in case["deadline"]["steps"]] == ["dispatch", "amend"]
    assert case["deadline"]["steps"][-1]["starts_at"] == case["pushed_at"]
    event = next(each for each in desk.get(f"/cases/{dispatched}/events").json["items"] if each["move"] == "amend")
    assert event["details"]["before"]["category"] == "fire_lane"
    assert phone_of(town.officer).post(f"/cases/{dispatched}/acceptance").status_code == 409      # no longer theirs


def test_a_corrected_place_lies_in_another_grid(dispatched, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    east, grid = next((longitude, place.grid) for step in range(1, 40)
                      if (place := areas.locate(longitude := LONGITUDE - step / 2000, LATITUDE)).grid != town.grid)
    place = {"longitude": east, "latitude": LATITUDE, "coordinate_system": "wgs84"}
    assert desk.post(f"/cases/{dispatched}/amendment", {**place, "note": "西侧路口"}).status_code == 200
    run_jobs()
    assert db.session.scalar(select(Case.area_code).where(Case.number == dispatched)) == grid
    for by, found in ((an_account(Role.GRID_MANAGER, grid), [dispatched]), (town.manager, [dispatched]),
                      (an_account(Role.GRID_MANAGER, town.grid), [])):
        assert [each["number"] for each in phone_of(by).get(f"/cases?q={dispatched}").json["items"]] == found


def test_whoever_was_given_a_case_finds_it_near_its_corrected_place(dispatched, town, phone_of, run_jobs):
    near = [f"/cases?near={longitude},{LATITUDE},900" for longitude in (LONGITUDE, LONGITUDE - 0.05)]
    place = {"longitude": LONGITUDE - 0.05, "latitude": LATITUDE, "coordinate_system": "wgs84"}
    for found in ([dispatched], []), ([], [dispatched]):
        seen = [[each["number"] for each in phone_of(town.manager).get(url).json["items"]] for url in near]
        assert seen == [*found]
        phone_of(town.desk).post(f"/cases/{dispatched}/amendment", {**place, "note": "西侧路口"})
        run_jobs()


@pytest.mark.parametrize(("body", "pointer"), [
    ({"longitude": 115.93}, "#/longitude"), ({}, "#"), ({"category": "no_such"}, "#/category")])
def test_half_a_correction_is_refused(dispatched, town, phone_of, body, pointer):
    answer = phone_of(town.desk).post(f"/cases/{dispatched}/amendment", {"note": "更正", **body})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert status(dispatched) == "dispatched"


def test_another_condition_moves_the_deadline_from_the_same_push(dispatched, town, phone_of):
    manager = phone_of(town.manager)
    before = manager.get(f"/cases/{dispatched}").json
    after = manager.post(f"/cases/{dispatched}/condition", {"condition": "fixed_obstacle", "note": "是地锁"}).json
    assert after["due_at"] > before["due_at"] and after["pushed_at"] == before["pushed_at"]
    assert [each["condition"] for each in after["deadline"]["steps"]] == ["occupied", "fixed_obstacle"]
    again = manager.post(f"/cases/{dispatched}/condition", {"condition": "fixed_obstacle", "note": "是地锁"}).json
    assert again["version"] == after["version"]
    assert manager.post(f"/cases/{dispatched}/condition", {"condition": "none", "note": "?"}).status_code == 422


# comments

def test_words_among_staff_stay_there_and_public_ones_reach_the_reporter_without_a_name(dispatched, town, phone_of):
    desk, resident = phone_of(town.desk), phone_of(town.resident)
    desk.post(f"/cases/{dispatched}/comments", {"text": "车主电话已联系"})
    desk.post(f"/cases/{dispatched}/comments", {"text": "预计今日处理", "is_public": True})
    resident.post(f"/cases/{dispatched}/comments", {"text": "车牌被遮挡"})
    report = resident.get("/reports").json["items"][0]
    assert [step["text"] for step in report["progress"]][-2:] == [
        "工作人员回复：预计今日处理", "您补充：车牌被遮挡"]
    assert "车主电话" not in str(report) and town.desk.name not in str(report)
    lines = desk.get(f"/cases/{dispatched}/events").json["items"]
    assert [(each["note"], each["by"] == town.desk.name) for each in lines if each["move"] == "comment"] == [
        ("车主电话已联系", True), ("预计今日处理", True), ("车牌被遮挡", False)]
    assert town.resident.name not in str(lines)
    assert [kind for kind, _ in told(resident)].count("comment") == 1


# appeals and second looks

@pytest.fixture
def late(dispatched, town, phone_of) -> str:
    """The number of a case that was rectified after its deadline."""
    phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    moment = db.session.scalar(select(Case.pushed_at).where(Case.number == dispatched))
    change(dispatched, due_at=moment)
    return dispatched


def test_an_appeal_that_was_granted_excuses_the_lateness_and_keeps_the_clocks(late, town, phone_of):
    officer, supervisor = phone_of(town.officer), phone_of(town.supervisor)
    before = officer.get(f"/cases/{late}").json
    assert officer.post(f"/cases/{late}/appeal", {"note": "位置报错，绕行"}).status_code == 200
    assert officer.post(f"/cases/{late}/appeal", {"note": "位置报错，绕行"}).status_code == 200
    assert [each["case_number"] for each in supervisor.get("/supervision/appeals").json["items"]] == [late]
    decided = supervisor.post(f"/cases/{late}/appeal/decision", {"verdict": "granted", "note": "属实"})
    assert decided.status_code == 200, decided.json
    assert {name: decided.json[name] for name in ("due_at", "rectified_at")} == {
        name: before[name] for name in ("due_at", "rectified_at")}
    assert decided.json["late_excused_at"] and decided.json["clocks"]["within_limit"] is True
    assert supervisor.get("/supervision/appeals").json["items"] == []
    other = supervisor.post(f"/cases/{late}/appeal/decision", {"verdict": "refused", "note": "改判"})
    assert (other.status_code, other.json["type"]) == (409, "/problems/case-appeal-decided")
    assert ("appeal", f"案卷 {late} 的申诉已裁定") in told(officer)


def test_there_is_one_appeal_for_a_case_and_only_against_lateness(rectified, late, town, phone_of):
    phone_of(town.officer).post(f"/cases/{late}/appeal", {"note": "绕行"})
    answer = phone_of(town.manager).post(f"/cases/{late}/appeal", {"note": "我也是"})
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/case-appeal-made")


def test_who_was_not_late_has_nothing_to_appeal_against(rectified, town, phone_of):
    answer = phone_of(town.officer).post(f"/cases/{rectified}/appeal", {"note": "绕行"})
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/case-not-late")


def test_nobody_decides_about_what_concerns_them(late, town, phone_of):
    both_roles = an_account(Role.SUPERVISOR, CITY)
    with transaction():
        db.session.execute(update(Dispatch).where(Dispatch.role == "grid_manager").values(responder_id=both_roles.id))
    phone_of(town.officer).post(f"/cases/{late}/appeal", {"note": "绕行"})
    answer = phone_of(both_roles).post(f"/cases/{late}/appeal/decision", {"verdict": "granted", "note": "好"})
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/case-appeal-own")
    with transaction():
        db.session.execute(update(Dispatch).where(Dispatch.role == "grid_manager").values(responder_id=town.manager.id))


def test_a_second_look_confirms_a_closing_or_has_the_case_go_on(closed, town, phone_of, run_jobs):
    supervisor = phone_of(town.supervisor)
    assert [each["case_number"] for each in supervisor.get("/supervision/second-looks").json["items"]] == [closed]
    answer = supervisor.post(f"/cases/{closed}/review", {"verdict": "reopened", "note": "照片不是同一处"})
    assert (answer.status_code, answer.json["status"]) == (200, "reopened"), answer.json
    assert received(town.resident) == 0
    assert supervisor.get("/supervision/second-looks").json["items"] == []
    run_jobs()
    again = supervisor.post(f"/cases/{closed}/review", {"verdict": "confirmed"})
    assert (again.status_code, again.json["type"]) == (409, "/problems/case-second-look-taken")


def test_a_city_draws_no_second_looks_when_it_says_so(app, rectified, town, phone_of, monkeypatch):
    monkeypatch.setitem(app.config, "SECOND_LOOK_PERCENT", 0)
    phone_of(town.desk).post(f"/cases/{rectified}/closure", {})
    assert phone_of(town.supervisor).get("/supervision/second-looks").json["items"] == []


# one wins

def test_a_move_that_names_a_passed_version_is_refused(rectified, town, phone_of):
    desk = phone_of(town.desk)
    passed = desk.get(f"/cases/{rectified}").headers["ETag"]
    desk.post(f"/cases/{rectified}/check", {})
    answer = desk.post(f"/cases/{rectified}/rework", {"note": "车还在"}, **{"If-Match": passed})
    assert answer.status_code == 412
    assert status(rectified) == "rectified"


def test_a_move_sent_twice_with_one_key_is_made_once(rectified, town, phone_of):
    desk = phone_of(town.desk)
    first, second = (desk.post(f"/cases/{rectified}/rework", {"note": "车还在"}, **{"Idempotency-Key": "r-1"})
                     for _ in range(2))
    assert first.json == second.json
    assert moves(rectified).count("rework") == 1
