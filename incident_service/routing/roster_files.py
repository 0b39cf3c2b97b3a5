"""A roster out of a file: the rows of a post replace what its roster said; all rows or none."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from incident_service import accounts
from incident_service.foundation.database import db, new_id
from incident_service.foundation.sheet_rows import Complaint, Row
from incident_service.foundation.transaction import alone, transaction
from incident_service.foundation.words import Words, both
from incident_service.routing import roster_log
from incident_service.routing.models import ROSTERS, SHIFT_CHARACTERS_MAX, RosterEntry, ShiftDone, Step
from incident_service.routing.posts import Post
from incident_service.routing.rosters import today
from incident_service.routing.shifts import EVERY_DAY

COLUMNS = {
    "phone": ("手机号", "电话", "手机"), "role": ("角色", "岗位"), "kind": ("类别", "警种"),
    "area": ("区域", "区域编码"), "step": ("角", "AB角", "A/B角"), "shift": ("班次",), "weekdays": ("星期", "周几"),
    "from": ("开始", "上班"), "to": ("结束", "下班"), "from_on": ("起始日期",), "to_on": ("截止日期",),
}
NEEDED = ("phone", "role", "area", "from", "to")
STEPS = {"": Step.HOLDER, "a": Step.HOLDER, "a角": Step.HOLDER, "holder": Step.HOLDER,
         "b": Step.DEPUTY, "b角": Step.DEPUTY, "deputy": Step.DEPUTY}
DAYS = {**{name: number for number, name in enumerate("一二三四五六日", 1)}, "天": 7,
        **{str(number): number for number in range(1, 8)}}
DAYS_SPAN = re.compile(r"([1-7一二三四五六日天])(?:[-–~至到]([1-7一二三四五六日天]))?")
DAYS_FORM = re.compile(f"(?:{DAYS_SPAN.pattern})+")
CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(:00)?")
BAD_TIME = both("时间须为 08:00 这样的形式", "A time is written like 08:00")
BAD_DAY = both("日期须为 2026-12-01 这样的形式", "A day is written like 2026-12-01")
BAD_DAYS = both("星期须为 1-5、一三五、1,3,5 或「每天」", "Weekdays are written like 1-5, 1,3,5 or daily")


class Wrong(Exception):
    """A cell cannot be understood."""

    def __init__(self, field: str, says: Words) -> None:
        super().__init__(str(says))
        self.field, self.says = field, says


class Line(NamedTuple):
    """One row, understood: what a roster entry says, all but whose number it is."""

    row: int
    phone: str
    post: Post
    step: Step
    shift: str
    weekdays: int
    begins_minute: int
    ends_minute: int
    from_on: date | None                # None: since it was first imported
    to_on: date | None


class RosterOutcome(NamedTuple):
    """What an import of rosters did; with complaints it did nothing."""

    complaints: Sequence[Complaint]
    posts: int = 0
    added: int = 0
    removed: int = 0
    unchanged: int = 0


def import_roster(rows: Sequence[Row]) -> RosterOutcome:
    """Let the rosters of all posts that are named be what the rows say; other posts stay as they are.

    All or nothing. Safe to repeat: an entry that is there already stays, under its id.
    """
    lines: list[Line] = []
    complaints: list[Complaint] = []
    for row in rows:
        try:
            lines.append(_understood(row))
        except Wrong as wrong:
            complaints.append(Complaint(row.number, wrong.field, wrong.says))
    with transaction():
        alone(ROSTERS)
        holders = accounts.by_phone({line.phone for line in lines})
        complaints += _contradictions(lines, holders)
        if complaints:
            return RosterOutcome(sorted(complaints, key=lambda each: each.row))
        return _replace(lines, {phone: person.id for phone, person in holders.items()})


def _understood(row: Row) -> Line:
    cells = {field: row.cells.get(field, "") for field in COLUMNS}
    phone = accounts.normalise(cells["phone"])
    if phone is None:
        raise Wrong("phone", accounts.NOT_A_NUMBER)
    named = accounts.role_called(cells["role"], cells["kind"])
    if named is None:
        raise Wrong("role", both("没有此角色", "There is no such role"))
    step = STEPS.get(cells["step"].casefold().replace(" ", ""))
    if step is None:
        raise Wrong("step", both("须为 A 或 B", "It is A or B"))
    if len(cells["shift"]) > SHIFT_CHARACTERS_MAX:
        raise Wrong("shift", both("最多 {n} 个字符", "At most {n} characters", n=SHIFT_CHARACTERS_MAX))
    begins, ends = _minute(cells, "from"), _minute(cells, "to")
    from_on, to_on = _day(cells, "from_on"), _day(cells, "to_on")
    if to_on and to_on < (from_on or today()):
        raise Wrong("to_on", both("截止日期早于起始日期", "It ends before it begins"))
    shift = cells["shift"] or f"{cells['from']}-{cells['to']}"
    return Line(row.number, phone, Post(cells["area"], *named), step, shift[:SHIFT_CHARACTERS_MAX],
                _weekdays(cells["weekdays"]), begins, ends, from_on, to_on)


def _minute(cells: Mapping[str, str], field: str) -> int:
    found = CLOCK.fullmatch("00:00" if cells[field] == "24:00" else cells[field])
    if not found:
        raise Wrong(field, BAD_TIME)
    return int(found[1]) * 60 + int(found[2])


def _day(cells: Mapping[str, str], field: str) -> date | None:
    if not cells[field]:
        return None
    try:
        day = date.fromisoformat("-".join(part.zfill(2) for part in re.split(r"[-/.]", cells[field])))
    except ValueError as error:
        raise Wrong(field, BAD_DAY) from error
    if not 2000 <= day.year <= 2100:
        raise Wrong(field, BAD_DAY)
    return day


def _weekdays(written: str) -> int:
    """Bits of the weekdays that are meant: `1-5`, `一至五`, `1,3,5`, `一三五`; nothing or `每天` means all."""
    text = re.sub(r"[\s周星期,、;，]", "", written.casefold())
    if text in ("", "每天", "daily"):
        return EVERY_DAY
    if not DAYS_FORM.fullmatch(text):
        raise Wrong("weekdays", BAD_DAYS)
    spans = [(DAYS[first], DAYS[last or first]) for first, last in DAYS_SPAN.findall(text)]
    if any(first > last for first, last in spans):
        raise Wrong("weekdays", BAD_DAYS)
    return sum(1 << day - 1 for day in {day for first, last in spans for day in range(first, last + 1)})


def _contradictions(lines: Sequence[Line], holders: Mapping[str, accounts.Account]) -> Iterator[Complaint]:
    seen: dict[tuple[object, ...], int] = {}
    for line in lines:
        person = holders.get(line.phone)
        if person is None or not person.is_active:
            yield Complaint(line.row, "phone", both("没有此人员，请先导入人员",
                                                    "There is no such person; import people first"))
        elif not any(held.area_code == line.post.area_code and held.role == line.post.role
                     and held.kind == line.post.kind for held in person.roles):
            yield Complaint(line.row, "role", both("该人员在此区域没有此角色",
                                                   "They do not hold this role within this area"))
        if (before := seen.setdefault(line[1:], line.row)) != line.row:
            yield Complaint(line.row, "", both("与第 {row} 行重复", "It repeats row {row}", row=before))


def _replace(lines: Sequence[Line], ids: Mapping[str, UUID]) -> RosterOutcome:
    wanted: dict[Post, list[Line]] = defaultdict(list)
    for line in lines:
        wanted[line.post].append(line)
    added = removed = unchanged = 0
    for post, some in wanted.items():
        there = {_said(each): each for each in db.session.scalars(select(RosterEntry).where(
            RosterEntry.area_code == post.area_code, RosterEntry.role == post.role, RosterEntry.kind == post.kind))}
        since = {said[:-1]: said[-1] for said in there}
        entries = {(*said, from_on or since.get(said) or today()) for said, from_on in (
            ((ids[line.phone], line.step, line.shift, line.weekdays, line.begins_minute, line.ends_minute, line.to_on),
             line.from_on) for line in some)}
        for gone in there.keys() - entries:
            roster_log.write(there[gone], ShiftDone.ENDED, by_id=None, before=roster_log.content_of(there[gone]))
            db.session.delete(there[gone])
        db.session.flush()
        for new in [_entry(post, each) for each in entries - there.keys()]:
            db.session.add(new)
            roster_log.write(new, ShiftDone.ADDED, by_id=None)
        added, removed = added + len(entries - there.keys()), removed + len(there.keys() - entries)
        unchanged += len(entries & there.keys())
    db.session.flush()
    return RosterOutcome((), len(wanted), added, removed, unchanged)


def _said(entry: RosterEntry) -> tuple[object, ...]:
    """What an entry says of its post."""
    return (entry.account_id, entry.step, entry.shift, entry.weekdays, entry.begins_minute, entry.ends_minute,
            entry.to_on, entry.from_on)


def _entry(post: Post, said: tuple[object, ...]) -> RosterEntry:
    names = ("account_id", "step", "shift", "weekdays", "begins_minute", "ends_minute", "to_on", "from_on")
    return RosterEntry(id=new_id(), role=post.role, kind=post.kind, area_code=post.area_code,
                       **dict(zip(names, said, strict=True)))
