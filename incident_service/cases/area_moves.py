"""Which open cases would lie in another grid, beat or fire area once a draft of areas is in force. They stay with
whoever has them; a desk reads this list before the import, and transfers what must go elsewhere."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from incident_service.areas import Draft
from incident_service.cases.models import Case
from incident_service.cases.workflow import Status
from incident_service.foundation.database import db
from incident_service.foundation.words import Words, both

FINISHED = [status for status in Status if status in ("closed", "void", "merged")]
TOLD_MAX = 100


class AreaMove(NamedTuple):
    """An open case that would change places: the codes of its area, beat and fire area, now and then."""

    number: str
    status: Status
    area_code: str | None
    beat_code: str | None
    fire_area_code: str | None
    new_area_code: str | None
    new_beat_code: str | None
    new_fire_area_code: str | None


def area_moves(draft: Draft) -> list[AreaMove]:
    """Every open case that would belong elsewhere if `draft` were in force, oldest first."""
    return [move for move in _weighed(draft)
            if (move.area_code, move.beat_code, move.fire_area_code)
            != (move.new_area_code, move.new_beat_code, move.new_fire_area_code)]


def tell_area_moves(draft: Draft) -> Iterator[Words]:
    """The same line by line, the first hundred of them, and how many they are."""
    moves = area_moves(draft)
    for move in moves[:TOLD_MAX]:
        yield both("案卷 {number} 将从 {area}（交警责任区 {beat}，消防责任区 {fire}）变为 {new_area}"
                   "（交警责任区 {new_beat}，消防责任区 {new_fire}）",
                   "case {number} would move from {area} (beat {beat}, fire area {fire}) to {new_area} "
                   "(beat {new_beat}, fire area {new_fire})",
                   number=move.number, area=move.area_code or "-", beat=move.beat_code or "-",
                   fire=move.fire_area_code or "-", new_area=move.new_area_code or "-",
                   new_beat=move.new_beat_code or "-", new_fire=move.new_fire_area_code or "-")
    if moves:
        yield both("共 {count} 件在办案卷将变更区域", "{count} open cases would move", count=len(moves))


def _weighed(draft: Draft) -> Iterator[AreaMove]:
    rows = db.session.execute(
        select(Case.number, Case.status, Case.area_code, Case.beat_code, Case.fire_area_code,
               Case.longitude, Case.latitude)
        .where(Case.status.not_in(FINISHED), _near_changes(draft)).order_by(Case.opened_at, Case.id))
    for row in rows:
        place = draft.locate(row.longitude, row.latitude)
        yield AreaMove(row.number, row.status, row.area_code, row.beat_code, row.fire_area_code,
                       place.area_code or row.area_code, place.beat, place.fire_area)


def _near_changes(draft: Draft) -> ColumnElement[bool]:
    """The condition on cases that a changed area may concern."""
    west, south, east, north = draft.concerned()
    return Case.longitude.between(west, east) & Case.latitude.between(south, north)
