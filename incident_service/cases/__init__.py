"""What the city does about a report: the case, from intake over dispatch and rectification to closure.

Always true here: a case exists as soon as its report is answered; it has one status, reached by the moves of
`workflow.MOVES` alone; its history only grows; a part is dispatched once a round; closing thanks once.
"""

from incident_service.cases.access import CaseUnknown, within
from incident_service.cases.amending import amend, regrade
from incident_service.cases.answering import answer
from incident_service.cases.appeal_models import Answer
from incident_service.cases.appealing import appeal, decide
from incident_service.cases.area_moves import AreaMove, area_moves, tell_area_moves
from incident_service.cases.beside import lay_side_by_side, read_side_by_side, side_by_side
from incident_service.cases.calendar_moves import due_moves, move_due, move_some_due
from incident_service.cases.checking import check, rework
from incident_service.cases.closure import close
from incident_service.cases.commenting import comment
from incident_service.cases.comparing import compare_pictures
from incident_service.cases.desk_queue import waiting_at_desks
from incident_service.cases.dispatch import dispatch, note_seen, see
from incident_service.cases.dossier import Dossier, Picture, dossier
from incident_service.cases.escalation import look_at
from incident_service.cases.exporting import write_list
from incident_service.cases.gap_alarm import tell_gaps
from incident_service.cases.importing import load_presets
from incident_service.cases.intake import report
from incident_service.cases.leaving import hand_over_part, hand_over_work
from incident_service.cases.merging import merge, unmerge
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Dispatch, Stage
from incident_service.cases.originals import (
    NotAKeeper,
    approve_original,
    ask_for_original,
    look_at_original,
    look_in_bundle,
    original_log,
)
from incident_service.cases.passing_on import pass_on_decisions
from incident_service.cases.petitioning import grant, petition, refuse
from incident_service.cases.rectification import accept, rectify
from incident_service.cases.redaction import picture, redact, unveil
from incident_service.cases.reopening import reopen
from incident_service.cases.reporters.identity import approve_identity, ask_for_identity, look_at_identity
from incident_service.cases.reporters.suspending import appeal_suspension, decide_suspension, suspend_reporter
from incident_service.cases.retention.applying import apply_retention
from incident_service.cases.retention.own_data import ask_for_own_data, make_own_data_that_waits, write_own_data
from incident_service.cases.retention.removal import remove_account
from incident_service.cases.retention.restored import erase_again
from incident_service.cases.retention.table import load_retention
from incident_service.cases.returning import give_back
from incident_service.cases.sealing import link_histories, seal_histories
from incident_service.cases.second_look import review
from incident_service.cases.separating import separate
from incident_service.cases.suspending import resume
from incident_service.cases.transfer import candidates, transfer
from incident_service.cases.voiding import void, withdraw
from incident_service.cases.waking import wake_due
from incident_service.cases.workflow import NAMES as STATUS_NAMES
from incident_service.cases.workflow import WATCHED, Move, Status, WrongTurn

__all__ = [
    "STATUS_NAMES", "WATCHED", "Answer", "AreaMove", "Case", "CaseEvent", "CasePhoto", "CaseUnknown", "Dispatch",
    "Dossier", "Move", "NotAKeeper", "Picture", "Stage", "Status", "WrongTurn", "accept", "amend", "answer", "appeal",
    "appeal_suspension", "apply_retention", "approve_identity", "approve_original", "area_moves", "ask_for_identity",
    "ask_for_original", "ask_for_own_data", "candidates", "check", "close", "comment", "compare_pictures", "decide",
    "decide_suspension", "dispatch", "dossier", "due_moves", "erase_again", "give_back", "grant", "hand_over_part",
    "hand_over_work", "lay_side_by_side", "link_histories", "load_presets", "load_retention", "look_at",
    "look_at_identity", "look_at_original", "look_in_bundle", "make_own_data_that_waits", "merge", "move_due",
    "move_some_due", "note_seen", "original_log", "pass_on_decisions", "petition", "picture", "read_side_by_side",
    "rectify", "redact", "refuse", "regrade", "remove_account", "reopen", "report", "resume", "review", "rework",
    "seal_histories", "see", "separate", "side_by_side", "suspend_reporter", "tell_area_moves", "tell_gaps",
    "transfer", "unmerge", "unveil", "void", "waiting_at_desks", "wake_due", "withdraw", "within", "write_list",
    "write_own_data",
]
