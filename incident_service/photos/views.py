"""Answering with a picture. Who may see it is decided by the room that owns the route."""

import hashlib

from flask import Response, request, stream_with_context

from incident_service.photos.copies import read
from incident_service.photos.models import Photo, Size
from incident_service.photos.originals import OriginalSealed, pieces

KEPT_BY_PHONES_S = 300


def answer(photo: Photo, size: str) -> Response:
    """The copy as an HTTP answer, or 304 when the caller holds it already.

    Raises PhotoNotReady or PhotoUnreadable; OriginalSealed for the original.
    """
    if size == Size.ORIGINAL:
        raise OriginalSealed()
    return answer_jpeg(read(photo, Size(size)))


def answer_jpeg(jpeg: bytes) -> Response:
    """A picture as an HTTP answer, or 304 when the caller holds it already."""
    response = Response(jpeg, mimetype="image/jpeg")
    response.set_etag(hashlib.sha256(jpeg).hexdigest()[:32])
    response.cache_control.private = True
    response.cache_control.max_age = KEPT_BY_PHONES_S
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    return response


def answer_original(photo: Photo) -> Response:
    """The bytes as they came, a piece at a time, for nobody to keep. That they may be shown was decided before."""
    response = Response(stream_with_context(pieces(photo.sha256)), mimetype="application/octet-stream")
    response.content_length = photo.byte_count
    response.headers["Content-Disposition"] = f'attachment; filename="{photo.sha256}"'
    response.cache_control.no_store = True
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
