"""`flask cases import FILE` takes past cases over, names what is odd, and can be repeated."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from incident_service.cases import Case, CaseEvent, Status
from incident_service.cases.commands import cases_commands
from incident_service.foundation.database import db
from tests.cases.boston import CSV, JSON, import_boston, needs_real_data, rows

HEADER = "case_id,type,opened,target,closed,lat,lon\n"


@pytest.fixture
def run(app):
    """Run a command of this room; its lines, and its exit code last."""
    def command(*words):
        db.session.commit()
        result = app.test_cli_runner().invoke(cases_commands, [*map(str, words), "--language", "en"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        db.session.expire_all()
        return [*result.stdout.splitlines(), result.exit_code]

    return command


@pytest.fixture
def a_file(tmp_path):
    """A CSV file with these rows under Boston's header."""
    def make(*rows: str, name: str = "history.csv") -> Path:
        path = tmp_path / name
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return make


def stored():
    return {case.external_id: case for case in db.session.scalars(select(Case))}


@needs_real_data
def test_both_real_files_come_in_with_one_command_each_and_pass_the_audit(app, run):
    import_boston()
    *odd, summary, code = run("import", CSV)
    assert (code, len(odd)) == (0, sum(bool(row["closed"]) and row["closed"] < row["opened"] for row in rows()))
    assert "3000 added" in summary and "America/New_York" in summary
    assert "278 added" in run("import", JSON)[-2]
    assert run("audit")[-2:] == ["3278 cases looked through, 0 faults", 0]
    for file, known in ((CSV, 3000), (JSON, 278)):
        again = run("import", file)
        assert f"0 added, 0 closed, {known} known" in again[-2] and again[-1] == 0
    assert db.session.scalar(select(func.count()).select_from(CaseEvent)) == 3278


def test_a_row_becomes_a_case_with_what_it_said(run, a_file):
    row = "7,Street Light Outages,2015-07-01T10:00:00,2015-07-02,2015-07-01T12:00:00,42.3,-71.1"
    assert run("import", a_file(row))[-1] == 0
    case = stored()["7"]
    assert (case.status, case.category, case.original_kind) == (Status.CLOSED, "street_lamp", "Street Light Outages")
    assert case.opened_at == datetime(2015, 7, 1, 14, tzinfo=UTC)
    assert case.closed_at == datetime(2015, 7, 1, 16, tzinfo=UTC)
    assert (case.origin, case.pushed_at, case.area_code, case.due_at) == (
        "boston_311", None, None, datetime(2015, 7, 2, 4, tzinfo=UTC))


def test_a_kind_we_do_not_know_is_kept_beside_other(run, a_file):
    run("import", a_file("7,Space Debris,2015-07-01,,,42.3,-71.1"))
    assert (stored()["7"].category, stored()["7"].original_kind) == ("other", "Space Debris")


@pytest.mark.parametrize(("row", "says"), [
    (",Graffiti,2015-07-01,,,42.3,-71.1", "it has no id"), ("1,Graffiti,,,,42.3,-71.1", "does not say when"),
    ("1,Graffiti,yesterday,,,42.3,-71.1", "opened is no time"),
    ("1,Graffiti,2015-07-01,,soon,42.3,-71.1", "closed is no time"),
    ("1,Graffiti,2015-07-01,,,,", "it has no place"), ("1,Graffiti,2015-07-01,,,0,0", "it has no place"),
    ("1,Graffiti,2015-07-01,,,nan,-71.1", "no such place"), ("1,Graffiti,2015-07-01,,,91,-71.1", "no such place"),
    ("1,Graffiti,1815-07-01,,,42.3,-71.1", "out of range"), ("0,Graffiti,2015-07-01,,,42.3,-71.1", "row 2 already"),
    ("1", "1 cells"), ("1,Graffiti,2015-07-01,,,42.3,-71.1,x,y", "9 cells"),
    ('1,"Graf"fiti,2015-07-01,,,42.3,-71.1', "a quote"),
    ("1,Graffiti,2015-07-01,,,4_2.3,-71.1", "it has no place"),
])
def test_what_cannot_be_a_case_is_named_by_its_row_and_the_rest_is_stored(run, a_file, row, says):
    *told, summary, code = run("import", a_file("0,Graffiti,2015-07-01,,,42.3,-71.1", row))
    assert code == 1 and len(told) == 1
    assert told[0].startswith("row 3 (not taken): ") and says in told[0]
    assert "1 added" in summary and "1 rows not taken" in summary
    assert set(stored()) == {"0"}


GOOD = [f"{id},Graffiti,2015-07-01,,,42.3,-71.1" for id in range(1, 61)]


@pytest.mark.parametrize("last", ["", '"'])
def test_a_quote_that_is_missing_takes_no_row_with_it_unsaid(run, a_file, last):
    rows = [*GOOD[:10], 'x,"Graffiti,2015-07-01,,,42.3,-71.1', *GOOD[10:50], GOOD[50] + last, *GOOD[51:]]
    *told, _, code = run("import", a_file(*rows))
    assert code == 1 and len(told) == 1
    assert told[0].startswith(f"row 12 (not taken): up to line {53 if last else 62} ") and "quote" in told[0]
    assert set(stored()) == {str(id) for id in (*range(1, 11), *(range(52, 61) if last else ()))}


def test_a_cell_of_more_than_a_million_characters_is_named_and_the_rest_is_stored(run, a_file):
    *told, _, code = run("import", a_file(
        GOOD[0], f'2,"{"x" * 1_000_001}",2015-07-01,,,42.3,-71.1', GOOD[2]))
    assert code == 1 and told[0].startswith("row 3 (not taken): ")
    assert set(stored()) == {"1", "3"}


def test_what_is_said_on_several_lines_is_one_row_called_by_its_first(run, a_file):
    *told, _, code = run("import", a_file('1,"Graffiti,\non a wall",2015-07-02,,2015-07-01,42.3,-71.1', *GOOD[1:3], ""))
    assert code == 0 and len(stored()) == 3 and stored()["1"].original_kind == "Graffiti,\non a wall"
    assert [line.split(":")[0] for line in told] == ["row 2 (taken)"]


def test_json_with_half_a_character_or_a_place_beyond_all_numbers_loses_nothing_else(run, tmp_path):
    good = {"service_request_id": "1", "service_name": "Graffiti", "requested_datetime": "2015-07-01T10:00:00Z",
            "status": "open", "lat": 42.3, "long": -71.1}
    odd = [good, good | {"service_request_id": "2", "description": "car \ud83d"}, good | {"service_request_id": "3",
           "lat": int("9" * 400)}, good | {"service_request_id": "4", "lat": True}, good | {"service_request_id": "5"},
           good | {"service_request_id": "6", "status": " closed ", "updated_datetime": "2015-07-02T10:00:00Z"}]
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(odd))
    *told, _, code = run("import", path, "--preset", "open311")
    assert code == 1 and set(stored()) == {"1", "2", "5", "6"}
    assert [line.split(":")[0] for line in told] == ["row 2 (taken)", "row 3 (not taken)", "row 4 (not taken)"]
    assert stored()["6"].status is Status.CLOSED


def test_what_is_odd_but_usable_is_named_and_stored(run, a_file):
    *told, _, code = run("import", a_file(
        "1,Graffiti,2015-07-02,,2015-07-01,42.3,-71.1",         # closed before opened
        "2,Graffiti,2015-03-08T02:30:00,,,42.3,-71.1",          # skipped by the clock change
        "3,Graffiti,2015-11-01T01:30:00,,,42.3,-71.1"))         # came twice
    assert code == 0 and len(stored()) == 3
    assert [line.split(":")[0] for line in told] == [f"row {row} (taken)" for row in (2, 3, 4)]
    assert stored()["3"].opened_at == datetime(2015, 11, 1, 5, 30, tzinfo=UTC)
    assert run("audit")[-1] == 0


def test_the_audit_compares_the_square_of_what_was_imported_too(run, a_file):
    run("import", a_file("1,Graffiti,2015-07-01,,,42.3,-71.1"))
    assert run("audit")[-1] == 0
    db.session.execute(update(Case).values(block=0))
    *_, named, _, code = run("audit")
    assert "on which square it lies" in named and code == 1


@pytest.mark.parametrize(("options", "hour"), [
    ((), 14), (("--timezone", "UTC"), 10), (("--timezone", "Asia/Kolkata"), 4)])
def test_the_zone_that_is_named_goes_before_the_presets(run, a_file, options, hour):
    run("import", a_file("1,Graffiti,2015-07-01T10:00:00,,,42.3,-71.1"), *options)
    assert stored()["1"].opened_at.hour == hour


def test_an_offset_in_the_file_goes_before_every_zone(run, a_file):
    run("import", a_file("1,Graffiti,2015-07-01T10:00:00+09:00,,,42.3,-71.1"), "--timezone", "UTC")
    assert stored()["1"].opened_at == datetime(2015, 7, 1, 1, tzinfo=UTC)


def test_what_is_closed_by_the_next_export_is_closed_then(run, a_file):
    run("import", a_file("1,Graffiti,2015-07-01,,,42.3,-71.1"))
    assert (stored()["1"].status, stored()["1"].unroutable_reason) == (Status.UNROUTABLE, "imported")
    newer = a_file("1,Graffiti,2015-07-01,,2015-07-03,42.3,-71.1")
    assert "0 added, 1 closed, 0 known" in run("import", newer)[-2]
    assert "0 added, 0 closed, 1 known" in run("import", newer)[-2]
    assert (stored()["1"].status, stored()["1"].version) == (Status.CLOSED, 2)
    assert run("audit")[-1] == 0


def test_places_get_the_smallest_area_that_holds_them(run, a_file, town):
    run("import", a_file("1,Graffiti,2015-07-01,,,28.69,115.93", "2,Graffiti,2015-07-01,,,42.3,-71.1"))
    assert (stored()["1"].area_code, stored()["1"].beat_code, stored()["2"].area_code) == (town.grid, town.beat, None)


def test_the_city_sees_what_lies_in_no_area_and_a_street_does_not(run, a_file, town, phone_of):
    run("import", a_file("1,Graffiti,2015-07-01,,2015-07-02,42.3,-71.1"))
    number = stored()["1"].number
    assert phone_of(town.supervisor).get(f"/cases/{number}").json["status"] == "closed"
    assert phone_of(town.desk).get(f"/cases/{number}").status_code == 404


def test_open311_json_may_be_wrapped_and_open_requests_have_no_closing_time(run, tmp_path):
    path = tmp_path / "requests.json"
    request = {"service_request_id": 5, "service_name": "Illegal Parking", "status": "OPEN", "lat": 42.3, "long": -71.1,
               "requested_datetime": "2015-01-15T22:40:29-05:00", "updated_datetime": "2015-01-16T00:00:00Z"}
    path.write_text(json.dumps({"requests": [request, request | {"service_request_id": "6", "status": "closed"}]}))
    assert run("import", path)[-1] == 0
    assert (stored()["5"].closed_at, stored()["6"].closed_at) == (None, datetime(2015, 1, 16, tzinfo=UTC))


def test_a_city_brings_its_own_columns(run, tmp_path):
    path, mapping = tmp_path / "ours.csv", tmp_path / "ours.toml"
    path.write_text("编号,类型,上报,结案,经度,纬度\n甲1,路灯,01/07/2021 08:30,,115.9,28.6\n", encoding="gb18030")
    mapping.write_text("""
[[preset]]
code = "old_system"
format = "csv"
otherwise = "other"
time_format = "%d/%m/%Y %H:%M"
source = "the city's old system"
[preset.columns]
external_id = "编号"
kind = "类型"
opened = "上报"
closed = "结案"
longitude = "经度"
latitude = "纬度"
[preset.categories]
"路灯" = "street_lamp"
""", encoding="utf-8")
    assert run("import", path, "--mapping", mapping, "--encoding", "gb18030", "--origin", "nanchang")[-1] == 0
    case = stored()["甲1"]
    assert (case.category, case.origin) == ("street_lamp", "nanchang")
    assert case.opened_at == datetime(2021, 7, 1, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("content", [b"", b"one", b"a,b\n1,2\n", b"{}", b"[1]", b"[{", b"\xff\xfe\x00x", b"[" * 99999])
def test_a_file_of_another_sort_is_refused_in_one_line(run, tmp_path, content):
    path = tmp_path / "strange"
    path.write_bytes(content)
    said = run("import", path)
    assert len(said) == 2 and said[-1] == 1
    assert not stored()
