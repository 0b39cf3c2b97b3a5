"""Cases that are not found by what they say get their words anew."""

from incident_service.cases import access, words
from incident_service.cases.audit import batches
from incident_service.cases.wording import differing
from incident_service.foundation.transaction import transaction


def write_words_anew() -> int:
    """Write the words of every case that has none, or others than it says; how many these were. Safe to repeat, and
    beside the service: each case is looked at again under its lock."""
    count = 0
    for batch in batches():
        kept, due = words.kept_of([case.id for case in batch]), words.due(batch)
        for id in due:
            if id not in kept or differing(kept[id], due[id]):
                with transaction():
                    words.write(access.locked(id))
                count += 1
    return count
