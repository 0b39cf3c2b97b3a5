"""Ringing the bell for somebody who is to be told something: the room of notifications stands beside this one."""

from uuid import UUID

from incident_service.foundation.outbox import enqueue
from incident_service.foundation.words import Words


def ring(account_id: UUID | str, kind: str, reference: str, title: Words) -> None:
    """Have a person told something, once for a kind and reference. Must be called inside a transaction."""
    enqueue("workers.notifications.tell_person", account_id=str(account_id), kind=kind, reference=reference,
            title_zh=title.in_language("zh"), title_en=title.in_language("en"))
