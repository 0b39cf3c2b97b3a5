"""Telling someone, once.

Always true here: one notification for one person and occasion, however often it is asked for; whatever is
written for a person raises the revision of their inbox in the same transaction, so a phone polls cheaply.
"""

from incident_service.notifications.inbox import (
    Kind,
    Message,
    deliver,
    forget_about,
    forget_of,
    mark_seen,
    page_of,
    revision_of,
    tell,
    tell_person,
    told,
)

__all__ = ["Kind", "Message", "deliver", "forget_about", "forget_of", "mark_seen", "page_of", "revision_of", "tell",
           "tell_person", "told"]
