"""One case on paper: a PDF for the desk's file, with what happened when, and the pictures before and after."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Spacer, Table

from incident_service import photos
from incident_service.accounts import Account
from incident_service.cases.dossier import Dossier, Picture, dossier
from incident_service.cases.models import Stage
from incident_service.cases.workflow import MOVE_NAMES, NAMES, Move, Status
from incident_service.foundation import clock
from incident_service.foundation.paper import HEAD, LINES, PART, WIDTH, printed, said, table
from incident_service.foundation.words import Words, both, callers_language

PICTURE_WIDTH, PICTURE_HEIGHT = 78 * mm, 58 * mm
WORDS = {
    "title": both("案卷 {number}", "Case {number}"), "status": both("状态", "Status"), "what": both("类别", "Category"),
    "where": both("地点", "Place"), "area": both("区域", "Area"), "opened": both("上报时间", "Reported"),
    "pushed": both("推送时间", "Pushed"), "due": both("整改期限", "Due"), "rectified": both("整改时间", "Rectified"),
    "closed": both("结案时间", "Closed"), "closing": both("结案条件", "Closing condition"),
    "reports": both("上报内容", "What was reported"), "dispatches": both("派遣", "Dispatches"),
    "history": both("办理过程", "History"), "before": both("整改前", "Before"), "after": both("整改后", "After"),
    "printed": both("打印于 {at}", "Printed {at}"),
}
SHOWN = (Stage.BEFORE, Stage.AFTER)             # what came late proves nothing: it stays on the case's page


def print_case(number: str, *, by: Account) -> bytes:
    """A case as PDF, for the desk and the supervisors of its area; whoever reported it appears as a pseudonym.

    A picture that is not ready is left out. Raises CaseUnknown, NotAKeeper.
    """
    found = dossier(number, by=by)
    return printed(found.case.number, _story(found))


def _word(name: str, **parts: str) -> str:
    words = WORDS[name]
    return both(words.zh, words.en, **parts).in_language(callers_language())


def _name(words: Words) -> str:
    return words.in_language(callers_language())


def _story(found: Dossier) -> Iterator[Flowable]:
    facts = found.facts
    yield said(_word("title", number=found.case.number), HEAD)
    yield said(_word("printed", at=_at(clock.now())))
    yield Spacer(1, 3 * mm)
    yield table([(_word(name), value) for name, value in _facts(facts) if value], (0.22, 0.78))
    yield said(_word("reports"), PART)
    yield table([(each["reporter"], f"{_at(each['received_at'])}\n{each['description']}\n{each['address']}".strip())
                 for each in facts["reports"]], (0.22, 0.78))
    yield from _pictures(found.pictures)
    yield said(_word("dispatches"), PART)
    yield table([(_at(each["pushed_at"]), each["responder"]["name"], each["explanation"])
                 for each in facts["dispatches"]], (0.22, 0.18, 0.6))
    yield said(_word("history"), PART)
    yield table([(_at(each["at"]), each["by"], _name(MOVE_NAMES[Move(each["move"])]), each["note"])
                 for each in found.history], (0.22, 0.18, 0.15, 0.45))


def _facts(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    place = facts["position"]
    yield "status", _name(NAMES[Status(facts["status"])])
    yield "what", f"{facts['category_name']} · {facts['condition_name']}"
    yield "where", f"{facts['address']}\n{place['longitude']:.6f}, {place['latitude']:.6f} (WGS-84)".strip()
    yield "area", " › ".join(each["name"] for each in facts["area"])
    for name in ("opened", "pushed", "due", "rectified", "closed"):
        yield name, _at(facts[f"{name}_at"])
    yield "closing", facts["closing_condition"]


def _pictures(some: Sequence[Picture]) -> Iterator[Flowable]:
    """Before and after, side by side, in rows that fit on a page."""
    before, after = ([image for each in some if each.stage is stage and (image := _image(each))] for stage in SHOWN)
    if before or after:
        rows = [[said(_word(str(stage))) for stage in SHOWN], *zip_longest(before, after, fillvalue="")]
        yield Spacer(1, 3 * mm)
        yield Table(rows, colWidths=[WIDTH / 2] * 2, style=LINES)


def _image(picture: Picture) -> Flowable | None:
    try:
        jpeg = photos.read(picture.photo, photos.Size.SCREEN)
    except (photos.PhotoNotReady, photos.PhotoUnreadable):
        return None
    return Image(BytesIO(jpeg), width=PICTURE_WIDTH, height=PICTURE_HEIGHT, kind="proportional")


def _at(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(current_app.config["TIME_ZONE"])).strftime("%Y-%m-%d %H:%M:%S")
