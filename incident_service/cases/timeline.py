"""What a resident reads of a case (进度): each step in plain words and roles, never a name."""

from typing import Any

from incident_service import routing
from incident_service.cases.models import CaseEvent
from incident_service.cases.voiding import WHY, VoidReason
from incident_service.cases.workflow import Move, Who
from incident_service.foundation.words import Words, both, callers_language
from incident_service.reports import Report


def step(event: CaseEvent, said: Report) -> dict[str, Any] | None:
    """One step in plain words; None for what does not concern this reporter, such as what another one said."""
    words = _words(event, said)
    return {"at": event.at, "text": words.in_language(callers_language())} if words else None


def _words(event: CaseEvent, said: Report) -> Words | None:
    if event.move is Move.COMMENT:
        return _comment(event, said)
    if event.move is Move.OPEN_IDENTITY:
        return OPENED if (event.details["step"], event.details["report_id"]) == ("opened", str(said.id)) else None
    words = _PROGRESS.get(event.move)
    if words is None or event.status_before == event.status_after:
        return None
    roles = [routing.role_name(each["role"], each["kind"]) for each in event.details.get("dispatches", [])]
    joined = {language: ("、" if language == "zh" else ", ").join(each.in_language(language) for each in roles)
              for language in ("zh", "en")}
    because = WHY[VoidReason(event.details["reason"])] if event.move is Move.VOID else NOTHING
    return both(words.zh, words.en, roles=both(joined["zh"], joined["en"]), because=because)


def _comment(event: CaseEvent, said: Report) -> Words | None:
    is_reporters = event.details["acting"] == [Who.REPORTER]
    if is_reporters and event.by_id != said.reporter_id:
        return None
    words = COMMENTED.get((event.details["is_public"], is_reporters))
    return both(words.zh, words.en, text=event.note) if words else None


NOTHING = both("", "")
OPENED = both("工作人员经批准调阅了您的身份信息", "Your identity was opened to staff, with a second person's consent")
COMMENTED = {(True, True): both("您补充：{text}", "You added: {text}"),
             (True, False): both("工作人员回复：{text}", "From the staff: {text}")}
_PROGRESS = {
    Move.REPORT: both("已上报，案卷已生成", "Reported; the case is open"),
    Move.DISPATCH: both("已推送给{roles}", "Pushed to: {roles}"),
    Move.TRANSFER: both("已推送给{roles}", "Pushed to: {roles}"),
    Move.HOLD: both("正在安排处置人员", "A responder is being found"),
    Move.ACCEPT: both("处置人员已签收", "Accepted by a responder"),
    Move.RETURN: both("正在重新安排处置人员", "Another responder is being found"),
    Move.SUSPEND: both("暂缓处置", "Put on hold"),
    Move.RESUME: both("恢复处置", "Taken up again"),
    Move.RECTIFY: both("已整改，待核查", "Rectified; waiting for a check"),
    Move.REWORK: both("核查未通过，正在返工", "The check failed; it is being done again"),
    Move.AMEND: both("上报信息已更正，正在重新派遣", "What was reported was corrected; responders are being found"),
    Move.CLOSE: both("已结案", "Closed"),
    Move.REOPEN: both("案卷已重开", "Reopened"),
    Move.VOID: both("未立案：{because}", "Not a case: {because}"),
    Move.WITHDRAW: both("已撤回", "Taken back"),
    Move.MERGE: both("与已有案卷合并处理", "Goes on with another case of the same"),
}
