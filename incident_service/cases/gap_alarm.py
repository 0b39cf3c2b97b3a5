"""The gap alarm: desks and administrators learn of hours without anybody before a case falls into them."""

from collections import defaultdict
from uuid import UUID

from incident_service import accounts, notifications, routing
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import new_id
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message
from incident_service.routing import RosterGap

TO_THE_MINUTE = "%m-%d %H:%M"


def tell_gaps() -> int:
    """Tell of every gap of the next seven days that nobody was told of yet; how many those were.

    Each person gets one message for all that is new, however much it is. Safe to repeat: a gap is told of once.
    """
    now = clock.now()
    found = routing.roster_gaps(at=now)
    with transaction():
        fresh = routing.told_anew(found, at=now)
        notifications.tell(_messages(fresh))
    return len(fresh)


def _messages(fresh: list[RosterGap]) -> list[Message]:
    mine: dict[UUID, list[RosterGap]] = defaultdict(list)
    keepers = accounts.everybody_with(Role.DESK, Role.ADMIN) if fresh else []
    for gap in fresh:
        for person in keepers:
            if person.holds(Role.DESK, Role.ADMIN, reaching=gap.area_code):
                mine[person.id].append(gap)
    return [_message(person_id, gaps) for person_id, gaps in mine.items()]


def _message(person_id: UUID, gaps: list[RosterGap]) -> Message:
    first = gaps[0]
    begins, ends = (f"{each.astimezone(routing.zone()):{TO_THE_MINUTE}}" for each in (first.begins_at, first.ends_at))
    more = both("，另有 {n} 处", ", and {n} more", n=len(gaps) - 1) if len(gaps) > 1 else both("", "")
    return Message(person_id, Kind.ROSTER_GAP, str(new_id()), "", both(
        "排班缺口：「{area}」{role} {begins} 至 {ends} 无人在岗{more}",
        "Nobody on duty: {role} of {area}, {begins} to {ends}{more}", area=first.area_name, begins=begins, ends=ends,
        role=routing.role_name(first.role, first.kind), more=more))
