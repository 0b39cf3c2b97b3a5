"""Where: city › district › street › community › grid, the layers beside them (beats, fire areas, compounds,
public roads), and which of them holds a point.

Always true here: an area's code begins with its parent's code and never changes hands; every area has exactly one
shape in force; the grids of a community fill it without gap or overlap; everything stored is WGS-84.
"""

from incident_service.areas.coordinates import CoordinateSystem, from_wgs84, to_wgs84
from incident_service.areas.drafting import Draft, draft
from incident_service.areas.features import Reading
from incident_service.areas.findings import Fault, Finding
from incident_service.areas.importing import ImportOutcome, ImportsCollided, import_areas, outcome_of, put_in_force
from incident_service.areas.layers import Land, Layer, layer_of, lineage, parent_of
from incident_service.areas.locating import (
    UnknownArea,
    all_on,
    edition,
    exists,
    holding,
    is_known,
    locate,
    name_of,
    path_of,
)
from incident_service.areas.metres import distance_m
from incident_service.areas.places import AreaName, Found, Held, Place
from incident_service.areas.queries import are_imported, boundary

__all__ = [
    "AreaName", "CoordinateSystem", "Draft", "Fault", "Finding", "Found", "Held", "ImportOutcome", "ImportsCollided",
    "Land", "Layer", "Place", "Reading", "UnknownArea", "all_on", "are_imported", "boundary", "distance_m", "draft",
    "edition", "exists", "from_wgs84", "holding", "import_areas", "is_known", "layer_of", "lineage", "locate",
    "name_of", "outcome_of", "parent_of", "path_of", "put_in_force", "to_wgs84",
]
