"""What the city does about a report: the case, from intake over dispatch and rectification to closure.

Always true here: a case exists as soon as its report is answered; it has one status, reached by the moves of
`workflow.MOVES` alone; its history only grows; a part is dispatched once a round; closing thanks once.
"""

from incident_service.cases.access import within
from incident_service.cases.closure import close
from incident_service.cases.comparing import compare_pictures
from incident_service.cases.dispatch import dispatch, note_seen, see
from incident_service.cases.intake import report
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Dispatch, Stage
from incident_service.cases.rectification import accept, rectify
from incident_service.cases.workflow import Move, Status, WrongTurn

__all__ = [
    "Case", "CaseEvent", "CasePhoto", "Dispatch", "Move", "Stage", "Status", "WrongTurn", "accept", "close",
    "compare_pictures", "dispatch", "note_seen", "rectify", "report", "see", "within",
]
