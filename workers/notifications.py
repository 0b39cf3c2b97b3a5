"""Jobs that tell somebody something."""

from uuid import UUID

from incident_service import notifications
from incident_service.foundation.words import both
from workers import in_app


@in_app
def deliver(notification_id: str) -> None:
    """Send a notification by the city's channel. Safe to repeat: what was delivered is left alone."""
    notifications.deliver(UUID(notification_id))


@in_app
def tell_person(account_id: str, kind: str, reference: str, title_zh: str, title_en: str) -> None:
    """Tell one person something that is about no case. Safe to repeat: once for a person, kind and reference."""
    notifications.tell_person(UUID(account_id), kind=notifications.Kind(kind), reference=reference,
                              title=both("{title}", "{title}", title=both(title_zh, title_en)))
