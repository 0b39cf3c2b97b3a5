"""Files of areas for tests: the demo town, and small made-up cities of squares."""

from typing import Any

from incident_service.demo import town

STEP = 0.002                                                # degrees; about 200 m


def the_town() -> dict[str, Any]:
    """The demo town's file, made anew for a test to spoil."""
    return town.collection()


def feature(collection: dict[str, Any], code: str) -> dict[str, Any]:
    """The feature with this code."""
    return next(each for each in collection["features"] if each["properties"]["code"] == code)


def a_square(west: float, south: float, *, width: float = STEP, height: float = STEP) -> dict[str, Any]:
    """A rectangular polygon, degrees."""
    east, north = west + width, south + height
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def an_area(code: str, geometry: Any, **properties: Any) -> dict[str, Any]:
    """One feature."""
    return {"type": "Feature", "properties": {"code": code, "name": f"区域{code}"} | properties, "geometry": geometry}


def a_file(*features: Any, **members: Any) -> dict[str, Any]:
    """A FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)} | members


def a_city_of_two_grids(west: float = 115.9, south: float = 28.6) -> dict[str, Any]:
    """One of each level, and two grids side by side that fill it; their border is at `west + STEP`."""
    whole = ("3601", "360111", "360111J01", "360111001", "360111001001")
    return a_file(
        *(an_area(code, a_square(west, south, width=2 * STEP)) for code in whole),
        an_area("360111001001001", a_square(west, south)),
        an_area("360111001001002", a_square(west + STEP, south)),
    )
