"""People out of Excel and CSV: all or none, by row, and again as often as one likes."""

from datetime import date, time

import openpyxl
import pytest
from sqlalchemy import func, select

from incident_service import accounts
from incident_service.accounts import Account, Role
from incident_service.accounts.commands import people_commands
from incident_service.foundation.database import db
from incident_service.foundation.sheet_rows import Unreadable, read_sheet
from tests.factories import a_phone, an_account

HEAD = "手机号,姓名,角色,类别,区域,状态"


@pytest.fixture
def bring(app, town, tmp_path):
    """`flask people import` of a CSV with these rows; its exit code and lines."""
    def run(*rows: str, head: str = HEAD, encoding: str = "utf-8", language: str = "zh"):
        file = tmp_path / "people.csv"
        file.write_bytes("\r\n".join([head, *rows, ""]).encode(encoding))
        said = app.test_cli_runner().invoke(people_commands, ["import", str(file), "--language", language])
        db.session.expire_all()
        return said.exit_code, said.output.splitlines()

    return run


def people() -> int:
    return db.session.scalar(select(func.count(Account.id)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_people_come_in_from_csv_in_any_encoding_excel_writes_and_a_second_time_changes_nothing(bring, town, encoding):
    one, two = a_phone(), a_phone()
    rows = [f"{one},王小明,网格员,,{town.grid},在职", f"{one},王小明,值班席,,{town.street},",
            f"{two},李交警,交警,,{town.beat},"]
    code, lines = bring(*rows, encoding=encoding)
    assert (code, lines[-1]) == (0, "新增人员 2，新增角色 3，离职 0，未变 0")
    assert [each.name for each in accounts.responsible_for(town.beat, Role.OFFICER, "traffic")] == ["交警甲", "李交警"]
    before = people()
    assert bring(*rows, encoding=encoding)[1][-1] == "新增人员 0，新增角色 0，离职 0，未变 3"
    assert people() == before


def test_people_come_in_from_a_workbook_in_which_telephone_numbers_are_numbers(app, town, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["姓名", "手机号", "角色", "区域", None])
    book.active.append(["王小明", int(a_phone()), "网格管理员", town.grid])
    book.active.append([None, None, None, None])
    book.active.append(["李小红", float(a_phone()), "desk", int(town.street)])
    book.save(tmp_path / "people.xlsx")
    said = app.test_cli_runner().invoke(people_commands, ["import", str(tmp_path / "people.xlsx")])
    assert said.output.splitlines()[-1] == "新增人员 2，新增角色 2，离职 0，未变 0"


def test_every_fault_is_named_by_its_row_and_nothing_is_imported(bring, town):
    before, same = people(), a_phone()
    code, lines = bring(
        f"12345,王小明,网格员,,{town.grid},", f"{a_phone()},,网格员,,{town.grid},",
        f"{a_phone()},甲,市长,,{town.grid},",
        f"{a_phone()},甲,officer,,{town.beat},",
        f"{a_phone()},甲,网格员,,360199001001001,", f"{a_phone()},甲,网格员,,3601,",
        f"{same},甲,网格员,,{town.grid},", f"{same},乙,网格员,,{town.grid},",
        f"{town.officer.phone},别人,交警,,{town.beat},",
        f"{a_phone()},甲,网格员,,{town.grid},休假", f"{a_phone()},甲,,,,离职", f"{a_phone()},甲,居民,,3601,")
    assert code == 1
    assert [line.split("：")[0] for line in lines[:-1]] == [
        "第 2 行 手机号", "第 3 行 姓名", "第 4 行 角色", "第 5 行 类别", "第 6 行 区域", "第 7 行 区域",
        "第 9 行 姓名",
        "第 10 行 姓名", "第 11 行 状态", "第 12 行 手机号", "第 13 行 角色"]
    assert lines[-1] == "发现 11 处错误，未导入任何人员"
    assert people() == before


def test_no_telephone_number_is_told_or_logged(bring, town, capfd):
    numbers = [a_phone(), town.officer.phone.removeprefix("+86")]
    _, lines = bring(f"{numbers[0]},甲,市长,,{town.grid},", f"{numbers[1]},别人,交警,,{town.beat},", language="en")
    bring(f"{numbers[0]},甲,网格员,,{town.grid},")
    told = "\n".join(lines) + "".join(capfd.readouterr())
    assert "row 2, role: There is no such role" in told
    assert not any(number in told for number in numbers)


def test_a_resident_is_taken_on_and_keeps_their_account(bring, town):
    assert bring(f"{town.neighbour.phone},李四,网格员,,{town.grid},")[0] == 0
    assert [each.id for each in accounts.responsible_for(town.grid, Role.GRID_MANAGER)][-1] == town.neighbour.id


def test_who_has_left_is_let_go_and_their_open_work_goes_on(bring, town, phone_of, run_jobs):
    second = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    assert bring(f"{town.officer.phone},交警甲,,,,离职")[1][-1] == "新增人员 0，新增角色 0，离职 1，未变 0"
    assert bring(f"{town.officer.phone},交警甲,,,,离职")[1][-1] == "新增人员 0，新增角色 0，离职 0，未变 1"
    run_jobs()
    case = phone_of(second).get(f"/cases/{number}").json
    assert [(each["part"], each["responder"]["name"]) for each in case["dispatches"]][-1] == ("lead", "交警乙")
    assert bring(f"{town.officer.phone},交警甲,交警,,{town.beat},")[1][0].startswith("第 2 行 状态")


@pytest.mark.parametrize(("head", "says"), [
    ("手机号,姓名,角色", "缺少表头「区域」"), ("手机号,姓名,角色,区域,部门", "表头「部门」无法识别或重复"),
    ("手机号,电话,姓名,角色,区域", "表头「电话」无法识别或重复")])
def test_a_heading_that_would_silently_do_nothing_is_refused(bring, head, says):
    assert bring("x", head=head) == (1, [says])


def test_what_is_no_table_is_said_to_be_none(tmp_path):
    columns = {"day": ("日",)}
    for name, content in (("a.csv", b""), ("b.csv", b"\xff\xff\xff"), ("c.csv", b'day\n"x"y'), ("d.xlsx", b"no zip")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Unreadable):
            read_sheet(tmp_path / name, columns, needed=())


def test_a_workbook_says_days_and_times_as_people_do(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["日", "时"])
    book.active.append([date(2026, 12, 1), time(8, 30)])
    book.save(tmp_path / "a.xlsx")
    rows = read_sheet(tmp_path / "a.xlsx", {"day": ("日",), "at": ("时",)}, needed=())
    assert [(row.number, dict(row.cells)) for row in rows] == [(2, {"day": "2026-12-01", "at": "08:30"})]
