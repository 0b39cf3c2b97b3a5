"""What figures mean, said beside them: what counts, how exact they are, and when they are made of too few cases."""

from flask import current_app

from incident_service.foundation.words import Words, both
from incident_service.supervision.figures import Figures, Times
from incident_service.supervision.response_times import ResponseTimes

EXACT, WITHIN_ONE_PERCENT = "exact", "within_1_percent"
SMALL, ENOUGH = "small", "enough"

_WHAT_COUNTS = (
    both("按上报时间计入：起始时间 ≤ 上报时间 < 结束时间，日期按 {zone}",
         "Cases count by when they were reported: from ≤ report < to; days are those of {zone}"),
    both("作废与并入他案的案卷不计入，另列件数",
         "Void cases and those merged into another are not counted; how many there are is said beside"),
    both("未结案的案卷计入件数，未发生的环节没有时长",
         "Cases still open are counted; a step that was not taken has no time"),
    both("时钟自推送起，不自签收起；返工、重开不重新计时：处置以首次为准，重开的案卷视为未结案，直至再次结案",
         "Clocks start at the push, never at the acceptance; rework and reopening do not restart them: the first"
         " rectification counts, and a reopened case is open until the closing that stands"),
    both("挂账与延期移动时限，因此计入“按期”；时长本身不扣除挂账时间；申诉成立的超期视为按期",
         "Suspensions and extensions move the deadline, so what is in time honours them; the times themselves include"
         " suspended time. Lateness that an appeal excused counts as in time"),
    both("按处置人员分列时，超期记在时限届满时持有案卷者名下；此前已退回、转出，届满后才接手，或他人已按期处置的，"
         "既不计按期也不计超期；申诉成立的，对该案所有处置人员均不计超期",
         "Among responders, late is who had the case when its deadline passed; who had given it back or lost it before,"
         " was given it only afterwards, or saw others do it in time, is neither late nor in time. What an appeal"
         " excused is nobody's lateness"),
    both("按期限计的比率与热力图的按期率，分母只含有期限可守的：无期限的、上述两者皆非的、申诉成立而尚未处置的，均不在内",
         "Rates by the deadline, and a hexagon's share in time, are of what has a deadline to keep: not of what has"
         " none, is neither late nor in time as said above, or was excused and nobody has done yet"),
    both("历史导入的案卷没有推送，只有自上报至结案的时长；结束早于开始的时段不计时长，有此类时段的案卷另计件数",
         "Imported history has no push and is timed from its opening to its closing only; a span that ends before it"
         " begins is left out of the times, and the cases that have one are counted"),
    both("百分位数线性插值；100,000 件以内精确，超过时与真值相差不超过 1%，并注明",
         "Percentiles interpolate linearly; they are exact up to 100,000 cases, beyond that within 1 % of the true"
         " value, and it is said which"),
)


def what_counts() -> list[Words]:
    """The sentences that stand beside every answer and in every export."""
    zone = current_app.config["TIME_ZONE"]
    return [Words(each.zh, each.en, zone=zone) for each in _WHAT_COUNTS]


def exactness(found: ResponseTimes) -> str:
    """How exact the percentiles are."""
    return EXACT if found.is_exact else WITHIN_ONE_PERCENT


def sample(found: Figures | Times) -> str:
    """Whether figures, or the times of a step, are made of so few cases that nobody should be judged by them."""
    return mark(found.cases)


def mark(count: int) -> str:
    """The same for a number of cases."""
    return SMALL if count < current_app.config["FIGURES_CASES_MIN"] else ENOUGH
