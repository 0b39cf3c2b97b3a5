"""Evidence bundles: a case's pictures and history in one file that proves itself, years later, on another machine.

Always true here: what a bundle holds is named in its manifest with its SHA-256, and the manifest is signed with the
installation's own key; reporters appear under their pseudonym; originals are in it only by a second person's consent;
the same content makes the same bytes.
"""

from incident_service.evidence.bundle import bundle
from incident_service.evidence.checking import check
from incident_service.foundation.signing import fingerprint, public_key

__all__ = ["bundle", "check", "fingerprint", "public_key"]
