"""People out of a file: all of them or none, and again as often as one likes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from incident_service.accounts import granting, people, phones
from incident_service.accounts.models import Account
from incident_service.accounts.queries import by_phone
from incident_service.accounts.roles import Grant, Role
from incident_service.accounts.spelling import role_called
from incident_service.foundation.database import db, new_id
from incident_service.foundation.sheet_rows import Complaint, Row
from incident_service.foundation.transaction import alone, transaction
from incident_service.foundation.words import both

COLUMNS = {
    "phone": ("手机号", "电话", "手机"), "name": ("姓名",), "role": ("角色", "岗位"), "kind": ("类别", "警种"),
    "area": ("区域", "区域编码"), "status": ("状态",),
}
NEEDED = ("phone", "name", "role", "area")
NAME_CHARACTERS_MAX = 64
LEFT, HERE = ("left", "离职", "离岗"), ("", "active", "在职", "在岗")


class Line(NamedTuple):
    """One row, understood: somebody and a role they have, or that they have left (no role)."""

    row: int
    phone: str
    name: str
    grant: Grant | None


class PeopleOutcome(NamedTuple):
    """What an import of people did; with complaints it did nothing."""

    complaints: Sequence[Complaint]
    added: int = 0
    granted: int = 0
    left: int = 0
    unchanged: int = 0


def import_people(rows: Sequence[Row]) -> PeopleOutcome:
    """Add who is new, give the roles that are missing, and let those go who have left; never take a role away.

    All or nothing. Safe to repeat: what is there already stays as it is.
    """
    lines: list[Line] = []
    complaints: list[Complaint] = []
    for row in rows:
        for each in _understood(row):
            (lines if isinstance(each, Line) else complaints).append(each)          # type: ignore[arg-type]
    with transaction():
        alone("people-import")
        known = by_phone({line.phone for line in lines})
        complaints += _contradictions(lines, known)
        if complaints:
            return PeopleOutcome(sorted(complaints, key=lambda each: each.row))
        return _bring(lines, known)


def _understood(row: Row) -> Iterator[Line | Complaint]:
    cells = {field: row.cells.get(field, "") for field in COLUMNS}
    phone = phones.normalise(cells["phone"])
    if phone is None:
        yield Complaint(row.number, "phone", phones.NOT_A_NUMBER)
        return
    if not 0 < len(cells["name"]) <= NAME_CHARACTERS_MAX or not cells["name"].isprintable():
        yield Complaint(row.number, "name", both("姓名须为 1 至 {n} 个字符", "A name has 1 to {n} characters",
                                                 n=NAME_CHARACTERS_MAX))
        return
    if cells["status"].casefold() in LEFT:
        yield Line(row.number, phone, cells["name"], None)
        return
    if cells["status"].casefold() not in HERE:
        yield Complaint(row.number, "status", both("状态只能是「在职」或「离职」", "The status is active or left"))
    named = role_called(cells["role"], cells["kind"])
    if named is None:
        yield Complaint(row.number, "role", both("没有此角色", "There is no such role"))
        return
    grant = Grant(named[0], cells["area"], named[1] or None)
    flaws = [Complaint(row.number, field, says) for field, says in granting.flaws(grant)]
    yield from flaws
    if not flaws:
        yield Line(row.number, phone, cells["name"], grant)


def _contradictions(lines: Sequence[Line], known: dict[str, Account]) -> Iterator[Complaint]:
    """Rows that do not go together, or not with who has the number already."""
    first: dict[str, Line] = {}
    for line in lines:
        before, account = first.setdefault(line.phone, line), known.get(line.phone)
        if before.name != line.name:
            yield Complaint(line.row, "name", both("与第 {row} 行号码相同而姓名不同",
                                                   "Row {row} has the number, and another name", row=before.row))
        elif (before.grant is None) != (line.grant is None):
            yield Complaint(line.row, "status", both("与第 {row} 行矛盾", "It contradicts row {row}", row=before.row))
        elif account and _serves(account) and account.name != line.name:
            yield Complaint(line.row, "name", both("该手机号属于另一姓名的人员",
                                                   "The number belongs to somebody of another name"))
        elif account and not account.is_active and line.grant:
            yield Complaint(line.row, "status", both("该人员已停用，请先恢复",
                                                     "They were deactivated; reactivate them first"))
        elif not account and not line.grant:
            yield Complaint(line.row, "phone", both("没有此人员", "There is no such person"))


def _serves(account: Account) -> bool:
    return any(held.role is not Role.RESIDENT for held in account.roles)


def _bring(lines: Sequence[Line], known: dict[str, Account]) -> PeopleOutcome:
    added: set[UUID] = set()
    left: set[UUID] = set()
    granted = unchanged = 0
    for line in lines:
        account = known.get(line.phone)
        if account is None:
            account = known[line.phone] = Account(id=new_id(), phone=line.phone, name=line.name, roles=[])
            db.session.add(account)
            added.add(account.id)
        if line.grant is None:
            unchanged += not account.is_active
            if account.is_active:
                people.let_go(account)
                left.add(account.id)
            continue
        account.name = line.name
        before = len(account.roles)
        account.grant([line.grant])
        granted += len(account.roles) - before
        unchanged += len(account.roles) == before
    return PeopleOutcome((), len(added), granted, len(left), unchanged)
