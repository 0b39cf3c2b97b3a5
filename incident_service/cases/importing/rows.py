"""Reading rows of a file of past cases: each becomes a past case, or a remark with its number."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from incident_service.cases.importing.files import Record, Torn
from incident_service.cases.importing.presets import Preset
from incident_service.foundation.words import Words, both

ADDRESS_CHARACTERS_MAX, DESCRIPTION_CHARACTERS_MAX, ID_CHARACTERS_MAX, KIND_CHARACTERS_MAX = 500, 4000, 128, 200
YEARS = range(1972, 2200)
HALVES = re.compile("[\ud800-\udfff]")              # of a character that JSON writes in two, the other cut off


class PastCase(NamedTuple):
    """What a row says of one case; times in UTC."""

    row: int
    external_id: str
    kind: str
    longitude: float
    latitude: float
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    address: str
    description: str


class Remark(NamedTuple):
    """What is odd about a row; `is_taken`: the row is stored nevertheless."""

    row: int
    is_taken: bool
    says: Words


class Unusable(Exception):
    """A row cannot become a case; carries why."""

    def __init__(self, says: Words) -> None:
        super().__init__(str(says))
        self.says = says


def rows_of(records: Iterable[tuple[int, Record]], preset: Preset, zone: ZoneInfo) -> Iterator[PastCase | Remark]:
    """The numbered records of a file as past cases, with remarks wherever something is odd. An id counts once."""
    seen: dict[str, int] = {}
    for number, record in records:
        if isinstance(record, Torn):
            yield Remark(number, False, record.says)
            continue
        reader = _Reader(number, record, preset, zone)
        try:
            case = reader.case()
            if case.external_id in seen:
                raise Unusable(both("编号 {id} 在第 {first} 行已出现", "id {id} stood in row {first} already",
                                    id=case.external_id, first=seen[case.external_id]))
        except Unusable as unusable:
            yield Remark(number, False, unusable.says)
            continue
        seen[case.external_id] = number
        yield from reader.remarks
        yield case


def _degrees(raw: Any) -> float:
    """A number as JSON or a cell of CSV has it; Python would take `true` for one, and `1_0` for ten. Raises TypeError,
    ValueError, OverflowError."""
    if isinstance(raw, bool) or "_" in str(raw):
        raise ValueError(raw)
    return float(raw)


class _Reader:
    """One record, being read."""

    def __init__(self, number: int, record: Mapping[str, Any], preset: Preset, zone: ZoneInfo) -> None:
        self.number, self.record, self.preset, self.zone = number, record, preset, zone
        self.remarks: list[Remark] = []

    def case(self) -> PastCase:
        """The record as a past case. Raises Unusable."""
        external_id = self._text("external_id", ID_CHARACTERS_MAX)
        if not external_id:
            raise Unusable(both("缺少编号", "it has no id"))
        opened_at = self._moment("opened")
        if opened_at is None:
            raise Unusable(both("缺少上报时间", "it does not say when it was opened"))
        longitude, latitude = self._place()
        closed_at = self._moment("closed") if self._is_closed() else None
        if self.preset.closed_when and self._is_closed() and closed_at is None:
            raise Unusable(both("已结案但缺少结案时间", "it is closed, but does not say when"))
        if closed_at and closed_at < opened_at:
            self._remark(both("结案早于上报，计入“负时长”", "closed before opened; counted as a negative span"))
        return PastCase(
            self.number, external_id, self._text("kind", KIND_CHARACTERS_MAX), longitude, latitude, opened_at,
            closed_at, self._moment("due"), self._text("address", ADDRESS_CHARACTERS_MAX),
            self._text("description", DESCRIPTION_CHARACTERS_MAX))

    def _is_closed(self) -> bool:
        when = self.preset.closed_when
        return when is None or str(self.record.get(when["column"])).strip().lower() == when["value"].lower()

    def _raw(self, name: str) -> Any:
        return self.record.get(self.preset.columns.get(name, ""))

    def _text(self, name: str, characters_max: int) -> str:
        raw = self._raw(name)
        text = "" if raw is None else str(raw).replace("\x00", "").strip()[:characters_max]
        if not HALVES.search(text):
            return text
        self._remark(both("{column} 含有不完整的字符，已替换", "{column} holds half a character, which is replaced",
                          column=self.preset.columns[name]))
        return HALVES.sub("\ufffd", text)

    def _place(self) -> tuple[float, float]:
        try:
            longitude, latitude = (_degrees(self._raw(name)) for name in ("longitude", "latitude"))
        except (TypeError, ValueError, OverflowError):
            raise Unusable(both("缺少位置", "it has no place")) from None
        if not (isfinite(longitude) and isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
            raise Unusable(both("位置无效：{longitude}, {latitude}", "no such place: {longitude}, {latitude}",
                                longitude=longitude, latitude=latitude))
        if longitude == latitude == 0:
            raise Unusable(both("缺少位置（0, 0）", "it has no place (0, 0)"))
        return longitude, latitude

    def _moment(self, name: str) -> datetime | None:
        text = self._text(name, 64)
        if not text:
            return None
        try:
            moment = (datetime.strptime(text, self.preset.time_format) if self.preset.time_format   # noqa: DTZ007
                      else datetime.fromisoformat(text))
            moment = moment if moment.tzinfo else self._in_zone(moment, name)
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Unusable(both("{column} 不是时间：{text}", "{column} is no time: {text}",
                                column=self.preset.columns[name], text=text)) from None
        if moment.year not in YEARS:
            raise Unusable(both("{column} 超出范围：{text}", "{column} is out of range: {text}",
                                column=self.preset.columns[name], text=text))
        return moment

    def _in_zone(self, local: datetime, name: str) -> datetime:
        """A time on the wall. In the hour that a clock change repeats the first is meant; one it skips is told."""
        first, second = (local.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset():
            return first
        is_skipped = first.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != local
        column = self.preset.columns[name]
        if is_skipped:
            self._remark(both("{column} 在换时中不存在：{local}", "{column} was skipped by a clock change: {local}",
                              column=column, local=local))
        else:
            self._remark(both("{column} 在换时中出现两次，取第一次：{local}",
                              "{column} came twice in a clock change, the first is taken: {local}",
                              column=column, local=local))
        return first

    def _remark(self, says: Words) -> None:
        self.remarks.append(Remark(self.number, True, says))
