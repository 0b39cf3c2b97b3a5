"""Who answers for a part, and who comes next: the post itself, its deputies, the community, the street."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from incident_service import areas
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.routing.models import Step
from incident_service.routing.posts import OnDuty, Post, on_duty

LEVELS = {Step.COMMUNITY: 12, Step.STREET: 9}               # digits of the area's code


@dataclass(frozen=True)
class Standby:
    """Somebody who could answer for a part.

    `step` says how far the part has then come; `role`, `kind` (None when the role has none) and `area_code` as what
    they would answer; `explanation` (step, area, area_name, on_duty: how many at that step, and shift and
    roster_entry where a roster names them) is what a dispatch keeps.
    """

    step: Step
    account_id: UUID
    role: Role
    kind: str | None
    area_code: str
    since: datetime
    explanation: dict[str, Any]


def fallbacks(*, role: Role, kind: str | None, area_code: str, case_area: str | None,
              at: datetime | None = None) -> list[Standby]:
    """Everybody who could answer for a part now (or `at`), in the order in which they are asked, nobody twice.

    First who is on duty as `role` (and `kind`) within exactly `area_code`: A 角 (step `holder`), then B 角 (`deputy`);
    then the community of the case's area, then its street: at each the same role, a grid manager, the desk. Of equals
    the senior comes first. A post without a roster has no B: all its holders are step `holder`.
    """
    way = the_way(Post(area_code, role, kind or ""), case_area)
    return list(along(way, on_duty([post for _, post in way], at or clock.now())))


def the_way(post: Post, case_area: str | None) -> Sequence[tuple[Step, Post]]:
    """The posts that are asked one after the other, from `post` up."""
    way = {post: Step.HOLDER}
    for step, digits in LEVELS.items():
        code = (case_area or "")[:digits]
        if len(code) == digits:
            for role, kind in ((post.role, post.kind), (Role.GRID_MANAGER, ""), (Role.DESK, "")):
                way.setdefault(Post(code, role, kind), step)
    return [(step, asked) for asked, step in way.items()]


def along(way: Iterable[tuple[Step, Post]], there: Mapping[Post, Sequence[OnDuty]]) -> Iterator[Standby]:
    """Who is on duty along the way, nobody twice."""
    asked: set[UUID] = set()
    for step, post in way:
        for each in there[post]:
            if each.account_id not in asked:
                asked.add(each.account_id)
                yield _standby(each.step if step is Step.HOLDER else step, post, each, there[post])


def _standby(step: Step, post: Post, each: OnDuty, there: Sequence[OnDuty]) -> Standby:
    name = areas.name_of(post.area_code) if areas.is_known(post.area_code) else post.area_code
    because = {"step": str(step), "area": post.area_code, "area_name": name,
               "on_duty": sum(other.step is each.step for other in there)}
    if each.entry_id:
        because |= {"shift": each.shift, "roster_entry": str(each.entry_id)}
    return Standby(step, each.account_id, post.role, post.kind or None, post.area_code, each.since, because)
