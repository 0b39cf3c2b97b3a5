"""Photos: a picture sealed as it came, understood, stripped of its metadata, cut to sizes.

Always true here: strangers' pixels are decoded in the press alone; a Photo's original was on the disk before the row
that names it was written, and is never changed; copies carry nothing but upright pixels in sRGB; what a picture
claims of itself (time, place, device) is a claim. Who may see a photo is for the room that shows it to say.
"""

from incident_service.photos.beside import lay_beside, read_beside, tidy_beside
from incident_service.photos.comparing import Hit, compare
from incident_service.photos.copies import PhotoNotReady, PhotoUnreadable, cut_sizes, read
from incident_service.photos.gallery import open_gallery
from incident_service.photos.incoming import PhotoTooLarge, SpoolingRequest, sweep_incoming
from incident_service.photos.intake import Sealed, keep, take_in
from incident_service.photos.links import LINK_PARAMETERS, LinkNotGood, check_link, signed_urls
from incident_service.photos.models import Photo, Size, Status, copy_called
from incident_service.photos.originals import (
    OriginalLost,
    RequestLapsed,
    approve,
    ask,
    look,
    looks_at,
    pieces,
    requests_for,
)
from incident_service.photos.press import Box
from incident_service.photos.redacted import BoxKind, Redaction
from incident_service.photos.redaction import TooManyBoxes, boxes_on, redact, unveil
from incident_service.photos.refusals import PhotoCountRefused, PhotosRefused, PhotoTypeRefused, PressUnreachable
from incident_service.photos.retention import drop_copies, forget_places, give_to, give_up_originals, take_away
from incident_service.photos.sealed import Occasion, OriginalLook, OriginalRequest
from incident_service.photos.stores import StoreAway, store
from incident_service.photos.sweeping import sweep_orphans
from incident_service.photos.views import OriginalSealed, answer, answer_jpeg, answer_original

__all__ = [
    "LINK_PARAMETERS",
    "Box",
    "BoxKind",
    "Hit",
    "LinkNotGood",
    "Occasion",
    "OriginalLook",
    "OriginalLost",
    "OriginalRequest",
    "OriginalSealed",
    "Photo",
    "PhotoCountRefused",
    "PhotoNotReady",
    "PhotoTooLarge",
    "PhotoTypeRefused",
    "PhotoUnreadable",
    "PhotosRefused",
    "PressUnreachable",
    "Redaction",
    "RequestLapsed",
    "Sealed",
    "Size",
    "SpoolingRequest",
    "Status",
    "StoreAway",
    "TooManyBoxes",
    "answer",
    "answer_jpeg",
    "answer_original",
    "approve",
    "ask",
    "boxes_on",
    "check_link",
    "compare",
    "copy_called",
    "cut_sizes",
    "drop_copies",
    "forget_places",
    "give_to",
    "give_up_originals",
    "keep",
    "lay_beside",
    "look",
    "looks_at",
    "open_gallery",
    "pieces",
    "read",
    "read_beside",
    "redact",
    "requests_for",
    "signed_urls",
    "store",
    "sweep_incoming",
    "sweep_orphans",
    "take_away",
    "take_in",
    "tidy_beside",
    "unveil",
]
