"""Nobody can infer other streets' figures: whatever happens elsewhere, a street's supervisor is told the very same.

Every question is asked over HTTP before and after the rest of the city has cases of every kind; not one byte of an
answer may differ. So it does not matter by which way somebody would try: foreign areas and responders as filters,
higher levels as groups, totals, comparisons, counts of lists, cursors, positions, hexagons at the border, files.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest

from incident_service import accounts, supervision
from incident_service.accounts import Role
from incident_service.cases import Answer, CaseEvent, Move, Status
from incident_service.cases.appeal_models import Appeal, SecondLook
from incident_service.cases.reporters.suspension_models import Misconduct, ReporterSuspension
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.grouping import GroupBy
from tests.factories import Phone, an_account
from tests.supervision.past import GRID, OTHER_GRID, a_past_case, a_supervisor, given
from tests.supervision.test_weekly import MONDAY, WEDNESDAY, subscribed, words_of

STREET, ELSEWHERE, CITY = GRID[:9], OTHER_GRID[:9], "3601"
NOW = MONDAY + timedelta(hours=6)
PERIOD = "from=2026-10-20&to=2026-12-01"
FOREIGN = ("area=3601", "area=360111", f"area={ELSEWHERE}", f"area={OTHER_GRID}", "area=360111J02", "area=360111X01",
           "area=3601999", "category=other", "condition=blocked", "kind=Noise", "role=officer", "hours=0-11",
           "weekdays=1-3", "responder={both}", "responder={foreign}")
QUESTIONS = ("", *FOREIGN, *(f"group_by={each}" for each in GroupBy),
             "group_by=area:street&area=3601", "group_by=responder&category=other")
PAGES = ("", "limit=1", "cursor={cursor}")
LISTS = (*PAGES, f"area={ELSEWHERE}&figure=left_out", "figure=late", "figure=open", "figure=negative_spans&limit=2",
         "group_by=area:street&key=" + ELSEWHERE, "group_by=area:street&key=", "responder={foreign}")
RATE_LISTS = ("rate=closed", "rate=overdue&part=numerator", "rate=reworked@2&area=3601",
              "rate=solved&responder={foreign}")
EVERY_ROUTE = {                                             # what is asked of it
    "response-times": (*QUESTIONS, "compare=yes&group_by=area:district"),
    "cases": LISTS,
    "rates": QUESTIONS[::3],
    "rates/versions": ("",),
    "rates/cases": RATE_LISTS,
    "heatmap": ("", "resolution=5", "resolution=11", f"area={ELSEWHERE}", "responder={foreign}"),
    "recurring-spots": ("", f"area={ELSEWHERE}", "category=other"),
    "export.xlsx": ("group_by=area:street", "area=3601&group_by=responder"),
    "export.csv": QUESTIONS[::4], "export.json": QUESTIONS[1::4],
    "overdue": PAGES, "soon-due": (*PAGES, "minutes=44640"), "unseen": PAGES, "to-and-fro": PAGES,
    "holding": ("",), "backlog": ("",),
    "open-cases": (*PAGES, "status=dispatched&age=older", "responder={both}&unseen=true", "responder={foreign}"),
    "roster-gaps": ("", "limit=1"),
    "appeals": PAGES, "second-looks": PAGES, "reporter-suspensions": (*PAGES, "waiting=true"),
    "weekly-reports": ("",), "weekly-reports/subscription": ("",),
}
OF_NOBODYS_BUT_ONES_OWN = {                                 # one thing by its id: a foreign one is as one that is not
    "weekly-reports/<uuid:id>/report.pdf": ("GET", None, 404),
    "reporter-suspensions/<uuid:id>/decision": ("POST", {"ruling": "lifted", "note": "无"}, 404),
    "reporter-suspensions/<uuid:id>/lifting": ("POST", {"note": "无"}, 404),
}
FOR_EVERYBODY = {"open-data.csv"}                           # `test_out.py` says what it may tell
UNDER = "/api/v1/supervision/"


def test_every_route_is_tried(app):
    known = {rule.rule.removeprefix(UNDER) for rule in app.url_map.iter_rules() if rule.rule.startswith(UNDER)}
    tried = {*EVERY_ROUTE, *OF_NOBODYS_BUT_ONES_OWN, *FOR_EVERYBODY}
    assert known == tried, "each route of supervision says here how it is tried"


def a_day_in(grid: str, beat: str, officer: UUID, *, with_: UUID, start: int) -> list[UUID]:
    """Cases of every kind within a grid, some of them with two officers; the ids of what may be asked for by id."""
    cases = [a_past_case(area=grid, beat=beat, opened=NOW - timedelta(days=day, minutes=start + number),
                         category="fire_lane" if number % 3 else "other", **clocks)
             for number, (day, clocks) in enumerate((
                 (0, {"pushed": 1, "due": 9}), (0, {"pushed": 2, "due": 90_000}), (1, {}),
                 (2, {"pushed": 3, "accepted": 8, "rectified": 50, "closed": 90, "due": 30}),
                 (2, {"pushed": 3, "accepted": 8, "rectified": 20, "closed": 90, "due": 30}),
                 (3, {"closed": 500, "due": 900}), (3, {"pushed": -5, "closed": 7}), (10, {"pushed": 2, "due": 5}),
                 (20, {"pushed": 4, "rectified": 6, "due": 9}), (3, {"pushed": 1}), (3, {"pushed": 1}),
                 (2, {"pushed": 5, "accepted": 6, "rectified": 80, "closed": 99, "due": 30})))]
    for number, case in enumerate(cases):
        if case.pushed_at:
            given(case, officer, accepted=case.accepted_at and 9.0, rectified=case.rectified_at and 40.0)
        if case.pushed_at and number % 2:
            given(case, with_, part="assist")
    with transaction():
        cases[5].original_kind = "Noise"
        cases[9].status, cases[10].status, cases[11].late_excused_at = Status.VOID, Status.MERGED, NOW
        for sequence, (case, move) in enumerate((
                (cases[0], Move.RETURN), (cases[0], Move.TRANSFER), (cases[3], Move.REWORK), (cases[4], Move.EXTEND),
                (cases[4], Move.SUSPEND), (cases[11], Move.REOPEN)), 2):
            db.session.add(CaseEvent(id=new_id(), case_id=case.id, sequence=sequence, at=NOW, move=move, by_id=None,
                                     status_before=Status.DISPATCHED, status_after=Status.DISPATCHED, note="",
                                     details={}))
        reporter = an_account()
        db.session.add_all([
            Answer(id=new_id(), case_id=cases[4].id, round=1, by_id=reporter.id, is_solved=True, is_satisfied=False,
                   note="", answered_at=NOW),
            Appeal(id=new_id(), case_id=cases[3].id, by_id=officer, note="", made_at=NOW),
            SecondLook(id=new_id(), case_id=cases[4].id, round=1, drawn_at=NOW),
            suspension := ReporterSuspension(
                id=new_id(), case_id=cases[9].id, reporter_id=reporter.id, area_code=grid[:9], reason=Misconduct.SPAM,
                note="重复上报", suspended_by_id=with_, begins_at=NOW, appealed_at=NOW, appeal_note="并非重复")])
        return [suspension.id]


@pytest.fixture
def officers(app):
    return {"own": an_account(Role.OFFICER, CITY, kind="traffic", name="交警甲").id,
            "both": an_account(Role.OFFICER, CITY, kind="traffic", name="交警乙").id,
            "foreign": an_account(Role.OFFICER, CITY, kind="traffic", name="交警丙").id}


def elsewhere(officers) -> list[UUID]:
    """The rest of the city: two streets, another district, and places in no area."""
    found = []
    for number, grid in enumerate((OTHER_GRID, "360111003001001", "360112001001001", None)):
        found += a_day_in(grid or "", "360111J02", officers["foreign"], with_=officers["both"], start=7 + number)
        if grid is None:
            with transaction():
                db.session.execute(db.text("UPDATE case_file SET area_code = NULL WHERE area_code = ''"))
    return found


def shown(answer) -> object:
    """An answer without what each one has of its own."""
    if answer.mimetype.endswith("sheet"):
        with ZipFile(BytesIO(answer.data)) as book:
            return {name: book.read(name) for name in book.namelist() if name != "docProps/core.xml"}
    body = re.sub(rb'"instance":"[^"]*"', b"", answer.data)
    return answer.status_code, body, {name: value for name, value in answer.headers if not name.startswith("X-")}


def questions(phone: Phone, officers) -> Iterator[str]:
    """Every question, with the ids in it and a cursor of each list's own."""
    document = phone.client.get("/api/openapi.json").json
    for path, asked in EVERY_ROUTE.items():
        first = phone.get(f"/supervision/{path}?limit=1") if "cursor={cursor}" in asked else None
        cursor = first.json["next_cursor"] if first else None
        for question in asked:
            period = [PERIOD] if "from" in taken_by(document, path) else []
            yield f"/supervision/{path}?" + "&".join([*period, question.format(**officers, cursor=cursor or "")])


def taken_by(document, path: str) -> set[str]:
    """Which parameters a route has, as its document says."""
    return {each["name"] for each in document["paths"][f"{UNDER}{path}"]["get"].get("parameters", [])}


def test_a_street_is_told_the_same_whatever_happens_elsewhere(client, officers):
    with clock.stopped(NOW):
        a_day_in(GRID, "360111J01", officers["own"], with_=officers["both"], start=0)
        phone = Phone(client, a_supervisor(STREET))
        before = {asked: shown(phone.get(asked)) for asked in questions(phone, officers)}
        refused = [asked for asked, answer in before.items() if isinstance(answer, tuple) and answer[0] != 200]
        assert refused == []
        assert Phone(client, a_supervisor(CITY)).get(f"/supervision/cases?{PERIOD}").json["count"] == 10
        elsewhere(officers)
        assert Phone(client, a_supervisor(CITY)).get(f"/supervision/cases?{PERIOD}").json["count"] == 50
        for asked, answer in before.items():
            assert shown(phone.get(asked)) == answer, asked
        assert daybook.fold()
        for asked, answer in before.items():
            if "response-times" in asked:
                assert shown(phone.get(asked)) == answer, asked


def test_what_is_anothers_is_as_if_it_were_not(client, officers):
    with clock.stopped(NOW):
        foreign = elsewhere(officers)
        phone = Phone(client, a_supervisor(STREET))
        for path, (method, body, status) in OF_NOBODYS_BUT_ONES_OWN.items():
            for id in foreign:
                answers = [shown(phone.client.open(f"{UNDER}{path.replace('<uuid:id>', str(each))}", method=method,
                                                   json=body, headers=phone.headers)) for each in (id, uuid4())]
                assert answers[0] == answers[1] and answers[0][0] == status, path


def test_an_officer_of_another_street_is_as_one_who_is_not(client, officers):
    """Not even that somebody serves there can be asked for."""
    with clock.stopped(NOW):
        elsewhere(officers)
        phone, nobody = Phone(client, a_supervisor(STREET)), str(uuid4())
        for path in ("response-times", "cases", "rates", "heatmap", "recurring-spots", "export.csv", "export.json"):
            answers = [phone.get(f"/supervision/{path}?{PERIOD}&responder={each}").get_data(as_text=True).replace(
                str(each), "…") for each in (officers["foreign"], nobody)]
            assert answers[0] == answers[1], path


def test_what_an_officer_is_told_of_themselves_says_nothing_of_others(client, officers):
    asked = [f"/me/figures{path}?{PERIOD}&{question}" for path in ("", "/cases") for question in (
        "", *(f"group_by={each}" for each in GroupBy), f"responder={officers['foreign']}", "area=3601",
        f"group_by=responder&key={officers['foreign']}"[: None if path else -41])]
    with clock.stopped(NOW):
        a_day_in(GRID, "360111J01", officers["own"], with_=officers["both"], start=0)
        phone = Phone(client, accounts.find(officers["own"]))
        before = {each: shown(phone.get(each)) for each in asked}
        assert phone.get(f"/me/figures?{PERIOD}").json["total"]["cases"] == 8
        elsewhere(officers | {"both": officers["foreign"], "foreign": officers["both"]})
        assert {each: shown(phone.get(each)) for each in asked} == before


def test_a_streets_weekly_report_says_nothing_of_others(client, officers, run_jobs):
    texts = []
    for makes_elsewhere in (False, True):
        if not makes_elsewhere:
            with clock.stopped(WEDNESDAY):
                a_day_in(GRID, "360111J01", officers["own"], with_=officers["both"], start=0)
        else:
            elsewhere(officers)
        person = subscribed(client, STREET)
        with clock.stopped(MONDAY):
            supervision.owe_weekly_reports(), run_jobs()
            phone = Phone(client, person)
            texts.append(words_of(phone, phone.get("/supervision/weekly-reports").json["items"][0]["url"]))
    assert texts[0] == texts[1]
