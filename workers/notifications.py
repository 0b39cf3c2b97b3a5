"""Jobs that tell somebody something."""

from uuid import UUID

from incident_service import notifications
from workers import in_app


@in_app
def deliver(notification_id: str) -> None:
    """Send a notification by the city's channel. Safe to repeat: what was delivered is left alone."""
    notifications.deliver(UUID(notification_id))
