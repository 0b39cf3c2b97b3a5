"""What was promised is kept, whoever is killed meanwhile: nothing is lost, and nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from signal import SIGKILL
from threading import Barrier
from typing import Any

from tests.factories import a_picture
from tests.journeys.city import EVERYBODY, REDIS, City, a_city, death_at_large, held
from tests.journeys.conftest import Ground
from tests.journeys.crowd import everything_is_kept, send_until
from tests.journeys.handsets import DESK, MANAGER, NEIGHBOUR, OFFICER, RESIDENT, SUPERVISOR, Answer, Handset
from tests.operations.installation import until

CHANCE = Random(20211219)
LIFE = ["report", "dispatch", "accept", "rectify", "close"]
THANKS = [("first_report", 10), ("grid_management", 5)]


def test_reports_outlive_whoever_is_killed_while_they_come_in(city: City):
    residents = [city.phone(number) for number in (RESIDENT, NEIGHBOUR)]
    with death_at_large(city.installation, EVERYBODY * 2, CHANCE) as is_over, ThreadPoolExecutor(2) as pool:
        batches = list(pool.map(lambda phone: send_until(lambda sent: is_over() and len(sent) > 4, phone), residents))
    accepted = [each for batch in batches for each in batch]
    everything_is_kept(city, accepted)
    assert set(city.gateway.messages) == city.witness.told()


def test_cases_outlive_whoever_is_killed_while_they_are_dealt_with(city: City):
    numbers = [city.phone(RESIDENT).report().json["case_number"] for _ in range(8)]
    until(lambda: not city.witness.owed())
    manager, officer = city.phone(MANAGER), city.phone(OFFICER)
    with death_at_large(city.installation, EVERYBODY, CHANCE):
        for number in numbers:
            deal_with(number, manager, officer)
    everything_is_kept(city, [])
    for number in numbers:
        assert city.witness.moves(number) == LIFE
        assert city.witness.thanks(number) == THANKS


def deal_with(number: str, manager: Handset, officer: Handset) -> None:
    """Accept, rectify and close, each as often as its answer is lost on the way."""
    assert officer.insist("post", f"/cases/{number}/acceptance").status == 200
    assert officer.insist("send", f"/cases/{number}/rectification", {}, [a_picture()]).status == 200
    assert manager.insist("post", f"/cases/{number}/closure").json["status"] == "closed"


def test_fifty_who_close_a_case_at_once_close_it_once(city: City):
    number = city.phone(RESIDENT).report().json["case_number"]
    until(lambda: not city.witness.owed())
    officer, manager, desk = (city.phone(each) for each in (OFFICER, MANAGER, DESK))
    result = a_picture()
    sent = at_once([officer] * 10, lambda phone: phone.send(f"/cases/{number}/rectification", {}, [result]))
    assert [(each.status, len(each.json["photos"]["after"])) for each in sent] == [(200, 1)] * 10
    closed = at_once([manager, desk] * 25, lambda phone: phone.post(f"/cases/{number}/closure"))
    assert [(each.status, each.json.get("status")) for each in closed] == [(200, "closed")] * 50
    assert city.witness.moves(number) == ["report", "dispatch", "rectify", "close"]
    assert city.witness.thanks(number) == THANKS
    everything_is_kept(city, [])


def at_once(phones: list[Handset], call: Callable[[Handset], Answer]) -> list[Answer]:
    """What all of them are answered who call in the same moment."""
    start = Barrier(len(phones))

    def wait_and_call(phone: Handset) -> Answer:
        start.wait()
        return call(phone)

    with ThreadPoolExecutor(len(phones)) as pool:
        return list(pool.map(wait_and_call, phones))


def test_an_installation_killed_as_a_whole_carries_on_when_started_again(ground: Ground):
    with a_city(*ground) as city, held(city.installation, REDIS):
        accepted = send_until(lambda sent: len(sent) == 3, city.phone(RESIDENT))
        assert city.installation.end(SIGKILL) == -SIGKILL
    with a_city(*ground) as city:
        everything_is_kept(city, accepted)


def test_a_closing_is_in_the_figures_of_the_running_city(city: City):
    number, supervisor = city.phone(RESIDENT).report().json["case_number"], city.phone(SUPERVISOR)
    until(lambda: not city.witness.owed())
    before = figures_of_today(supervisor)
    deal_with(number, city.phone(MANAGER), city.phone(OFFICER))
    until(lambda: figures_of_today(supervisor)["closed"] == before["closed"] + 1)
    assert figures_of_today(supervisor)["cases"] == before["cases"]


def figures_of_today(supervisor: Handset) -> Any:
    return supervisor.insist("get", "/supervision/response-times").json["total"]
