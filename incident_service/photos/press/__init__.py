"""The press: where strangers' pixels are decoded, in processes that a picture may kill without anybody noticing.

`Press(address, limits)` is what the rest of the room uses; `serve(listening_socket, limits)` is the loop of one
forked child. Between them goes a path and comes back a verdict: a `Picture`, a JPEG, or `Refused` with its reason.
`PressAway` says that nobody could look: nothing is known of the picture then.
"""

from incident_service.photos.press.boxes import Box
from incident_service.photos.press.client import INLINE, Press
from incident_service.photos.press.formats import TAKEN
from incident_service.photos.press.limits import Limits
from incident_service.photos.press.refusals import PressAway, Reason, Refused
from incident_service.photos.press.server import serve
from incident_service.photos.press.work import Picture

__all__ = ["INLINE", "TAKEN", "Box", "Limits", "Picture", "Press", "PressAway", "Reason", "Refused", "serve"]
