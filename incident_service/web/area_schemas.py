"""Areas as they are sent and shown over HTTP."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from incident_service.areas import CoordinateSystem, Fault, Layer, layer_of
from incident_service.foundation.http import Schema, Text
from incident_service.foundation.paging import PageInput
from incident_service.foundation.words import both

NAME = validate.Length(1, 100)
NOT_A_CODE = both("不是有效的区域编码", "Not an area code")
EDITION_MAX = 2**31 - 1


def _is_a_code(code: str) -> None:
    if layer_of(code) is None:
        raise ValidationError([NOT_A_CODE])


class AreaDraftInput(Schema):
    """A GeoJSON FeatureCollection and how it is to be read: the options of `flask areas import`."""
    bytes_max = "AREA_FILE_BYTES_MAX"

    collection = fields.Dict(required=True, metadata={"description": "GeoJSON FeatureCollection"})
    layer = fields.Enum(Layer, by_value=True, load_default=None, allow_none=True)
    coordinate_system = fields.Enum(CoordinateSystem, by_value=True, load_default=None, allow_none=True)
    code_property = Text(load_default="code", validate=NAME)
    name_property = Text(load_default="name", validate=NAME)
    number_under = Text(load_default=None, allow_none=True, validate=_is_a_code, metadata={"example": "360111"})
    parent_name = Text(load_default=None, allow_none=True, validate=NAME)
    accept_repairs = fields.Boolean(load_default=False)


class AreaImportInput(AreaDraftInput):
    """The same, with the edition that the preview was compared with, and what the file is called."""
    based_on = fields.Integer(required=True, strict=True, validate=validate.Range(0, EDITION_MAX))
    source = Text(load_default="", validate=validate.Length(max=200))


class FindingOutput(Schema):
    """Something that is wrong with, was repaired in, or should be known of a feature."""
    fault = fields.Enum(Fault, by_value=True, required=True)
    feature = fields.String(required=True)
    detail = fields.String(required=True)
    can_be_repaired = fields.Boolean(required=True)


class CaseMoveOutput(Schema):
    """An open case that would lie elsewhere."""
    number = fields.String(required=True)
    status = fields.String(required=True)
    area_code = fields.String(required=True, allow_none=True)
    beat_code = fields.String(required=True, allow_none=True)
    fire_area_code = fields.String(required=True, allow_none=True)
    new_area_code = fields.String(required=True, allow_none=True)
    new_beat_code = fields.String(required=True, allow_none=True)
    new_fire_area_code = fields.String(required=True, allow_none=True)


class AreaReportOutput(Schema):
    """What an import did or would do. `edition` is the one in force; with `findings` nothing is stored. Of a long list
    the first are shown, the totals count all."""
    edition = fields.Integer(required=True)
    added = fields.Integer(required=True)
    reshaped = fields.Integer(required=True)
    renamed = fields.Integer(required=True)
    retired = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    findings = fields.List(fields.Nested(FindingOutput), required=True)
    findings_total = fields.Integer(required=True)
    repairs = fields.List(fields.Nested(FindingOutput), required=True)
    remarks = fields.List(fields.Nested(FindingOutput), required=True)
    cases_moving = fields.List(fields.Nested(CaseMoveOutput), required=True)
    cases_moving_total = fields.Integer(required=True)


class AreaInForceOutput(Schema):
    """An area in force, and the edition that drew its shape."""
    code = fields.String(required=True)
    name = fields.String(required=True)
    layer = fields.Enum(Layer, by_value=True, required=True)
    parent = fields.String(required=True, allow_none=True, attribute="parent_code")
    edition = fields.Integer(required=True)


class ShapeOutput(Schema):
    """When an area had which shape: from the edition that drew it until it was drawn anew or ended."""
    edition = fields.Integer(required=True)
    in_force_from = fields.AwareDateTime(required=True)
    in_force_to = fields.AwareDateTime(required=True, allow_none=True)


class AreaWithShapesOutput(Schema):
    """An area and its shapes, the newest first; the name is today's."""
    code = fields.String(required=True)
    name = fields.String(required=True)
    layer = fields.Enum(Layer, by_value=True, required=True)
    parent = fields.String(required=True, allow_none=True, attribute="parent_code")
    shapes = fields.List(fields.Nested(ShapeOutput), required=True)


class EditionOutput(Schema):
    """One import that changed something."""
    number = fields.Integer(required=True)
    imported_at = fields.AwareDateTime(required=True)
    imported_by = fields.UUID(required=True, allow_none=True, attribute="imported_by_id")
    source = fields.String(required=True)
    added = fields.Integer(required=True)
    reshaped = fields.Integer(required=True)
    renamed = fields.Integer(required=True)
    retired = fields.Integer(required=True)
    repaired = fields.Integer(required=True)


class AreasInput(PageInput):
    """Which areas are wanted: of a layer, within an area."""
    layer = fields.Enum(Layer, by_value=True, load_default=None)
    within = fields.String(load_default="", validate=_is_a_code)


class OutlineInput(Schema):
    """For which map, and as which edition had it; today's when none is named."""
    coordinate_system = fields.Enum(CoordinateSystem, by_value=True, load_default=CoordinateSystem.WGS84)
    edition = fields.Integer(load_default=None, validate=validate.Range(1, EDITION_MAX))


class OutlinesInput(OutlineInput):
    """Which outlines are wanted."""
    layer = fields.Enum(Layer, by_value=True, required=True)
    within = fields.String(load_default="", validate=_is_a_code)


class PropertiesOutput(Schema):
    """What a feature is."""
    code = fields.String(required=True)
    name = fields.String(required=True)
    layer = fields.Enum(Layer, by_value=True, required=True)
    parent = fields.String(required=True, allow_none=True)


class FeatureOutput(Schema):
    """A GeoJSON feature."""
    type = fields.String(required=True)
    properties = fields.Nested(PropertiesOutput, required=True)
    geometry = fields.Dict(required=True)


class OutlineOutput(FeatureOutput):
    """A GeoJSON feature that says what its coordinates are."""
    coordinate_system = fields.Enum(CoordinateSystem, by_value=True, required=True)


class OutlinesOutput(Schema):
    """A GeoJSON FeatureCollection; `flask areas import` reads it back."""
    type = fields.String(required=True)
    coordinate_system = fields.Enum(CoordinateSystem, by_value=True, required=True)
    edition = fields.Integer(required=True)
    features = fields.List(fields.Nested(FeatureOutput), required=True)


def feature(outline: Any, geometry: dict[str, Any], parent: str | None) -> dict[str, Any]:
    """An outline as a GeoJSON feature."""
    return {"type": "Feature", "geometry": geometry,
            "properties": {"code": outline.code, "name": outline.name, "layer": outline.layer, "parent": parent}}
