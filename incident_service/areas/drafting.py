"""What a file of areas would change, and everything that is wrong with it. Nothing is stored here."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import Any

import shapely

from incident_service.areas import queries
from incident_service.areas.atlas import Atlas
from incident_service.areas.coordinates import CoordinateSystem
from incident_service.areas.features import Content, Reading, read_content, system_of
from incident_service.areas.findings import Fault, Finding
from incident_service.areas.geometry import check_fit, remarks
from incident_service.areas.layers import parent_of
from incident_service.areas.locating import reach
from incident_service.areas.mending import mend
from incident_service.areas.metres import plane_at
from incident_service.areas.numbering import Numbering
from incident_service.areas.outlines import Outline
from incident_service.areas.places import AreaName, Place
from incident_service.areas.systems import seems_drawn_in
from incident_service.foundation.words import both

AS_WRITTEN = Reading()


@dataclass(frozen=True)
class Changes:
    """How a file differs from what is in force."""

    added: list[Outline]
    reshaped: list[Outline]
    renamed: list[Outline]
    retired: list[str]

    @property
    def reshaped_codes(self) -> Set[str]:
        """The areas that get a shape they did not have."""
        return {outline.code for outline in self.added + self.reshaped}

    @property
    def codes(self) -> Set[str]:
        """The areas that are not as they were."""
        return {*self.reshaped_codes, *(outline.code for outline in self.renamed), *self.retired}


class Draft:
    """A file beside the edition it was compared with: what would change, what forbids it, what was repaired."""

    def __init__(self, edition: int, before: Mapping[str, Outline], content: Content) -> None:
        self.edition, self.before = edition, before
        self.findings: list[Finding] = content.findings
        self.repairs: list[Finding] = []
        self.remarks: list[Finding] = []
        self.retired = set(content.retired)
        self._take(content.outlines)

    def _take(self, outlines: list[Outline]) -> None:
        known = [outline for outline in outlines if outline.code in self.before]
        self.outlines = outlines
        self.changes = Changes(
            added=[outline for outline in outlines if outline.code not in self.before],
            reshaped=[outline for outline in known if not _is_same(outline, self.before[outline.code])],
            renamed=[outline for outline in known if outline.name != self.before[outline.code].name],
            retired=sorted(self.retired & self.before.keys()))

    @property
    def after(self) -> dict[str, Outline]:
        """Every area as it would be."""
        kept = {code: outline for code, outline in self.before.items() if code not in self.retired}
        return kept | {outline.code: outline for outline in self.outlines}

    def locate(self, longitude: float, latitude: float) -> Place:
        """Where a WGS-84 place would lie."""
        return self._atlas.locate(longitude, latitude)

    @cached_property
    def _atlas(self) -> Atlas:
        after = sorted(self.after.values(), key=attrgetter("code"))
        return Atlas(self.edition + 1, [AreaName(each.code, each.name, each.layer) for each in after],
                     [each.shape for each in after], reach=reach())

    def concerned(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all places whose answers may change; nowhere when none may."""
        codes = self.changes.reshaped_codes | {*self.changes.retired}
        shapes = [world[code].shape for world in (self.before, self.after) for code in codes if code in world]
        if not shapes:
            return 0.0, 0.0, 0.0, 0.0
        west, south, east, north = shapely.total_bounds(shapes)
        lower, upper = (plane_at(west, latitude).box(reach().desk_radius_m).bounds for latitude in (south, north))
        margin = max(west - lower[0], west - upper[0])
        return west - margin, lower[1], east + margin, upper[3]

    def fit(self, *, accept_repairs: bool) -> None:
        """Look at how the areas fit, once every feature by itself is right; find out what small repairs would mend,
        and let them stand when they are accepted."""
        if any(not finding.can_be_repaired for finding in self.findings):
            return
        invalid, after = self.findings, self.after
        misfits = self._misfits(after)
        if misfits:
            left = self._mended(after, {outline.code for outline in self.outlines}, accept_repairs=accept_repairs)
            misfits = [replace(each, can_be_repaired=(each.fault, each.feature) not in left) for each in misfits]
        self.findings = [*invalid, *misfits]
        if accept_repairs:
            self.repairs = [replace(finding, can_be_repaired=False) for finding in self.findings
                            if finding.can_be_repaired]
            self.findings = [finding for finding in self.findings if not finding.can_be_repaired]
        self.remarks = remarks(self.after, changed=self.changes.reshaped_codes, retired=self.retired)

    def _misfits(self, world: Mapping[str, Outline]) -> list[Finding]:
        return check_fit(world, changed=self.changes.reshaped_codes, retired=self.retired)

    def _mended(self, after: dict[str, Outline], own: Set[str], *, accept_repairs: bool) -> Set[tuple[Fault, str]]:
        """Which misfits small repairs leave."""
        mended = mend(after, own)
        changed = {code for code in own if mended[code] is not after[code]} | self.changes.reshaped_codes
        if accept_repairs:
            self._take([mended[outline.code] for outline in self.outlines])
        return {(each.fault, each.feature) for each in check_fit(mended, changed=changed, retired=self.retired)}


def draft(collection: Any, reading: Reading = AS_WRITTEN, *, accept_repairs: bool = False) -> Draft:
    """Read a GeoJSON FeatureCollection and compare it with itself and what is in force.

    Properties of a feature: its code and its name (as `reading` says), and if wanted `layer` and `parent`, which must
    then agree with the code; `retired: true` ends an area. With `accept_repairs` small faults are mended and named.
    """
    edition = queries.latest_edition()
    before = queries.outlines_in_force()
    content = read_content(collection, reading, _numbering(reading, before))
    drafted = Draft(edition.number if edition else 0, before, content)
    drafted.findings += [_not_in_force(code) for code in sorted(drafted.retired - before.keys())]
    doubt = None if drafted.findings else _other_system(collection, reading, drafted)
    drafted.fit(accept_repairs=accept_repairs)
    if doubt and (drafted.findings or reading.coordinate_system is None):
        drafted.findings.insert(0, doubt)
    return drafted


def _numbering(reading: Reading, before: Mapping[str, Outline]) -> Numbering:
    under = reading.number_under or ""
    known = {area.name: area.code for area in before.values()
             if under and parent_of(area.code) == under and area.layer is reading.layer}
    return Numbering(under, reading.layer, known=known, taken=queries.codes_under(under) if under else ())


def _other_system(collection: Any, reading: Reading, drafted: Draft) -> Finding | None:
    """A finding when the file, read in another coordinate system, would fit what is in force far better."""
    def read(other: CoordinateSystem) -> list[Outline]:
        relabelled, again = collection | {"coordinate_system": other}, replace(reading, coordinate_system=other)
        return read_content(relabelled, again, _numbering(reading, drafted.before)).outlines

    system = system_of(collection, reading.coordinate_system)
    other = seems_drawn_in(read, drafted.outlines, drafted.before, system)
    if other is None:
        return None
    return Finding(Fault.WRONG_SYSTEM, "file", both(
        "按 {system} 读取与现有区域明显错位，按 {other} 读取则吻合；如确为 {system}，请明确指定坐标系",
        "Read as {system} it lies beside what is in force, as {other} it fits; if it is {system}, say so expressly",
        system=system, other=other))


def _is_same(one: Outline, other: Outline) -> bool:
    return bool(one.shape.equals_exact(other.shape, 0.0))


def _not_in_force(code: str) -> Finding:
    return Finding(Fault.NOT_IN_FORCE, code, both("要撤销的区域并不在用", "It is to end, but is not in force"))
