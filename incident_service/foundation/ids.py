"""Identifiers: for whoever needs one before the database is loaded, such as the logs of a start."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A new identifier, version 7: later ones sort later, so an index grows at its end."""
    return uuid_utils.compat.uuid7()
