"""Words about a case: among staff, or for its reporters too (备注)."""

from incident_service import notifications, reports
from incident_service.accounts import Account
from incident_service.cases import access, history
from incident_service.cases.models import Case
from incident_service.cases.workflow import Move, Who
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message


def comment(number: str, *, by: Account, text: str, is_public: bool = False) -> Case:
    """Add words to the history of a case. What its reporter says, and what is public, its reporters read too; they
    never read who of the staff said it. Not safe to repeat by itself: the route honours an Idempotency-Key.

    Raises CaseUnknown, NotYourMove.
    """
    with transaction():
        case = access.locked(access.find_seen(number, by=by).id)
        access.check_may(by, case, Move.COMMENT)
        acting = access.acting_as(by, case)
        is_reporters = acting == {Who.REPORTER}
        history.note(case, Move.COMMENT, by_id=by.id, note=text, is_public=is_public or is_reporters,
                     acting=sorted(acting))
        if is_public and not is_reporters:
            title = both("您上报的案卷有新回复", "There is news about what you reported")
            told = {each.reporter_id for each in reports.of_case(case.id)} - {by.id}
            notifications.tell(Message(each, Kind.COMMENT, f"{case.number}/{case.version}", case.number, title)
                               for each in sorted(told))
        return case
