"""Rosters out of Excel and CSV: a post's rows replace its roster, all or nothing."""

from datetime import date, time

import openpyxl
import pytest
from sqlalchemy import select

from incident_service.accounts import Role
from incident_service.foundation.database import db
from incident_service.routing import RosterEntry
from incident_service.routing.commands import roster_commands
from incident_service.routing.roster_files import Wrong, _weekdays
from tests.factories import an_account

HEAD = "手机号,角色,区域,角,班次,星期,开始,结束,起始日期,截止日期"


@pytest.fixture
def bring(app, town, tmp_path):
    """`flask roster import` of a CSV with these rows; its exit code and lines."""
    def run(*rows: str, head: str = HEAD):
        file = tmp_path / "roster.csv"
        file.write_text("\n".join([head, *rows]), encoding="gb18030")
        said = app.test_cli_runner().invoke(roster_commands, ["import", str(file)])
        db.session.expire_all()
        return said.exit_code, said.output.splitlines()

    return run


def entries():
    return list(db.session.scalars(select(RosterEntry).order_by(RosterEntry.begins_minute)))


def test_day_and_night_come_in_and_a_second_time_nothing_changes(bring, town):
    night = an_account(Role.OFFICER, town.beat, kind="traffic")
    rows = [f"{town.officer.phone},交警,{town.beat},A,白班,一至五,08:00,18:00,2026-12-01,2026-12-31",
            f"{night.phone},交警,{town.beat},B角,夜班,每天,18:00,8:00,,"]
    assert bring(*rows) == (0, ["岗位 1 个：新增 2，删除 0，未变 0"])
    day, nightly = entries()
    assert (day.account_id, day.kind, day.step, day.shift, day.weekdays, day.begins_minute, day.ends_minute,
            day.from_on, day.to_on) == (town.officer.id, "traffic", "holder", "白班", 31, 480, 1080, date(2026, 12, 1),
                           date(2026, 12, 31))
    assert (nightly.step, nightly.weekdays, nightly.begins_minute, nightly.ends_minute, nightly.to_on) == (
        "deputy", 127, 1080, 480, None)
    ids = {each.id for each in entries()}
    assert bring(*rows) == (0, ["岗位 1 个：新增 0，删除 0，未变 2"])
    assert {each.id for each in entries()} == ids


def test_rows_replace_the_roster_of_their_post_and_leave_others_alone(bring, town):
    bring(f"{town.officer.phone},交警,{town.beat},,,,08:00,18:00,,",
          f"{town.manager.phone},网格员,{town.grid},,,,08:00,18:00,,")
    assert bring(f"{town.officer.phone},交警,{town.beat},,,,09:00,18:00,,")[1] == ["岗位 1 个：新增 1，删除 1，未变 0"]
    assert [each.begins_minute for each in entries()] == [480, 540]


def test_a_roster_comes_in_from_a_workbook_with_times_and_days_as_excel_has_them(app, town, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["phone", "role", "area", "from", "to", "from_on", "weekdays"])
    book.active.append([int(town.manager.phone.removeprefix("+86")), "grid_manager", int(town.grid), time(8), time(18),
                        date(2026, 12, 1), 6])
    book.save(tmp_path / "roster.xlsx")
    assert app.test_cli_runner().invoke(roster_commands, ["import", str(tmp_path / "roster.xlsx")]).exit_code == 0
    assert [(each.begins_minute, each.from_on, each.weekdays) for each in entries()] == [(480, date(2026, 12, 1), 32)]


def test_every_fault_is_named_by_its_row_and_nothing_is_imported(bring, town):
    officer, manager = town.officer.phone, town.manager.phone
    code, lines = bring(
        f"110,交警,{town.beat},,,,08:00,18:00,,", f"13911111111,交警,{town.beat},,,,08:00,18:00,,",
        f"{officer},市长,{town.beat},,,,08:00,18:00,,", f"{manager},交警,{town.beat},,,,08:00,18:00,,",
        f"{officer},交警,{town.beat},C,,,08:00,18:00,,", f"{officer},交警,{town.beat},,,八,08:00,18:00,,",
        f"{officer},交警,{town.beat},,,,8点,18:00,,", f"{officer},交警,{town.beat},,,,08:00,25:00,,",
        f"{officer},交警,{town.beat},,,,08:00,18:00,2026-13-01,",
        f"{officer},交警,{town.beat},,,,08:00,18:00,2026-12-02,2026-12-01",
        f"{officer},交警,{town.beat},,,,08:00,18:00,,", f"{officer},交警,{town.beat},,,,08:00,18:00,,")
    assert code == 1
    assert [line.split("：")[0] for line in lines[:-1]] == [
        "第 2 行 手机号", "第 3 行 手机号", "第 4 行 角色", "第 5 行 角色", "第 6 行 角", "第 7 行 星期",
        "第 8 行 开始",
        "第 9 行 结束", "第 10 行 起始日期", "第 11 行 截止日期", "第 13 行"]
    assert entries() == []
    assert not any(phone.removeprefix("+86") in line for line in lines for phone in (officer, manager))


@pytest.mark.parametrize(("written", "bits"), [
    ("", 127), ("每天", 127), ("1-5", 31), ("周一至周五", 31), ("一三五", 21), ("1,3,5", 21), ("6、7", 96),
    ("周日", 64),
    ("六日", 96), ("1-3,5", 23)])
def test_weekdays_are_written_as_people_do(written, bits):
    assert _weekdays(written) == bits


@pytest.mark.parametrize("written", ["8", "0", "mon", "5-1", "-", "1-"])
def test_what_is_no_weekday_is_refused(written):
    with pytest.raises(Wrong):
        _weekdays(written)
