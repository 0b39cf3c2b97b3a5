"""Answering with a picture. Who may see it is decided by the room that owns the route."""

import hashlib

from flask import Response, request

from incident_service.foundation.problems import Forbidden
from incident_service.foundation.words import both
from incident_service.photos.copies import read
from incident_service.photos.models import Photo, Size

KEPT_BY_PHONES_S = 300


class OriginalSealed(Forbidden):
    """The bytes as they came are evidence, and carry the sender's whereabouts."""
    slug, title = "photo-original-sealed", both("原始照片已封存", "The original photo is sealed")


def answer(photo: Photo, size: str) -> Response:
    """The copy as an HTTP answer, or 304 when the caller holds it already.

    Raises PhotoNotReady or PhotoUnreadable; OriginalSealed for the original.
    """
    if size == Size.ORIGINAL:
        raise OriginalSealed()
    jpeg = read(photo, Size(size))
    response = Response(jpeg, mimetype="image/jpeg")
    response.set_etag(hashlib.sha256(jpeg).hexdigest()[:32])
    response.cache_control.private = True
    response.cache_control.max_age = KEPT_BY_PHONES_S
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    return response
