"""Reports, moves and questions about cases as they are sent."""

from typing import Any

from flask_smorest.fields import Upload
from marshmallow import ValidationError, fields, validate
from werkzeug.datastructures import FileStorage

from incident_service.areas import CoordinateSystem
from incident_service.cases.models import Flag
from incident_service.cases.workflow import ReturnReason, Status, TransferReason
from incident_service.foundation.http import Moment, Schema, Text
from incident_service.foundation.paging import PageInput

DESCRIPTION_CHARACTERS_MAX = 4000
ADDRESS_CHARACTERS_MAX = 400
NEAR_METRES_MAX = 50_000


class File(Upload):
    """One file of a multipart body. Words under its name, which `-F photos=car.jpg` sends, are refused."""
    default_error_messages = {"invalid": "Not a file."}                                 # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> FileStorage:
        if not isinstance(value, FileStorage):
            raise self.make_error("invalid")
        return value


class Photos(fields.List):
    """One or several pictures of a multipart body."""

    def __init__(self, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(File(), required=required, metadata={"minItems": 1}, **kwargs)


class ReportInput(Schema):
    """What a resident sends (随手拍)."""
    photos = Photos()
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))
    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    coordinate_system = fields.Enum(CoordinateSystem, by_value=True, required=True)
    category = Text(load_default="other")
    description = Text(load_default="", validate=validate.Length(max=DESCRIPTION_CHARACTERS_MAX))
    address = Text(load_default="", validate=validate.Length(max=ADDRESS_CHARACTERS_MAX))
    taken_at = Moment(load_default=None)


class AcceptanceInput(Schema):
    """What a responder may say when accepting; `done_at` is the phone's own time, when it had no network."""
    done_at = Moment(load_default=None)


class RectificationInput(Schema):
    """What a responder sends when the work is done; `done_at` is the phone's own time, when it had no network."""
    photos = Photos()
    done_at = Moment(load_default=None)
    note = Text(load_default="", validate=validate.Length(max=2000))


class ClosureInput(Schema):
    """What staff send to close a case (结案); `acknowledged` are the codes of the warnings they have weighed."""
    note = Text(load_default="", validate=validate.Length(max=2000))
    acknowledged = fields.List(fields.Enum(Flag, by_value=True), load_default=list, validate=validate.Length(max=20))


class TransferInput(Schema):
    """Who leads and who assists from now on, one of them or both, and why."""
    responder_id = fields.UUID(load_default=None, metadata={"description": "who leads"})
    assist_id = fields.UUID(load_default=None)
    reason = fields.Enum(TransferReason, by_value=True, required=True)
    note = Text(load_default="", validate=validate.Length(max=2000))


class ReturnInput(Schema):
    """Why a case is not the responder's; `other` needs a note."""
    reason = fields.Enum(ReturnReason, by_value=True, required=True)
    note = Text(load_default="", validate=validate.Length(max=2000))


class Near(fields.Field[tuple[float, float, float]]):
    """`longitude,latitude,metres` in WGS-84."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[float, float, float]:
        try:
            longitude, latitude, metres = (float(each) for each in str(value).split(","))
        except ValueError as error:
            raise ValidationError("Not a valid number.") from error
        if not (abs(longitude) <= 180 and abs(latitude) <= 90 and 0 < metres <= NEAR_METRES_MAX):
            raise ValidationError("Not a valid number.")
        return longitude, latitude, metres


class ListFilter(Schema):
    """Which cases are wanted."""
    status = fields.String(load_default=None, validate=validate.OneOf(list(Status)))
    open = fields.Boolean(load_default=None, metadata={"description": "neither closed, void nor merged"})
    category = Text(load_default=None, validate=validate.Length(max=64))
    area = fields.String(load_default=None, validate=validate.Regexp(r"([0-9]{4,15}|[0-9]{6}[JX][0-9]{2,3})\Z"))
    responder = fields.String(load_default=None, validate=validate.OneOf(["me"]))
    overdue = fields.Boolean(load_default=None)
    push_delayed = fields.Boolean(load_default=None)
    opened_from = Moment(load_default=None)
    opened_to = Moment(load_default=None)
    near = Near(load_default=None, metadata={"type": "string", "example": "115.93,28.69,200"})
    q = Text(load_default=None, validate=validate.Length(2, 100))
    sort = fields.String(load_default="newest", validate=validate.OneOf(["newest", "oldest"]))


class CaseFilter(ListFilter, PageInput):
    """Which cases are wanted, and which part of them."""
