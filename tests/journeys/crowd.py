"""People who report until it is enough, and what they may expect afterwards."""

from collections.abc import Callable
from itertools import count

from tests.factories import a_picture
from tests.journeys.city import City
from tests.journeys.handsets import Handset
from tests.journeys.witness import Accepted, digest
from tests.operations.installation import until

_numbers = count(1)


def send_until(enough: Callable[[list[Accepted]], bool], phone: Handset) -> list[Accepted]:
    """Report again and again, each as often as its answer is lost on the way; what was accepted."""
    accepted: list[Accepted] = []
    while not enough(accepted):
        photos, words = [a_picture() for _ in range(2)], f"report-{next(_numbers)}"
        answer = phone.insist("report", *photos, key=words, description=words)
        assert (answer.status, answer.problem) in ((201, ""), (409, "idempotency-key-in-use")), answer
        if answer.status == 201:
            accepted.append(Accepted(words, answer.json["case_number"], [digest(photo) for photo in photos]))
    return accepted


def everything_is_kept(city: City, accepted: list[Accepted]) -> None:
    """Once nothing is owed any more, nothing is lost and nothing happened twice."""
    until(lambda: not city.witness.owed(), otherwise=city.witness.owed)
    assert city.witness.faults(accepted) == []
