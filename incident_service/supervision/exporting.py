"""The same figures as tables: figures, what they mean, and the cases behind them.

Programs read CSV, whose headings are the names of the API; people read workbooks, which speak their language.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from incident_service.cases import STATUS_NAMES, Status
from incident_service.foundation import sheets
from incident_service.foundation.sheets import Cell, Sheet
from incident_service.foundation.words import Words, both, callers_language, spoken
from incident_service.supervision.explaining import (
    ENOUGH,
    EXACT,
    SMALL,
    WITHIN_ONE_PERCENT,
    exactness,
    sample,
    what_counts,
)
from incident_service.supervision.facts import Facts
from incident_service.supervision.figures import Figures, Times
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GROUPINGS, GroupBy, area_name, category_name, names
from incident_service.supervision.periods import Moments
from incident_service.supervision.response_times import ResponseTimes

STEPS = {"to_dispatch": both("上报至推送", "report to push"), "to_accept": both("推送至签收", "push to acceptance"),
         "to_rectify": both("推送至处置", "push to rectification"), "to_close": both("推送至结案", "push to closing")}
COUNTS = {"cases": both("上报", "reported"), "closed": both("已结案", "closed"),
          "within_limit": both("按期处置", "in time"),
          "negative_spans": both("时间倒置", "with a span that ends before it begins")}
PARTS = {"p50": both("中位数", "median"), "p90": "P90", "p95": "P95", "mean": both("均值", "mean"),
         "cases": both("件数", "cases")}
FORMS = dict.fromkeys(Times._fields, ("{step}{part}（秒）", "{step}, {part} (s)")) | {
    "cases": ("{step}{part}", "{step}, {part}")}
HEADINGS = {"key": both("编码", "key"), "name": both("名称", "name"), **COUNTS, **{
    f"{step}_{part}": both(*form, step=STEPS[step], part=PARTS[part])
    for step in STEPS for part, form in FORMS.items()}, "sample": both("样本量", "sample")}
HEADER = tuple(HEADINGS)
CASE_HEADINGS = {
    "number": both("案卷编号", "number"), "status": both("状态", "status"), "category": both("类别编码", "category"),
    "category_name": both("类别", "name of the category"), "original_kind": both("原类别", "original kind"),
    "area_code": both("区域编码", "area"), "area_name": both("区域", "name of the area"),
    "opened_at": both("上报时间", "reported"), "pushed_at": both("推送时间", "pushed"),
    "accepted_at": both("签收时间", "accepted"), "rectified_at": both("处置时间", "rectified"),
    "closed_at": both("结案时间", "closed"), "due_at": both("期限", "due"),
    "late_excused_at": both("超期申诉成立", "lateness excused")}
DEFINITIONS = {
    "areas": both("督查范围", "areas looked over"), "area": both("区域", "area"),
    "from": both("起始", "from"), "to": both("截止（不含）", "to"), "group_by": both("分组", "grouped by"),
    "exactness": both("精确度", "exactness"), "left_out_void": both("不计入：作废", "left out: void"),
    "left_out_merged": both("不计入：并入他案", "left out: merged into another"),
    "what_counts": both("口径", "what counts")}
DEFINED = (both("项目", "item"), both("内容", "meaning"))
VALUES = {EXACT: both("精确", "exact"), WITHIN_ONE_PERCENT: both("误差不超过 1%", "within 1 %"),
          SMALL: both("过少，不宜据此评价", "small"), ENOUGH: both("足够", "enough")}
TOTAL = both("合计", "total")
SHEETS = {"figures": both("数据", "figures"), "definitions": both("口径", "definitions"),
          "cases": both("案卷", "cases")}


class Excused(NamedTuple):
    """The deadline of a case whose lateness an appeal excused, and when that was."""

    due_at: datetime | None = None
    at: datetime | None = None


NOT_EXCUSED = Excused()


def figure_rows(found: ResponseTimes) -> Iterator[list[Cell]]:
    """One row a group, and the total last, whose key is empty."""
    language = callers_language()
    for item in found.items:
        yield [item.key, spoken(item.name, language), *_numbers(item.figures)]
    yield [None, TOTAL.in_language(language), *_numbers(found.total)]


def _numbers(one: Figures) -> list[Cell]:
    return [*one[:4], *(value for step in one[4:] for value in step), sample(one)]


def definition_rows(found: ResponseTimes, filters: Filters, areas: Iterable[str]) -> Iterator[list[Cell]]:
    """What the figures are of, within which areas of whoever asked, and what they mean."""
    language = callers_language()
    yield [DEFINITIONS["areas"].in_language(language), ", ".join(map(area_name, areas))]
    for narrowed, words in _narrowed(filters):
        yield [narrowed.in_language(language), ", ".join(spoken(each, language) for each in words)]
    yield [DEFINITIONS["from"].in_language(language), found.period.since]
    yield [DEFINITIONS["to"].in_language(language), found.period.until]
    for name, value in (("group_by", found.group_by and GROUPINGS[found.group_by]),
                        ("exactness", VALUES[exactness(found)]),
                        *((f"left_out_{status}", count) for status, count in found.left_out.items()),
                        *(("what_counts", each) for each in what_counts())):
        yield [DEFINITIONS[name].in_language(language), spoken(value, language)]


def _narrowed(filters: Filters) -> Iterator[tuple[Words, Iterable[Words | str]]]:
    """What narrows the question. A responder is named as they were asked for: who asks may not know them."""
    if filters.area is not None:
        yield DEFINITIONS["area"], [area_name(filters.area)]
    if filters.responder is not None:
        yield GROUPINGS[GroupBy.RESPONDER], [str(filters.responder)]
    for by, keys in ((GroupBy.CATEGORY, [filters.category]), (GroupBy.CONDITION, [filters.condition]),
                     (GroupBy.KIND, [filters.kind]), (GroupBy.ROLE, [filters.role]),
                     (GroupBy.WEEKDAY, map(str, sorted(filters.weekdays))),
                     (GroupBy.HOUR, (f"{hour:02}" for hour in sorted(filters.hours)))):
        if wanted := [key for key in keys if key is not None]:
            yield GROUPINGS[by], names(wanted, by).values()


def case_rows(some: Facts, numbers: Sequence[str | None], excused: Mapping[bytes, Excused]) -> Iterator[list[Cell]]:
    """The cases behind the figures, as those saw them. Who reported them is not said."""
    language = callers_language()

    def each(name: str, says: Callable[[Any], Any] = str) -> list[Cell]:
        known, codes = some.labels[name]
        words = [label and spoken(says(label), language) for label in known]
        return [words[code] for code in codes.tolist()]

    def at(moments: Moments) -> list[datetime | None]:
        return [moment and moment.replace(tzinfo=UTC) for moment in moments.tolist()]

    clocks = some.clocks
    ids = some.ids.tolist()
    due, late = at(clocks.due), [excused.get(id, NOT_EXCUSED) for id in ids]
    yield from map(list, zip(
        numbers, each("status", lambda status: STATUS_NAMES[Status(status)]), each("category"),
        each("category", category_name), each("kind"), each("area"), each("area", area_name), at(clocks.opened),
        at(clocks.pushed), at(clocks.accepted), at(clocks.rectified), at(clocks.closed),
        (one.due_at or moment for one, moment in zip(late, due, strict=True)), (one.at for one in late), strict=True))


def write_workbook(path: Path, found: ResponseTimes, definitions: Iterable[Sequence[Cell]],
                   cases: Iterable[Sequence[Cell]]) -> None:
    """The figures, what they mean, and these cases, as an XLSX workbook."""
    figures = ([*row[:-1], VALUES[str(row[-1])].in_language(callers_language())] for row in figure_rows(found))
    sheets.write_xlsx(path, [
        _sheet("figures", HEADINGS.values(), figures), _sheet("definitions", DEFINED, definitions),
        _sheet("cases", CASE_HEADINGS.values(), cases)])


def _sheet(name: str, headings: Iterable[Words], rows: Iterable[Sequence[Cell]]) -> Sheet:
    language = callers_language()
    return Sheet(SHEETS[name].in_language(language), [each.in_language(language) for each in headings], rows)


def csv_of(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as CSV that a spreadsheet opens without calculating."""
    return sheets.content(lambda path: sheets.write_csv(path, Sheet("", header, rows)))
