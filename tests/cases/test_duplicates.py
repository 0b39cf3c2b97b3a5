"""Two residents report the same thing: the second joins the first, or a desk merges their cases, and may undo it."""

from urllib.parse import quote

import pytest
from psycopg import RawCursor
from sqlalchemy import event, select

from incident_service import points
from incident_service.cases import collusion, reported, thanks
from incident_service.cases.audit import audit
from incident_service.cases.models import Case
from incident_service.demo.people import LATITUDE
from incident_service.foundation.database import db, new_id
from incident_service.points import Reason
from incident_service.reports import Report
from tests.factories import a_picture

NORTH_20_M, NORTH_100_M = LATITUDE + 0.00018, LATITUDE + 0.0009


@pytest.fixture(autouse=True)
def nothing_is_wrong_afterwards(app):
    yield
    faults = []
    audit(faults.append)
    assert [(each.number, each.says.in_language("en")) for each in faults] == []


@pytest.fixture
def first(town, phone_of, run_jobs) -> str:
    """The number of the first resident's case."""
    number = phone_of(town.resident).report(description="一辆白色轿车").json["case_number"]
    run_jobs()
    return number


def close(number, town, phone_of, run_jobs):
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    assert phone_of(town.desk).post(f"/cases/{number}/closure", {}).status_code == 200
    run_jobs()


def received(account) -> int:
    balance = points.of(account.id)
    return balance.balance + balance.pending


def found_by(phone, q: str) -> list[str]:
    return [each["number"] for each in phone.get(f"/cases?q={quote(q)}").json["items"]]


@pytest.mark.parametrize("ask", [
    lambda case: reported.REPORTS.ask(case_id=case.id), lambda case: thanks.ROLES.ask(case_id=case.id),
    lambda case: collusion.ask_lately_ahead(case).rows], ids=["reports", "roles", "lately"])
def test_what_concerns_the_reports_of_a_case_is_found_without_reading_all_there_are(ask, first, app):
    case, asked = db.session.scalars(select(Case).where(Case.number == first)).one(), []
    said = reported.reports_of(case)
    assert [each.case_id for each in said] == [case.id]

    def hear(_connection, _cursor, statement, values, *_):
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    ask(case)
    event.remove(db.engine, "before_cursor_execute", hear)
    (statement, values), connection = asked[0], db.session.connection()
    others = [new_id() for _ in range(3_000)]                                       # else any way is as short
    for table, same, name in ((Case.__table__, case, "id"), (Report.__table__, said[0], "case_id")):
        row = {column.key: getattr(same, column.key) for column in table.columns if column.computed is None}
        connection.execute(table.insert(), [
            row | {"id": new_id(), name: id} | ({"number": id.hex} if "number" in row else {}) for id in others])
    connection.exec_driver_sql("ANALYZE")
    driver = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        rows = RawCursor(driver).execute(f"EXPLAIN {statement}", values)
    else:
        rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    plan = [row[-1] for row in rows]
    assert any("ix_report_case" in line for line in plan), plan
    db.session.rollback()


def told(phone) -> list[str]:
    return [each["kind"] for each in phone.get("/me/notifications").json["items"]]


def test_a_second_resident_joins_the_live_case_and_follows_it(first, town, phone_of, run_jobs):
    neighbour = phone_of(town.neighbour)
    said = neighbour.report(description="消防通道有车")
    assert said.status_code == 201
    assert (said.json["case_number"], said.json["merged_into_existing"]) == (first, True)
    run_jobs()
    assert db.session.scalars(select(Case.number)).all() == [first]
    assert told(phone_of(town.officer)) == ["joined", "dispatch"]
    case = phone_of(town.desk).get(f"/cases/{first}").json
    assert len({each["reporter"] for each in case["reports"]}) == 2
    assert len(case["photos"]["before"]) == 2
    close(first, town, phone_of, run_jobs)
    mine = neighbour.get("/reports").json["items"][0]
    assert (mine["status"], mine["progress"][-1]["text"]) == ("closed", "已结案")
    assert received(town.resident) == 10
    assert received(town.neighbour) == points.worth(Reason.JOINED_REPORT, "fire_lane", "occupied").points > 0


def test_nobody_sees_the_pictures_or_words_of_another_who_reported_the_same(first, town, phone_of, run_jobs):
    resident, neighbour = phone_of(town.resident), phone_of(town.neighbour)
    neighbour.report(description="我家窗下")
    resident.post(f"/cases/{first}/comments", {"text": "我住三楼"})
    run_jobs()
    theirs = resident.get("/reports").json["items"][0]
    mine = neighbour.get("/reports").json["items"][0]
    assert len(theirs["photos"]) == len(mine["photos"]) == 1
    assert theirs["photos"][0]["id"] != mine["photos"][0]["id"]
    assert neighbour.get(f"/photos/{theirs['photos'][0]['id']}/thumb").status_code == 404
    assert "三楼" not in str(mine) and "窗下" not in str(theirs) and "您补充：我住三楼" in str(theirs)
    phone_of(town.officer).send(f"/cases/{first}/rectification", {}, [a_picture()])
    run_jobs()
    assert resident.get(f"/cases/{first}/side-by-side.jpg").status_code == 200
    assert neighbour.get(f"/cases/{first}/side-by-side.jpg").status_code == 404


def test_nobody_joins_their_own_case_and_nobody_a_closed_one(first, town, phone_of, run_jobs):
    assert phone_of(town.resident).report().json["case_number"] != first
    run_jobs()
    close(first, town, phone_of, run_jobs)
    said = phone_of(town.neighbour).report(description="又有一辆")
    assert said.json["case_number"] != first


@pytest.mark.parametrize(("words", "joins"), [("赣A12345", True), ("赣A54321", False)])
def test_a_plate_decides_more_than_the_place(town, phone_of, run_jobs, words, joins):
    number = phone_of(town.resident).report(description="赣A·12345 挡道").json["case_number"]
    run_jobs()
    said = phone_of(town.neighbour).report(description=words, latitude=NORTH_20_M).json
    assert (said["case_number"] == number) is joins


def test_what_is_likely_the_same_is_laid_before_the_desk(first, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    said = phone_of(town.neighbour).report(latitude=NORTH_20_M).json
    run_jobs()
    assert said["case_number"] != first and said["merged_into_existing"] is False
    assert told(desk) == ["maybe_duplicate"]
    (found,) = desk.get(f"/cases/{said['case_number']}/duplicates").json["items"]
    assert (found["number"], found["likeness"]) == (first, "likely")
    assert found["distance_m"] == pytest.approx(20, abs=0.5)
    assert phone_of(town.neighbour).report(latitude=NORTH_100_M).json["merged_into_existing"] is False
    assert told(desk) == ["maybe_duplicate"]


@pytest.fixture
def merged(first, town, phone_of, run_jobs) -> str:
    """The number of the second resident's case, which a desk has merged into the first one's."""
    number = phone_of(town.neighbour).report(latitude=NORTH_20_M).json["case_number"]
    run_jobs()
    answer = phone_of(town.desk).post(f"/cases/{number}/merge", {"into": first, "note": "同一辆车"})
    assert answer.status_code == 200, answer.json
    assert (answer.json["status"], answer.json["merged_into"]) == ("merged", first)
    return number


def test_a_merged_case_goes_on_in_the_other_one(merged, first, town, phone_of, run_jobs):
    neighbour = phone_of(town.neighbour)
    report = neighbour.get("/reports").json["items"][0]
    assert (report["case_number"], report["status"], report["merged_into_existing"]) == (first, "dispatched", True)
    assert phone_of(town.desk).get(f"/cases/{first}").json["merged"] == [merged]
    assert "joined" in told(neighbour)
    assert neighbour.post(f"/cases/{first}/comments", {"text": "还在"}).status_code == 201
    close(first, town, phone_of, run_jobs)
    assert neighbour.get("/reports").json["items"][0]["progress"][-1]["text"] == "已结案"
    assert received(town.neighbour) == points.worth(Reason.JOINED_REPORT, "fire_lane", "occupied").points
    assert phone_of(town.officer).post(f"/cases/{merged}/acceptance").status_code == 409


def test_unmerging_restores_everything(merged, first, town, phone_of):
    desk = phone_of(town.desk)
    answer = desk.post(f"/cases/{merged}/unmerging", {"note": "是两辆车"})
    assert (answer.status_code, answer.json["status"], answer.json["merged_into"]) == (200, "dispatched", None)
    assert [each["rectified_at"] for each in answer.json["dispatches"]] == [None, None]
    report = phone_of(town.neighbour).get("/reports").json["items"][0]
    assert (report["case_number"], report["status"], report["merged_into_existing"]) == (merged, "dispatched", False)
    assert phone_of(town.officer).post(f"/cases/{merged}/acceptance").status_code == 200
    assert desk.get(f"/cases/{first}").json["merged"] == []


def test_a_merge_stands_once_the_other_case_has_ended(merged, first, town, phone_of, run_jobs):
    close(first, town, phone_of, run_jobs)
    answer = phone_of(town.desk).post(f"/cases/{merged}/unmerging", {"note": "是两辆车"})
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/case-merge-stands")


def test_merging_twice_changes_nothing_and_no_case_goes_into_itself(merged, first, town, phone_of):
    desk = phone_of(town.desk)
    again = desk.post(f"/cases/{merged}/merge", {"into": first})
    assert again.status_code == 200 and again.json["status"] == "merged"
    itself = desk.post(f"/cases/{first}/merge", {"into": first})
    assert (itself.status_code, itself.json["errors"][0]["pointer"]) == (422, "#/into")
    round_about = desk.post(f"/cases/{first}/merge", {"into": merged})
    assert (round_about.status_code, round_about.json["type"]) == (409, "/problems/case-wrong-turn")


def test_a_case_that_waits_is_dispatched_after_it_was_unmerged(first, town, phone_of, run_jobs):
    number = phone_of(town.neighbour).report(latitude=NORTH_20_M).json["case_number"]
    desk = phone_of(town.desk)
    desk.post(f"/cases/{number}/merge", {"into": first})
    run_jobs()
    assert desk.post(f"/cases/{number}/unmerging", {"note": "不是"}).json["status"] == "dispatching"
    run_jobs()
    assert desk.get(f"/cases/{number}").json["status"] == "dispatched"


def test_a_report_that_joined_wrongly_gets_a_case_of_its_own_and_loses_nothing(first, town, phone_of, run_jobs):
    desk, neighbour = phone_of(town.desk), phone_of(town.neighbour)
    said = neighbour.report(description="是一堆纸箱", address="3 栋东侧").json
    run_jobs()
    answer = desk.post(f"/cases/{first}/reports/{said['id']}/separation", {"note": "是另一件事"})
    assert answer.status_code == 201, answer.json
    run_jobs()
    mine = neighbour.get("/reports").json["items"][0]
    assert (mine["case_number"], mine["status"], mine["merged_into_existing"]) == (
        answer.json["number"], "dispatched", False)
    assert [each["id"] for each in mine["photos"]] == [each["id"] for each in said["photos"]]
    new = desk.get(f"/cases/{answer.json['number']}").json
    assert found_by(desk, "纸箱") == found_by(desk, "3 栋东侧") == [new["number"]]
    assert found_by(desk, "白色轿车") == [first]
    assert (new["opened_at"], new["address"], len(new["photos"]["before"])) == (said["received_at"], "3 栋东侧", 1)
    assert len(desk.get(f"/cases/{first}").json["photos"]["before"]) == 1
    close(first, town, phone_of, run_jobs)
    assert received(town.neighbour) == 0


def test_the_first_report_stays_and_nobody_else_s_report_is_moved(first, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    id = phone_of(town.resident).get("/reports").json["items"][0]["id"]
    answer = desk.post(f"/cases/{first}/reports/{id}/separation", {"note": "是另一件事"})
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/case-first-report")
    other = phone_of(town.neighbour).report(latitude=NORTH_20_M).json["id"]
    assert desk.post(f"/cases/{first}/reports/{other}/separation", {"note": "是另一件事"}).status_code == 404
    run_jobs()


def test_who_joins_stands_in_the_history_under_a_pseudonym(town, phone_of):
    number = phone_of(town.resident).report().json["case_number"]
    assert phone_of(town.neighbour).report().json["case_number"] == number
    history = phone_of(town.desk).get(f"/cases/{number}/events")
    assert [each["move"] for each in history.json["items"]] == ["report", "join"]
    assert town.neighbour.name not in history.text and history.json["items"][1]["by"]


def test_whoever_left_a_case_stays_a_pseudonym_in_all_they_did_there(first, town, phone_of, run_jobs):
    desk, neighbour = phone_of(town.desk), phone_of(town.neighbour)
    said = neighbour.report(description="消防通道有车").json
    run_jobs()
    close(first, town, phone_of, run_jobs)
    neighbour.post(f"/cases/{first}/satisfaction", {"solved": False, "satisfied": False})
    assert neighbour.send(f"/cases/{first}/reopening", {"reason": "not_solved"}, [a_picture()]).status_code == 200
    run_jobs()
    assert desk.post(f"/cases/{first}/reports/{said['id']}/separation", {"note": "是另一件事"}).status_code == 201
    run_jobs()
    lines = {each["move"]: each["by"] for each in desk.get(f"/cases/{first}/events").json["items"]}
    assert all(lines[move].startswith("居民-") for move in ("join", "answer", "reopen"))
    assert town.neighbour.name not in str(lines)
