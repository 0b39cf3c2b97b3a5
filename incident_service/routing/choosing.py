"""Choosing the responders of a case. Reads areas, the catalogue and people; writes nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from incident_service import accounts, areas, catalogue
from incident_service.accounts import Account, Role
from incident_service.areas import Layer, Place

Workload = Callable[[Iterable[UUID]], Mapping[UUID, int]]


@dataclass(frozen=True)
class Part:
    """One responder of a case: lead (主责) or assist (协同)."""

    part: str
    role: Role
    kind: str | None
    area_code: str
    responder_id: UUID
    explanation: dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """A part that found nobody, and why: `no_area` (outside every polygon) or `nobody` (no active holder)."""

    part: str
    role: Role
    kind: str | None
    area_code: str | None
    reason: str


@dataclass(frozen=True)
class Decision:
    """Where a case belongs and who answers for it. Without a lead the case is unroutable."""

    place: Place
    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]

    @property
    def is_routable(self) -> bool:
        """Whether somebody leads."""
        return any(part.part == "lead" for part in self.parts)


def choose(*, category: str, longitude: float, latitude: float, workload: Workload) -> Decision:
    """Who leads and who assists in a case of `category` at a WGS-84 place, now.

    Each part names a role and the layer it is held on; of several holders the one with the fewest open
    dispatches is chosen, then the one who has been there longest. `workload` tells how many each has open.
    """
    place = areas.locate(longitude, latitude)
    parts: list[Part] = []
    gaps: list[Gap] = []
    for duty in catalogue.category(category).duties:
        found = _fill(duty, place, workload)
        (parts if isinstance(found, Part) else gaps).append(found)              # type: ignore[arg-type]
    return Decision(place, tuple(parts), tuple(gaps))


def _fill(duty: catalogue.Duty, place: Place, workload: Workload) -> Part | Gap:
    role, found = Role(duty.role), place.found.get(Layer(duty.layer))
    if found is None:
        return Gap(duty.part, role, duty.kind, None, "no_area")
    code = found.area.code
    holders = accounts.responsible_for(code, role, duty.kind)
    if not holders:
        return Gap(duty.part, role, duty.kind, code, "nobody")
    chosen = _least_busy(holders, workload)
    return Part(duty.part, role, duty.kind, code, chosen.id, {
        "rule": duty.rule, "layer": str(duty.layer), "area": code, "area_name": found.area.name,
        "edition": place.edition, "on_border": found.on_border, "holders": len(holders),
        "distance_m": round(found.distance_m, 1),
    })


def _least_busy(holders: list[Account], workload: Workload) -> Account:
    if len(holders) == 1:
        return holders[0]
    open_now = workload([each.id for each in holders])
    return min(holders, key=lambda each: (open_now.get(each.id, 0), each.created_at, each.id))
