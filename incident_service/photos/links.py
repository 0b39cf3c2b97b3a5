"""Links to a photo's copies: signed, for one photo, revision and size, and ending at a full hour within two.

Within an hour the same photo has the same link, so that phones may keep what they have fetched.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from incident_service.foundation import clock, keys
from incident_service.foundation.problems import Forbidden
from incident_service.foundation.words import both
from incident_service.photos.copies import find
from incident_service.photos.models import Photo, Size

PURPOSE = "photo-link"
LIFE_HOURS_MAX = 2
LINKED = (Size.THUMB, Size.SCREEN)


LINK_PARAMETERS = [{"in": "query", "name": name, "schema": {"type": "string"}, "description": "Part of a signed link."}
                   for name in ("ends", "revision", "signature")]


class LinkNotGood(Forbidden):
    """The link has ended, or was never given by this installation."""
    slug, title = "photo-link-not-good", both("照片链接已失效", "The link to the photo is not good any more")


def signed_urls(photo: Photo) -> dict[str, str]:
    """Where the photo's copies can be fetched without signing in, by size."""
    ends = _end()
    return {size.value: _url(photo, size, ends) for size in LINKED}


def check_link(photo_id: UUID, size: str, query: Mapping[str, str]) -> Photo:
    """The photo a signed link leads to. Raises LinkNotGood, also for an earlier revision; originals have no links."""
    ends, revision, signature = (query.get(name, "") for name in ("ends", "revision", "signature"))
    is_given = size in LINKED and keys.seal_is_right(PURPOSE, _message(photo_id, size, revision, ends), signature)
    if not is_given or int(ends) <= clock.now().timestamp():
        raise LinkNotGood()
    photo = find(photo_id)
    if int(revision) != photo.revision:
        raise LinkNotGood()
    return photo


def _url(photo: Photo, size: str, ends: str) -> str:
    revision = str(photo.revision)
    signature = keys.seal(PURPOSE, _message(photo.id, size, revision, ends))
    return f"/api/v1/photos/{photo.id}/{size}?ends={ends}&revision={revision}&signature={signature}"


def _message(photo_id: UUID, size: str, revision: str, ends: str) -> str:
    return f"{photo_id}/{size}/{revision}/{ends}"


def _end() -> str:
    """The full hour at which a link made now ends: at least one hour from now, and at most two."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return str(int((hour + timedelta(hours=LIFE_HOURS_MAX)).timestamp()))
