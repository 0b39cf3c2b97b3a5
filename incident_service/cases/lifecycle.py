"""The table of moves for readers: as a page for people, as data for screens."""

from collections.abc import Iterator
from typing import Any

from incident_service.cases.workflow import ANY, MOVE_NAMES, MOVES, NAMES, WHO_NAMES, Ends, Move, Status, Step
from incident_service.foundation.words import Words, both

STAYS = both("不变", "the same")
BACK = both("回到原状态", "back to where it was")
HEAD = """# The life of a case

Which status may follow which, by whom, with what: the table of `incident_service/cases/workflow.py`, from which the
service's refusals, the buttons on a case's page (`allowed`), `GET /api/v1/workflow` and this page are made
(`flask cases lifecycle`).
"""


def as_data(language: str) -> dict[str, Any]:
    """Every status and every move with what it is called, for screens."""
    return {
        "statuses": [{"code": each, "name": NAMES[each].in_language(language)} for each in Status],
        "moves": [{"code": move, "name": MOVE_NAMES[move].in_language(language), "starts": sorted(step.starts),
                   "ends": _target(move), "by": list(step.by), "takes": list(step.takes)}
                  for move, step in MOVES.items()],
    }


def as_page() -> str:
    """The page in docs/, in both languages."""
    return "\n".join([HEAD, *_rows()]) + "\n"


def _target(move: Move) -> str | None:
    """The status a move leads to; null when it stays or goes back."""
    ends = MOVES[move].ends
    return None if isinstance(ends, Ends) else ends


def _rows() -> Iterator[str]:
    yield "| move | from | to | by | takes |"
    yield "|---|---|---|---|---|"
    for move, step in MOVES.items():
        starts = "any" if step.starts == ANY else ", ".join(f"`{each}`" for each in Status if each in step.starts)
        by = ", ".join(WHO_NAMES[each].in_language("en") for each in step.by)
        yield f"| `{move}` {MOVE_NAMES[move].in_language('zh')} | {starts} | {_where(step)} | {by} | {_takes(step)} |"
    yield ""
    yield "| status | 状态 |"
    yield "|---|---|"
    for status in Status:
        yield f"| `{status}` | {NAMES[status].in_language('zh')} |"


def _where(step: Step) -> str:
    special: dict[Any, Words] = {Ends.SAME: STAYS, Ends.BACK: BACK}
    found = special.get(step.ends)
    return found.in_language("en") if found else f"`{step.ends}`"


def _takes(step: Step) -> str:
    return ", ".join(step.takes) or "–"
