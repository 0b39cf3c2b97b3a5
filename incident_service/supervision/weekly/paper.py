"""The weekly report as a PDF: charts, tables, and what their numbers mean. No person is named in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table, TableStyle

from incident_service.foundation.paper import FONT, HEAD, PART, PLAIN, ROOM, printed, said
from incident_service.foundation.words import Words, both, spoken
from incident_service.supervision.explaining import SMALL, mark, sample, what_counts
from incident_service.supervision.facts import nothing
from incident_service.supervision.figures import Figures, figures
from incident_service.supervision.periods import installation_zone
from incident_service.supervision.response_times import Item
from incident_service.supervision.weekly import charts
from incident_service.supervision.weekly.content import Week

NOTE = ParagraphStyle("note", parent=PLAIN, fontSize=8, leading=11.5)
BARS_MAX = 12
NOTHING = figures(nothing().clocks)
CHART = {"width": ROOM / 2 - 3 * mm, "height": 52 * mm}
FEW = " *"
MINUTE, HOUR = 60, 3600
STEPS = (("to_dispatch", both("推送", "push"), "p50", 1), ("to_accept", both("签收", "accept"), "p50", MINUTE),
         ("to_rectify", both("处置", "rectify"), "p50", MINUTE), ("to_rectify", both("处置", "rectify"), "p90", MINUTE),
         ("to_rectify", both("处置", "rectify"), "p95", MINUTE), ("to_close", both("结案", "close"), "p50", HOUR))
UNITS = {1: both("秒", "s"), MINUTE: both("分", "min"), HOUR: both("时", "h")}
COUNTS = {"cases": both("上报", "reported"), "closed": both("结案", "closed"),
          "within_limit": both("按期处置", "in time")}
WORDS = {
    "title": both("督查周报", "Weekly report"), "areas": both("范围：{areas}", "Areas: {areas}"),
    "span": both("{first} 至 {last}（{zone}），数据截至 {at}", "{first} to {last} ({zone}), as of {at}"),
    "overview": both("概况", "Overview"), "this": both("本周", "this week"), "before": both("上周", "week before"),
    "year": both("去年同期", "a year before"), "by_day": both("每日上报与结案", "Reported by day, and closed of these"),
    "trend": both("近八周处置时长（分）", "Rectification over eight weeks (min)"), "area": both("区域", "Area"),
    "by_area": both("分区域", "By area"), "by_category": both("分类别", "By category"),
    "category": both("类别", "Category"), "total": both("合计", "Total"), "rates": both("考核指标", "Rates"),
    "rate": both("指标", "Rate"), "counts": both("分子 / 分母", "counted / of"), "percent": both("百分比", "per cent"),
    "now": both("当前", "At this moment"), "open": both("未结案", "open"), "overdue": both("已超期", "overdue"),
    "gaps": both("未来七日排班缺口", "gaps in the roster of the next seven days"),
    "median": both("中位数", "median"), "nothing": both("本周无案卷", "No case was reported in this week"),
    "none_rectified": both("近八周无处置记录", "Nothing was rectified in eight weeks"),
    "meaning": both("口径", "What the numbers mean"),
    "few": both("* 件数少于下限，不宜据此评价", "* so few cases that nobody should be judged by them"),
    "steps": both("推送自上报起计；签收、处置、结案自推送起计",
                  "push counts from the report; the other steps from the push"),
    "left_out": both("本周不计入：作废 {void}，并入他案 {merged}",
                     "Left out in this week: {void} void, {merged} merged"),
    "most": both("上报最多的{n}类", "The {n} most frequent categories"),
    "slowest": both("处置中位数最长的{n}个区域（分）", "The {n} areas with the longest median rectification (min)"),
}
FRAME = [("FONT", (0, 0), (-1, -1), FONT, 8), ("LINEBELOW", (0, 0), (-1, -1), 0.25, HexColor("#cccccc")),
         ("BACKGROUND", (0, 0), (-1, 0), HexColor("#e8eff5")), ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
         ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("TOPPADDING", (0, 0), (-1, -1), 2),
         ("BOTTOMPADDING", (0, 0), (-1, -1), 3), ("LEFTPADDING", (0, 0), (-1, -1), 3),
         ("RIGHTPADDING", (0, 0), (-1, -1), 3)]
BESIDE = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]


def print_week(week: Week, language: str) -> bytes:
    """The pages, in `zh` or `en`."""
    return printed(f"{WORDS['title'].in_language(language)} {week.first_day}", _Pages(week, language).story())


class _Pages:
    """One report in one language."""

    def __init__(self, week: Week, language: str) -> None:
        self.week, self.language = week, language

    def say(self, name: str, **gaps: Any) -> str:
        words = WORDS[name]
        return Words(words.zh, words.en, **gaps).in_language(self.language)

    def story(self) -> Iterator[Flowable]:
        week, zone = self.week, installation_zone()
        yield said(self.say("title"), HEAD)
        yield said(self.say("areas", areas="、".join(week.areas)))
        yield said(self.say("span", first=week.first_day, last=week.last_day, zone=zone.key, at=_minute(week.at)))
        yield said(self.say("overview"), PART)
        yield self._overview()
        yield Spacer(1, 3 * mm)
        yield self._charts()
        yield from self._rates()
        yield from self._groups(week.times.now.items, week.times.now.total, "by_area", "area")
        yield self._slowest()
        most = sorted(week.by_category.items, key=lambda each: -each.figures.cases)
        yield from self._groups(most, week.by_category.total, "by_category", "category")
        yield self._most()
        yield said(self.say("meaning"), PART)
        notes = (self.say("few"), self.say("steps"), self.say("left_out", **week.times.now.left_out))
        for each in (*notes, *(each.in_language(self.language) for each in what_counts())):
            yield said(each, NOTE)

    def _overview(self) -> Flowable:
        times = [each.total for each in self.week.times]
        rows = [["", *(self.say(name) for name in ("this", "before", "year"))],
                *([name.replace("\n", " "), *cells]
                  for name, *cells in zip(self._heads(), *map(figure_cells, times), strict=True))]
        now = [[self.say("now"), ""], *([self.say(name), str(count)] for name, count in (
            ("open", self.week.open_cases), ("overdue", self.week.overdue), ("gaps", self.week.gaps)))]
        return Table([[_table(rows, (44, 20, 20, 20)), _table(now, (44, 14))]],
                     colWidths=[ROOM - 60 * mm, 60 * mm], style=BESIDE, hAlign="LEFT")

    def _charts(self) -> Flowable:
        found = {each.key: each.figures for each in self.week.by_day.items}
        days = [found.get(day.isoformat(), NOTHING) for day in self.week.days]
        by_day = charts.bars_by_day(self.say("by_day"), [f"{day:%m-%d}" for day in self.week.days], {
            self._count(name): [getattr(each, name) for each in days] for name in ("cases", "closed")}, **CHART)
        weeks = [(week, each.to_rectify) for week, each in self.week.trend if each.to_rectify.p50 is not None]
        trend = charts.lines_over_weeks(self.say("trend"), [f"{week:%m-%d}" for week, _ in weeks], {
            name: [getattr(each, part) / MINUTE for _, each in weeks]
            for name, part in ((self.say("median"), "p50"), ("P90", "p90"))}, **CHART)
        return Table([[by_day if found else said(self.say("nothing")),
                       trend if weeks else said(self.say("none_rectified"))]],
                     colWidths=[ROOM / 2] * 2, style=BESIDE, hAlign="LEFT")

    def _rates(self) -> Iterator[Flowable]:
        yield said(self.say("rates"), PART)
        rows = [[each.rate.name.in_language(self.language), f"{each.numerator} / {each.denominator}",
                 "–" if each.percent is None else f"{each.percent:.2f}%" + _few(mark(each.denominator))]
                for each in self.week.rates.total]
        yield _table([[self.say(name) for name in ("rate", "counts", "percent")], *rows], (70, 40, 30))

    def _groups(self, items: Iterable[Item], total: Figures, title: str, first: str) -> Iterator[Flowable]:
        yield said(self.say(title), PART)
        lines = [*((self._name(each), each.figures) for each in items), (self.say("total"), total)]
        yield _table([[self.say(first), *self._heads()], *(
            [name + _few(sample(one)), *figure_cells(one)] for name, one in lines)],
            (40, 11, 11, 14, *(15 for _ in STEPS)))

    def _slowest(self) -> Flowable:
        """Where few were rectified is not ranked."""
        return self._bars("slowest", [
            (each.figures.to_rectify.p50 / MINUTE, each) for each in self.week.times.now.items
            if each.figures.to_rectify.p50 is not None and sample(each.figures.to_rectify) != SMALL], "%.1f")

    def _most(self) -> Flowable:
        return self._bars("most", [(each.figures.cases, each) for each in self.week.by_category.items], "%d")

    def _bars(self, title: str, some: Sequence[tuple[float, Item]], form: str) -> Flowable:
        first = sorted(some, key=lambda each: -each[0])[:BARS_MAX]
        if not first:
            return Spacer(1, 1)
        return KeepTogether([Spacer(1, 3 * mm), charts.bars_beside_names(
            self.say(title, n=len(first)), [self._name(each) for _, each in first], [value for value, _ in first],
            width=ROOM, form=form)])

    def _heads(self) -> list[str]:
        return [*map(self._count, COUNTS), *(
            f"{name.in_language(self.language)} {part.upper()}\n({UNITS[unit].in_language(self.language)})"
            for _, name, part, unit in STEPS)]

    def _count(self, name: str) -> str:
        return COUNTS[name].in_language(self.language)

    def _name(self, item: Item) -> str:
        name: str = spoken(item.name, self.language)
        return name


def figure_cells(one: Figures) -> list[str]:
    """The numbers of one line: counts as they are, each step in its unit."""
    return [*(str(getattr(one, name)) for name in COUNTS), *(
        "–" if (taken := _in(getattr(getattr(one, step), part), unit)) is None
        else f"{taken:.1f}" + _few(sample(getattr(one, step)))
        for step, _, part, unit in STEPS)]


def _in(seconds: float | None, unit: int) -> float | None:
    return None if seconds is None else seconds / unit


def _few(size: str) -> str:
    return FEW if size == SMALL else ""


def _minute(at: datetime) -> str:
    return f"{at.astimezone(installation_zone()):%Y-%m-%d %H:%M}"


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    """Lines under a head that stands on every page; `widths` in millimetres."""
    cells = [[said(cell, NOTE) if column == 0 and number else cell for column, cell in enumerate(row)]
             for number, row in enumerate(rows)]
    return Table(cells, colWidths=[width * mm for width in widths], style=TableStyle(FRAME), repeatRows=1,
                 hAlign="LEFT")
