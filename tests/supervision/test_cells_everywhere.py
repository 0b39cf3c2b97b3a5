"""Whatever number an answer of supervision bears, its link leads to a list of exactly so many cases.

Every route of supervision is asked; a number in an answer that this test cannot follow fails it, unless it is named
here as one that counts no cases.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random

from incident_service import accounts
from incident_service.foundation import clock
from incident_service.foundation.transaction import transaction
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.presenting import STEPS
from tests.factories import Phone
from tests.supervision.past import NOVEMBER, a_supervisor
from tests.supervision.test_filters import listed
from tests.supervision.test_scope import EVERY_ROUTE, PERIOD, questions

NO_CASES = {"version", "held_s", "resolution", "longitude", "latitude", "p50", "p90", "p95", "mean", "percent",
            "within_limit_percent"}
FIGURES = {"response-times", "rates", "rates/versions", "heatmap", "recurring-spots", "export.json", "holding",
           "backlog"}
LISTS = {"cases", "rates/cases", "overdue", "soon-due", "unseen", "to-and-fro", "open-cases", "roster-gaps", "appeals",
         "second-looks", "reporter-suspensions", "weekly-reports", "weekly-reports/subscription"}    # not figures
FILES = {"export.xlsx", "export.csv"}                       # `test_out.py` compares them with `export.json`
AGES = {"up_to_1_day", "up_to_3_days", "up_to_7_days", "up_to_30_days", "older"}
KINDS = {"cases", "closed", "within_limit", "with_deadline", "negative_spans", "void", "merged", "numerator",
         "denominator", *STEPS, "overdue", "unseen", "up_to_7_days", "up_to_30_days"}    # of numbers, each of them met


def numbers_in(body, url: str = "", within: str = "") -> Iterator[tuple[str, int, str]]:
    """Every number of an answer: what it is called, how many it says, and where its cases are listed."""
    if isinstance(body, list) and not (body and isinstance(body[0], list | float)):       # corners of a hexagon
        for each in body:
            yield from numbers_in(each, url, within)
    if not isinstance(body, dict):
        return
    url = body["total"]["cases_url"] if "left_out" in body else body.get("cases_url", url)
    for name, value in body.items():
        if isinstance(value, dict | list):
            yield from numbers_in(value, url, name)
        elif isinstance(value, int | float) and not isinstance(value, bool) and name not in NO_CASES:
            kind = within if within in STEPS else name              # of how many cases the times of a step are
            yield kind, value, body.get(f"{kind}_url") or url + address_of(kind, within)


def address_of(name: str, within: str) -> str:
    """What a link takes on to lead to one of several numbers beside it."""
    if within == "by_age":
        return f"&age={name}"
    return {"cases": "", "overdue": "&overdue=true", "unseen": "&unseen=true"}.get(name, f"&figure={name}")


def one_of_each_kind(body, chance: Random) -> Iterator[tuple[str, int, str]]:
    """Of each kind of number in an answer the largest, or any."""
    found = list(numbers_in(body))
    for kind in sorted({name for name, *_ in found}):
        some = [each for each in found if each[0] == kind]
        yield chance.choice([max(some, key=lambda each: each[1]), chance.choice(some)])


def test_every_route_is_one_of_figures_or_of_lists():
    assert set(EVERY_ROUTE) == FIGURES | LISTS | FILES


def test_every_number_of_every_answer_has_its_list(client, world):
    cases, people = world
    with transaction():
        for case in cases[::4]:
            case.longitude, case.latitude, case.category = 115.93, 28.69, "fire_lane"
    officers = {"own": people[0], "both": people[1], "foreign": people[2]}
    chance, met = Random(4), Counter()
    with clock.stopped(NOVEMBER.until):
        for area, every in (("3601", 4), ("360111001", 9)):
            phone = Phone(client, a_supervisor(area))
            asked = [each for each in questions(phone, officers) if route_of(each) in FIGURES]
            own = Phone(client, accounts.find(people[0]))
            for number, question in enumerate(asked):
                if number % every and route_of(question) in ("response-times", "rates", "export.json"):
                    continue
                for name, count, url in one_of_each_kind(phone.get(question).json, chance):
                    rows, in_all = listed(phone, url, limit=200)
                    assert len(rows) == in_all == count, (question, name)
                    met[name] += count
        for by in (None, GroupBy.CATEGORY, GroupBy.HOUR):
            body = own.get(f"/me/figures?{PERIOD}" + (f"&group_by={by}" if by else "")).json
            for name, count, url in one_of_each_kind(body, chance):
                assert listed(own, url, limit=200)[1] == count, (by, name)
    assert set(met) <= KINDS | AGES and min(met[kind] for kind in KINDS) > 0, met


def route_of(question: str) -> str:
    return question.removeprefix("/supervision/").partition("?")[0]
