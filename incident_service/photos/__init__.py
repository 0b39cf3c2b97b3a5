"""Photos: a picture sealed as it came, understood, stripped of its metadata, cut to sizes.

Always true here: strangers' pixels are decoded in the press alone; a Photo's original was on the disk before the row
that names it was written, and is never changed; copies carry nothing but upright pixels in sRGB; what a picture
claims of itself (time, place, device) is a claim. Who may see a photo is for the room that shows it to say.
"""

from incident_service.photos.comparing import Hit, compare
from incident_service.photos.copies import PhotoNotReady, PhotoUnreadable, cut_sizes, read
from incident_service.photos.gallery import open_gallery
from incident_service.photos.incoming import PhotoTooLarge, SpoolingRequest, sweep_incoming
from incident_service.photos.intake import Sealed, keep, take_in
from incident_service.photos.links import LINK_PARAMETERS, LinkNotGood, check_link, signed_urls
from incident_service.photos.models import Photo, Size, Status
from incident_service.photos.refusals import PhotoCountRefused, PhotosRefused, PhotoTypeRefused, PressUnreachable
from incident_service.photos.stores import StoreAway, store
from incident_service.photos.views import OriginalSealed, answer

__all__ = [
    "LINK_PARAMETERS", "Hit", "LinkNotGood", "OriginalSealed", "Photo", "PhotoCountRefused", "PhotoNotReady",
    "PhotoTooLarge", "PhotoTypeRefused", "PhotoUnreadable", "PhotosRefused", "PressUnreachable", "Sealed", "Size",
    "SpoolingRequest", "Status", "StoreAway", "answer", "check_link", "compare", "cut_sizes", "keep",
    "open_gallery", "read", "signed_urls", "store", "sweep_incoming", "take_in",
]
