"""The door through which a desk moves many cases at once."""

from typing import Any

from incident_service.accounts import Role, current_account, requires
from incident_service.cases import bulk
from incident_service.cases.bulk_schemas import BulkInput, BulkOutput
from incident_service.cases.workflow import Move
from incident_service.foundation import logs
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.words import callers_language

bp = Blueprint("bulk", __name__, url_prefix="/api/v1", description="批量操作")


@bp.post("/cases/moves")
@requires(Role.DESK)
@bp.arguments(BulkInput)
@idempotent
@bp.response(200, BulkOutput)
def move_cases(body: dict[str, Any]) -> dict[str, Any]:
    """Make one move in many cases. Each is moved or refused by itself; the answer says what came of each."""
    found = bulk.move_many(body.pop("numbers"), move=Move(body.pop("move")), by=current_account(), **body)
    return {"items": [_shown(each) for each in found], "moved": sum(each.problem is None for each in found),
            "next_cursor": None}


def _shown(outcome: bulk.Outcome) -> dict[str, Any]:
    problem = outcome.problem and outcome.problem.as_json(
        language=callers_language(), instance=logs.instance(logs.request_id()))
    return outcome._asdict() | {"problem": problem}
