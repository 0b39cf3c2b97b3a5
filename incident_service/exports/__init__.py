"""Files that take a while: asked for, made by a worker with progress, fetched by who asked, gone after a day.

Always true here: an export is asked for in the transaction that promises its making; its bytes lie in the database, so
that any process on any machine gives them out; a file is whole or not there; nobody else ever reads it.
"""

from incident_service.exports.asking import TooManyExports, ask, described, forget
from incident_service.exports.making import Progress, fill, unbegun
from incident_service.exports.models import Export, Kind, State
from incident_service.exports.presenting import promised
from incident_service.exports.schemas import ExportOutput
from incident_service.exports.sweeping import forget_of, sweep

__all__ = ["Export", "ExportOutput", "Kind", "Progress", "State", "TooManyExports", "ask", "described", "fill",
           "forget", "forget_of", "promised", "sweep", "unbegun"]
