"""Lists and searches find what is asked for, newest first, page by page, and nothing the caller may not see."""

from datetime import timedelta
from itertools import pairwise, product
from random import Random
from urllib.parse import quote

import pytest
from sqlalchemy import select

from incident_service.accounts import Role
from incident_service.cases import Case, Dispatch, access, finding, search, sight, words
from incident_service.cases.search import TooLittleSaid
from incident_service.cases.wording import phrases_of, tokens_of
from incident_service.cases.words import CaseWords
from incident_service.cases.workflow import ENDED, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from tests.factories import CITY, an_account

A_PAGE = 17                                             # ends amid the seven cases of one moment
ADDRESSES = ("幸福路12号", "Sunshine Garden, gate 3", "赣A12345旁", "消防通道口")


def ask(by, **filters):
    return finding.page_of_cases(by=by, **{"limit": 50, "cursor": "", "sort": "newest"} | filters)


def numbers(by, **filters):
    return [case.number for case in ask(by, **filters).items]


def a_dispatch(case, by, round, *, ended):
    """A case given to `by`, and theirs unless that `ended`."""
    return Dispatch(case_id=case.id, round=round, part=by.name, role="grid_manager", area_code="", explanation={},
                    responder_id=by.id, opened_at=case.opened_at, block=case.block, pushed_at=case.opened_at,
                    ended_at=clock.now() if ended else None,
                    case_ended_at=clock.now() if case.status in ENDED else None)


def all_pages(by, **filters):
    """The numbers on all pages of a list, one after the other."""
    found, cursor = [], ""
    while cursor is not None:
        page = ask(by, limit=A_PAGE, cursor=cursor, **filters)
        found += [case.number for case in page.items]
        cursor = page.next_cursor
    return found


@pytest.fixture
def some(town):
    """Three hundred cases all over the city, several opened at the same moment."""
    chance, made = Random(5), []
    grids = [town.grid, f"{town.grid[:12]}999", f"{town.street}999001", f"{town.grid[:6]}999001001", CITY, None]
    with transaction():
        for n in range(300):
            case = Case(id=new_id(), number=f"20261101-{n:08}", status=chance.choice(list(Status)),
                        category=chance.choice(["fire_lane", "other"]), condition="x",
                        longitude=115.93 + chance.random() / 50, latitude=28.69 + chance.random() / 50,
                        address=chance.choice(ADDRESSES), area_code=chance.choice(grids),
                        beat_code=chance.choice([town.beat, None]), opened_at=clock.now() - timedelta(hours=n // 7))
            db.session.add(case)
            made.append(case)
        db.session.flush()
        db.session.add_all(a_dispatch(case, by, n, ended=chance.random() < 0.3)
                           for case in made[::5] for by in (town.manager, town.officer) for n in (1, 2))
        given = {case.id: {town.manager.id, town.officer.id} for case in made[::5]}
        words.write_new((case.id, case.opened_at, (case.number, case.address),
                         sight.of_case(case, given.get(case.id, ()))) for case in made)
    return made


def expected(by, some, keep):
    seen = set(db.session.scalars(select(Case.id).where(access.visible_to(by))))
    return {case.number for case in some if case.id in seen and keep(case)}


WANTED = {
    "all": ({}, lambda case: True),
    "status": ({"status": "rectified"}, lambda case: case.status == "rectified"),
    "closed": ({"status": "closed"}, lambda case: case.status == "closed"),
    "open": ({"open": True}, lambda case: case.status not in ("closed", "void", "merged")),
    "not open": ({"open": False}, lambda case: case.status in ("closed", "void", "merged")),
    "category": ({"category": "other"}, lambda case: case.category == "other"),
    "both": ({"category": "other", "status": "accepted"},
             lambda case: case.category == "other" and case.status == "accepted"),
    "Chinese": ({"q": "消防"}, lambda case: "消防" in case.address),
    "Chinese and category": ({"q": "幸福路12", "category": "other"},
                             lambda case: "幸福路12" in case.address and case.category == "other"),
    "English": ({"q": "sunshine GATE"}, lambda case: "Sunshine" in case.address),
    "beginning of a word": ({"q": "sunsh"}, lambda case: "Sunshine" in case.address),
    "plate": ({"q": "赣a12345"}, lambda case: "赣A" in case.address),
    "number": ({"q": "20261101-00000007"}, lambda case: case.number.endswith("00000007")),
    "nothing": ({"q": "通道消防"}, lambda case: False),
}


def test_every_role_finds_what_it_may_see_and_no_more(some, town, subtests):
    for wanted, (filters, keep) in WANTED.items():
        for by in (town.manager, town.officer, town.desk, town.supervisor, town.resident):
            with subtests.test(wanted, by=by.name):
                found, cursor = [], ""
                while cursor is not None:
                    page = ask(by, limit=A_PAGE, cursor=cursor, **filters)
                    found += [(case.opened_at, case.number) for case in page.items]
                    cursor = page.next_cursor
                assert {number for _, number in found} == expected(by, some, keep)
                assert len(found) == len({number for _, number in found})
                assert all(later[0] <= sooner[0] for sooner, later in pairwise(found))


def test_a_responder_lists_what_they_hold(some, town):
    for by, open in product((town.manager, town.officer), (True, False, None)):
        holds = set(db.session.scalars(select(Dispatch.case_id).where(
            Dispatch.responder_id == by.id, Dispatch.ended_at.is_(None))))
        wanted = [case.number for case in some if case.id in holds and open in (None, case.status not in ENDED)]
        assert len(wanted) > 5
        assert sorted(all_pages(by, responder="me", open=open)) == sorted(wanted), (by.name, open)


WAYS = {"all hits": 10**9, "the words and the cases": -1}


@pytest.mark.parametrize("way", WAYS)
def test_words_are_found_on_every_way(some, town, way, monkeypatch):
    for name in ("MANY", "SOME", "WORDS_WORTH", "CASES_WORTH"):
        monkeypatch.setattr(search, name, WAYS[way])
    for by in (town.manager, town.officer, town.desk, town.supervisor, an_account(Role.SUPERVISOR, town.grid[:6])):
        for filters in ({"q": "消防"}, {"q": "幸福路12号"}, {"q": "sunsh gate"}, {"q": "消防", "status": "closed"},
                        {"q": "消防", "area": town.grid}, {"q": "消防", "area": town.beat},
                        {"q": "消防", "responder": "me"}, {"q": "消防", "responder": "me", "area": town.street}):
            holds = set(db.session.scalars(select(Dispatch.case_id).where(
                Dispatch.responder_id == by.id, Dispatch.ended_at.is_(None))))
            inside = set(db.session.scalars(select(Case.id).where(access.within(filters.get("area", CITY)))))
            wanted = expected(by, some, lambda case, f=filters, holds=holds, inside=inside: (
                all(part in case.address.lower() for part in f["q"].split()) and case.id in inside
                and f.get("status") in (None, case.status) and ("responder" not in f or case.id in holds)))
            for sort in ("newest", "oldest"):
                found = all_pages(by, sort=sort, **filters)
                assert sorted(found) == sorted(wanted), (by.name, filters, sort)


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_more_cases_of_one_moment_than_it_has_places_for_are_all_found(some, town, sort, monkeypatch):
    monkeypatch.setattr(words, "SLOTS", 2)
    moment = clock.now() - timedelta(days=400)
    with transaction():
        same = [Case(id=new_id(), number=f"20251001-{n:08}", status=Status.CLOSED, category="other", condition="x",
                     longitude=115.93, latitude=28.69, address="", area_code=town.grid, opened_at=moment)
                for n in range(20)]
        db.session.add_all(same)
        db.session.flush()
        words.write_new((case.id, moment, ("菱角塘",), sight.of_case(case)) for case in same)
    monkeypatch.setattr(search, "MANY", 0)
    assert sorted(all_pages(town.desk, q="菱角塘", sort=sort)) == [case.number for case in same]


HERE = (115.94, 28.70)
RADII_M = (60, 390, 900, 2_500, 4_000)


def lying_near(metres):
    return {case.number for case in db.session.scalars(select(Case).where(finding.near(*HERE, metres)))}


def test_near_a_point_by_any_size_of_squares(some, town):
    asked = [{}, {"open": True}, {"status": "rectified"}, {"status": "closed"}, {"category": "other"},
             {"area": town.grid}, {"area": town.grid[:6]}, {"area": CITY}]
    for metres in RADII_M:
        near = lying_near(metres)
        for by, filters in product((town.supervisor, town.desk, town.manager, town.officer), asked):
            else_wanted = set(numbers(by, limit=300, **filters))
            seen = expected(by, some, lambda case, near=near, wanted=else_wanted: case.number in near & wanted)
            assert set(all_pages(by, near=(*HERE, metres), **filters)) == seen, (by.name, metres, filters)
        both = {case.number for case in some if case.number in near and "消防" in case.address}
        assert set(numbers(town.supervisor, near=(*HERE, metres), q="消防", limit=300)) == both


def test_only_who_sees_the_city_walks_all_that_lies_around(town):
    def walks_squares(by, **filters):
        scans = finding._scans(by, near=(*HERE, 2_000), **filters)
        return any("case_file.block = " in str(scan.rows) for scan in scans)

    for area, is_open in product((None, CITY, town.street), (None, True)):
        assert walks_squares(town.supervisor, area=area, open=is_open) == (area != town.street and not is_open)
        for by in (town.desk, town.manager, town.officer):
            assert not walks_squares(by, area=area, open=is_open)


@pytest.mark.parametrize("here", [(115.93, 89.9), (115.93, 90), (-179.9999, 28)])
@pytest.mark.parametrize("metres", [400, 3_000])
def test_at_the_ends_of_the_earth_nothing_is_near(some, town, here, metres):
    for by, filters in product((town.supervisor, town.desk, town.manager), ({}, {"open": True}, {"responder": "me"})):
        assert numbers(by, near=(*here, metres), **filters) == []


def test_a_responder_finds_near_a_point_what_they_hold(some, town):
    for by, metres, open in product((town.manager, town.officer), RADII_M, (True, False, None)):
        holds = set(db.session.scalars(select(Dispatch.case_id).where(
            Dispatch.responder_id == by.id, Dispatch.ended_at.is_(None))))
        wanted = {case.number for case in some
                  if case.id in holds and open in (None, case.status not in ENDED)} & lying_near(metres)
        assert set(all_pages(by, responder="me", open=open, near=(*HERE, metres))) == wanted, (by.name, metres, open)
    assert wanted


def test_an_area_asked_for_meets_the_areas_that_may_be_seen(some, town):
    for by in (town.manager, town.officer, town.desk, town.supervisor):
        for area in (town.grid, town.grid[:12], town.street, town.grid[:6], CITY, town.beat, "360199"):
            inside = set(db.session.scalars(select(Case.number).where(access.within(area))))
            assert set(numbers(by, area=area, limit=300)) == expected(by, some, lambda _: True) & inside


def test_a_case_that_moves_is_found_where_it_is(some, town):
    with transaction():
        case = db.session.scalars(select(Case).where(Case.area_code == town.grid).limit(1)).one()
        case.area_code, case.longitude, case.latitude = f"{CITY}99999001001", 116.5, 28.1
    assert case.number not in numbers(town.desk, limit=300)
    assert numbers(town.supervisor, near=(116.5, 28.1, 50)) == [case.number]
    assert case.number in numbers(an_account(Role.DESK, f"{CITY}99999"), limit=300)


def test_what_is_written_anew_is_found_by_its_new_words_alone(some, town):
    case = some[0]
    with transaction():
        case.address = "新开的河堤"
        words.write(case)
    assert numbers(town.supervisor, q="河堤") == [case.number]
    with transaction():
        case.address = ""
        words.write(case)
    assert numbers(town.supervisor, q="河堤") == []
    assert "河堤" not in db.session.scalar(select(CaseWords.tokens).where(CaseWords.case_id == case.id))


def test_whom_a_case_is_given_to_stands_among_its_words_once(some):
    first, second, third = (an_account().id for _ in range(3))
    for given in ((second, first), (first, second, third), (third, first)):
        with transaction():
            for each in given:
                words.note_given(some[0].id, each)
    kept = db.session.scalar(select(CaseWords.tokens).where(CaseWords.case_id == some[0].id)).split()
    assert [kept.count(sight.of_person(each)) for each in (first, second, third)] == [1, 1, 1]


def test_only_a_city_leaves_the_search_among_all_words(town):
    person, land = town.manager.id, f"{town.street}Q001"
    given, within = sight.of_person(person), [f"§{town.grid}", f"§{land}"]
    assert sight.clauses([town.grid, land], person, area=None, theirs_alone=False) == [[*within, given]]
    assert sight.clauses([town.grid, CITY], person, area=land, theirs_alone=False) == [[f"§{land}"]]
    assert sight.clauses([town.grid], person, area='no " code', theirs_alone=True) == [[given]]


def test_words_of_a_report_are_found_from_its_first_answer_on(town, phone_of, run_jobs):
    said = phone_of(town.resident).report(description="楼道里拉线给电瓶车充电", address="Lake View 2")
    number = said.json["case_number"]
    phone = phone_of(town.desk)
    for q in ("电瓶", "拉线给电瓶车", "lake view", number):
        assert [each["number"] for each in phone.get(f"/cases?q={quote(q)}").json["items"]] == [number], q
    assert phone_of(an_account(Role.DESK, "360199")).get(f"/cases?q={quote('电瓶')}").json["items"] == []


@pytest.mark.parametrize("q", ["车", "，。", "消防 车"])
def test_too_little_is_refused(town, phone_of, q):
    with pytest.raises(TooLittleSaid):
        ask(town.desk, q=q)


def test_what_means_something_to_a_database_means_nothing_here(some, town, subtests):
    for q in ('"消防', "消防*", "消防' OR 1=1", "NEAR(消防 通道)", "100%_\\", "a:b", "x" * 100, "好的\x00"):
        with subtests.test(q):
            ask(town.desk, q=q)


def test_a_cursor_of_another_list_is_refused(some, town, phone_of):
    phone = phone_of(town.supervisor)
    cursor = phone.get("/cases?limit=1").json["next_cursor"]
    assert phone.get(f"/cases?limit=1&q={quote('消防')}&cursor={cursor}").status_code == 422


def test_tokens_are_pairs_words_and_edges():
    assert tokens_of("车牌赣A12345，坏了") == " 车 车牌 牌赣 赣 a12345 坏 坏了 了 "
    assert phrases_of("赣A12345 坏了") == [["赣", "a12345"], ["坏了"]]
    assert tokens_of("", "，") == ""
