"""Where: city › district › street › community › grid, the layers beside them (beats, fire areas, compounds,
public roads), and which of them holds a point.

Always true here: an area's code begins with its parent's code and never changes hands; every area has exactly one
shape in force; the grids of a community fill it without gap or overlap; everything stored is WGS-84.
"""

from incident_service.areas.coordinates import CoordinateSystem, from_wgs84, to_wgs84
from incident_service.areas.findings import Fault, Finding
from incident_service.areas.importing import ImportOutcome, ImportsCollided, import_areas
from incident_service.areas.layers import Land, Layer, layer_of, lineage, parent_of
from incident_service.areas.locating import UnknownArea, exists, holding, locate, name_of, path_of
from incident_service.areas.metres import distance_m
from incident_service.areas.places import AreaName, Found, Held, Place
from incident_service.areas.queries import are_imported

__all__ = [
    "AreaName", "CoordinateSystem", "Fault", "Finding", "Found", "Held", "ImportOutcome", "ImportsCollided", "Land",
    "Layer", "Place", "UnknownArea", "are_imported", "distance_m", "exists", "from_wgs84", "holding", "import_areas",
    "layer_of", "lineage", "locate", "name_of", "parent_of", "path_of", "to_wgs84",
]
