"""Backups: everything an installation holds in one file, and back, on either database and either photo store.

Always true here: a backup is of one moment and whole, or it is not there; its rows know no database, so SQLite's go
into PostgreSQL and back; nothing is changed before the whole archive was found to be as it was written.
"""

from incident_service.operations.backup.creating import Made, create
from incident_service.operations.backup.erased import list_erased
from incident_service.operations.backup.refusals import Damaged, Refused
from incident_service.operations.backup.restoring import Restored, restore

__all__ = ["Damaged", "Made", "Refused", "Restored", "create", "list_erased", "restore"]
