"""What staff call whoever reported a case."""

from uuid import UUID

from incident_service.foundation import keys
from incident_service.foundation.words import Words, both


def mark(case_id: UUID, reporter_id: UUID) -> str:
    """The same six letters within one case, others in every other case."""
    return keys.seal("pseudonym", f"{case_id}/{reporter_id}")[:6].upper()


def pseudonym(case_id: UUID, reporter_id: UUID) -> Words:
    """The mark as a name."""
    return both("居民-{mark}", "resident-{mark}", mark=mark(case_id, reporter_id))
