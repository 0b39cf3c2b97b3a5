"""How the one who asked is told that a file will be made."""

from flask import Response, jsonify

from incident_service.exports.asking import described
from incident_service.exports.models import Export
from incident_service.exports.schemas import ExportOutput


def promised(found: Export) -> Response:
    """202, with how far the file is and where to ask again."""
    told = described(found)
    response = jsonify(ExportOutput().dump(told))
    response.status_code, response.location = 202, told["status_url"]
    return response
