"""A list as a file: the list's own filters and order, harmless cells, and nobody's name."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from incident_service import cases, exports
from incident_service.accounts import Role
from incident_service.cases import finding
from incident_service.exports.models import Export, ExportPart
from incident_service.foundation import clock, sheets
from incident_service.foundation.database import db
from incident_service.foundation.problems import Unavailable
from tests.cases.buttons import all_at_once
from tests.factories import an_account

EVIL = "=HYPERLINK(\"http://a.invalid\",\"@\")"


@pytest.fixture
def numbers(town, phone_of, run_jobs):
    phone = phone_of(town.resident)
    found = [phone.report(category="other", address=address).json["case_number"] for address in (EVIL, "幸福路12号")]
    run_jobs()
    return found


def lines(answer):
    return answer.data.decode("utf-8-sig").splitlines()


def test_both_kinds_hold_the_list_newest_first(numbers, town, phone_of):
    phone = phone_of(town.desk)
    assert [line.split(",")[0] for line in lines(phone.get("/cases/list.csv"))] == ["案卷编号", *numbers[::-1]]
    page = load_workbook(BytesIO(phone.get("/cases/list.xlsx").data)).active
    assert [row[0].value for row in page.iter_rows()] == ["案卷编号", *numbers[::-1]]
    assert [cell.data_type for cell in page["E"]] == ["s", "s", "s"]
    assert page["E3"].value == EVIL


def test_a_formula_is_harmless_and_no_reporter_is_named(numbers, town, phone_of):
    text = phone_of(town.desk).get("/cases/list.csv").data.decode()
    assert "'=HYPERLINK" in text
    assert town.resident.name not in text and town.resident.phone not in text


def test_filters_and_sight_are_those_of_the_list(numbers, town, phone_of):
    assert len(lines(phone_of(town.desk).get("/cases/list.csv?q=幸福"))) == 2
    assert len(lines(phone_of(town.desk).get("/cases/list.csv?status=closed"))) == 1
    assert len(lines(phone_of(an_account(Role.DESK, "360199")).get("/cases/list.csv"))) == 1
    assert lines(phone_of(town.desk).get("/cases/list.csv", **{"Accept-Language": "en"}))[0].startswith("Number,Status")


@pytest.fixture
def long_lists(app):
    """A city in which two cases are a long list."""
    app.config["EXPORT_ROWS_AT_ONCE_MAX"] = 1
    yield
    app.config["EXPORT_ROWS_AT_ONCE_MAX"] = 2_000


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_longer_list_is_made_by_a_worker_and_fetched_by_who_asked_alone(
        long_lists, numbers, town, phone_of, run_jobs, format):
    desk = phone_of(town.desk)
    asked = desk.get(f"/cases/list.{format}?opened_from=2020-01-01T00:00:00Z&near=115.93,28.69,2000")
    assert (asked.status_code, asked.json["state"], asked.json["file_url"]) == (202, "waiting", None)
    status = asked.headers["Location"].removeprefix("/api/v1")
    assert desk.get(f"{status}/file").json["type"] == "/problems/export-not-ready"
    assert desk.get(f"/cases/list.{format}?opened_from=2020-01-01T00:00:00Z&near=115.93,28.69,2000"
                    ).json["id"] == asked.json["id"]
    run_jobs()
    ready = desk.get(status).json
    assert (ready["state"], ready["done"], ready["total"]) == ("ready", 2, 2)
    file = desk.get(f"{status}/file")
    assert (len(file.data), file.headers["Content-Length"]) == (ready["byte_count"], str(ready["byte_count"]))
    rows = ([row[0].value for row in load_workbook(BytesIO(file.data)).active.iter_rows()] if format == "xlsx"
            else [line.split(",")[0] for line in lines(file)])
    assert rows == ["案卷编号", *numbers[::-1]]
    told = desk.get("/me/notifications").json["items"][0]
    assert told["kind"] == "export_ready"
    assert told["link"] == ready["file_url"]
    for other in (town.manager, town.supervisor):
        assert phone_of(other).get(status).status_code == 404
        assert phone_of(other).get(f"{status}/file").status_code == 404
    assert [each["id"] for each in desk.get("/exports").json["items"]] == [ready["id"]]


def test_it_speaks_the_language_and_has_the_sight_of_whoever_asked(long_lists, numbers, town, phone_of, run_jobs):
    english = phone_of(town.desk)
    asked = english.get("/cases/list.csv?q=幸福", **{"Accept-Language": "en"})
    assert asked.status_code == 200                                         # one case is no long list
    asked = english.get("/cases/list.csv", **{"Accept-Language": "en"})
    admin = phone_of(an_account(Role.ADMIN))
    admin.post(f"/people/{town.desk.id}", {"roles": [{"role": "desk", "area": "360111002"}]}, method="PATCH")
    run_jobs()
    [line] = lines(english.get(asked.json["status_url"].removeprefix("/api/v1") + "/file"))
    assert line.startswith("Number,Status")


def test_whoever_lost_a_role_since_does_not_fetch_it_and_asks_anew(long_lists, numbers, town, phone_of, run_jobs):
    desk, admin = phone_of(town.desk), phone_of(an_account(Role.ADMIN))
    first = desk.get("/cases/list.csv").json
    run_jobs()
    way = f"/exports/{first['id']}"

    def serves(*areas: str) -> None:
        roles = [{"role": "desk", "area": each} for each in areas]
        assert admin.post(f"/people/{town.desk.id}", {"roles": roles}, method="PATCH").status_code == 200

    serves("360111002")
    refused = desk.get(f"{way}/file")
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/export-beyond-reach")
    serves("360111002", town.street)
    assert desk.get(f"{way}/file").status_code == 200                       # all that it was made by is held again
    assert desk.get("/cases/list.csv").json["id"] != first["id"]            # and with more roles it would hold more


@pytest.fixture
def serves(town, phone_of):
    """Give the desk other areas."""
    admin = phone_of(an_account(Role.ADMIN))

    def serves(*areas: str) -> None:
        roles = [{"role": "desk", "area": each} for each in areas]
        assert admin.post(f"/people/{town.desk.id}", {"roles": roles}, method="PATCH").status_code == 200

    return serves


def test_a_file_holds_what_the_roles_at_its_beginning_show_whatever_they_become_meanwhile(
        long_lists, numbers, town, phone_of, serves, monkeypatch):
    """Roles that grow show no more of it, roles that end take it away, and a try that overtakes another is its own."""
    desk, page = phone_of(town.desk), finding.page_of_cases
    before = [held.area_code for held in town.desk.roles]

    def changing(*areas):
        def page_of_cases(**how):
            with monkeypatch.context() as for_now:
                for_now.setattr(finding, "page_of_cases", page)
                serves(*areas)
                db.session.expire_all()
                return page(**how)
        return page_of_cases

    for areas, status in (((*before, "360111002"), 200), (("360111002",), 403)):
        asked = desk.get("/cases/list.csv").json["id"]
        with monkeypatch.context() as for_now:
            for_now.setattr(finding, "page_of_cases", changing(*areas))
            cases.write_list(UUID(asked))
        assert desk.get(f"/exports/{asked}/file").status_code == status
        serves(*before)
        assert len(lines(desk.get(f"/exports/{asked}/file"))) == 3
        desk.post(f"/exports/{asked}", method="DELETE")


def test_a_try_that_is_overtaken_by_one_with_other_roles_keeps_its_own(long_lists, numbers, town, phone_of, serves):
    desk = phone_of(town.desk)
    asked = desk.get("/cases/list.csv").json["id"]

    def first(found, by, path, progress):
        serves("360111002")

        def second(*_):
            raise Unavailable()

        with pytest.raises(Unavailable):
            exports.fill(found.id, second)
        return path.write_bytes(b"seen by the desk of the city")

    exports.fill(UUID(asked), first)
    assert desk.get(f"/exports/{asked}/file").json["type"] == "/problems/export-beyond-reach"


def test_a_list_of_which_nobody_knows_by_which_roles_it_was_made_is_asked_for_anew(
        long_lists, numbers, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    asked = desk.get("/cases/list.csv").json["id"]
    run_jobs()
    db.session.execute(update(Export).values(scope=""))
    db.session.commit()
    assert desk.get(f"/exports/{asked}/file").json["type"] == "/problems/export-beyond-reach"
    assert desk.get("/cases/list.csv").json["id"] != asked


def test_one_does_without_a_file_and_it_is_made_anew(long_lists, numbers, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    first = desk.get("/cases/list.csv").json["id"]
    assert phone_of(town.supervisor).post(f"/exports/{first}", method="DELETE").status_code == 404
    assert desk.post(f"/exports/{first}", method="DELETE").status_code == 204
    assert desk.post(f"/exports/{first}", method="DELETE").status_code == 404
    run_jobs()                                                              # its promise finds nothing to do
    second = desk.get("/cases/list.csv").json["id"]
    run_jobs()
    assert second != first
    assert len(lines(desk.get(f"/exports/{second}/file"))) == 3


def test_a_file_that_is_forgotten_while_it_is_made_leaves_nothing(long_lists, numbers, town, phone_of):
    desk = phone_of(town.desk)
    asked = desk.get("/cases/list.csv").json["id"]

    def forgotten(found, by, path, progress):
        exports.forget(found.id, by=town.desk)
        return path.write_bytes(b"for nobody")

    exports.fill(UUID(asked), forgotten)
    assert db.session.scalar(select(func.count()).select_from(ExportPart)) == 0


def test_the_same_asked_for_by_many_at_once_is_one_file(app, town, phone_of):
    answers = all_at_once(app, [(phone_of(town.resident), "/me/export", {})] * 6)
    assert {status for _, status, _ in answers} == {202}
    assert len({body["id"] for _, _, body in answers}) == 1


def test_a_file_is_made_once_whoever_tries_and_expires(app, long_lists, numbers, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    asked = desk.get("/cases/list.csv").json
    for _ in range(2):
        cases.write_list(UUID(asked["id"]))
    assert db.session.scalar(select(func.count()).select_from(ExportPart)) == 1
    run_jobs()
    assert len([each for each in desk.get("/me/notifications").json["items"] if each["kind"] == "export_ready"]) == 1
    assert exports.sweep() == 0
    with clock.stopped(clock.now() + app.config["EXPORT_KEEP"] + timedelta(minutes=1)):
        assert phone_of(town.desk).get(asked["status_url"].removeprefix("/api/v1")).status_code == 404
        assert exports.sweep() == 1
    assert db.session.scalar(select(func.count()).select_from(ExportPart)) == 0


def test_a_slower_try_that_overlaps_spoils_nothing(long_lists, numbers, town, phone_of):
    asked = phone_of(town.desk).get("/cases/list.csv").json

    def slowly(found, by, path, progress):
        cases.write_list(found.id)                                          # somebody else is quicker
        return path.write_bytes(b"late")

    exports.fill(UUID(asked["id"]), slowly)
    file = phone_of(town.desk).get(f"/exports/{asked['id']}/file")
    assert len(lines(file)) == 3
    assert db.session.scalar(select(func.count()).select_from(ExportPart)) == 1


def test_what_a_crash_left_half_made_is_made_anew(long_lists, numbers, town, phone_of, run_jobs):
    asked = phone_of(town.desk).get("/cases/list.csv").json

    def crash(found, by, path, progress):
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        exports.fill(UUID(asked["id"]), crash)
    assert phone_of(town.desk).get(f"/exports/{asked['id']}").json["state"] == "working"
    run_jobs()
    assert phone_of(town.desk).get(f"/exports/{asked['id']}").json["state"] == "ready"


def test_nobody_has_more_than_a_few_files_at_a_time(app, long_lists, numbers, town, phone_of):
    desk = phone_of(town.desk)
    answers = [desk.get(f"/cases/list.csv?opened_from=20{year}-01-01T00:00:00Z").status_code for year in range(10, 16)]
    assert answers == [202] * app.config["EXPORTS_MAX"] + [429]


def test_a_list_longer_than_a_sheet_goes_on_in_another(long_lists, numbers, town, phone_of, run_jobs, monkeypatch):
    monkeypatch.setattr(sheets, "ROWS_MAX", 1)
    desk = phone_of(town.desk)
    asked = desk.get("/cases/list.xlsx").json
    run_jobs()
    assert desk.get(f"/exports/{asked['id']}").json["state"] == "ready"
    book = load_workbook(BytesIO(desk.get(f"/exports/{asked['id']}/file").data))
    assert [page["A2"].value for page in book] == numbers[::-1]
