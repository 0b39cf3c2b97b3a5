"""Jobs of the room accounts."""

from uuid import UUID

from incident_service import accounts
from workers import in_app


@in_app
def send_login_code(login_code_id: str) -> None:
    """Make a one-time code and send it. Safe to repeat: what was sent is not sent again, and only the last counts."""
    accounts.send_login_code(UUID(login_code_id))
