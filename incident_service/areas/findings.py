"""What can be wrong with a file of areas, and how it is said."""

from dataclasses import dataclass
from enum import StrEnum

from incident_service.foundation.words import Words, both

REPAIR = both("（可修复）", " (can be repaired)")


class Fault(StrEnum):
    """The kinds of fault an import looks for."""

    NOT_GEOJSON = "not_geojson"
    UNKNOWN_SYSTEM = "unknown_system"
    BAD_CODE = "bad_code"
    BAD_NAME = "bad_name"
    BAD_LAYER = "bad_layer"
    BAD_PARENT = "bad_parent"
    DUPLICATE_CODE = "duplicate_code"
    MISSING_PARENT = "missing_parent"
    NOT_A_POLYGON = "not_a_polygon"
    NOT_DEGREES = "not_degrees"
    SWAPPED_AXES = "swapped_axes"
    TOO_DETAILED = "too_detailed"
    INVALID_SHAPE = "invalid_shape"
    WRONG_SYSTEM = "wrong_system"
    NOT_IN_FORCE = "not_in_force"
    OVERLAP = "overlap"
    GAP = "gap"
    OUTSIDE_PARENT = "outside_parent"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: which kind, with which feature (code and name, or its number), and what exactly."""

    fault: Fault
    feature: str
    detail: Words
    can_be_repaired: bool = False

    @property
    def words(self) -> Words:
        """The finding as one line."""
        return both("[{fault}] {feature}: {detail}{repair}", "[{fault}] {feature}: {detail}{repair}",
                    fault=self.fault, feature=self.feature, detail=self.detail,
                    repair=REPAIR if self.can_be_repaired else "")
