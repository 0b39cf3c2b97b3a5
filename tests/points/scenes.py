"""Awards, funds and rewards for the tests of points, as plain functions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import Flask

from incident_service import points
from incident_service.accounts import Account, Role
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.points import Award, Occasion, Reason, Reversal, rewards
from incident_service.points.shop_models import Reward, RewardKind
from tests.factories import an_account

COMMUNITY = "360102001001"
GRID = f"{COMMUNITY}001"
WORDS = both("消防通道占用 · 首报", "Fire lane blocked · first report")


def thank(person: Account | UUID, reference: str = "20261120-AAAAAAAA/1", *, reason: Reason = Reason.FIRST_REPORT,
          category: str = "fire_lane", fund: str = COMMUNITY, place: str | None = None, **more: Any) -> int:
    """Thank one person; how many awards were given."""
    id = person if isinstance(person, UUID) else person.id
    with transaction():
        occasion = Occasion(reference, category, fund, GRID, place=place)
        return points.award_all([Award(id, reason, WORDS, **more)], occasion)


def reverse(reference: str = "20261120-AAAAAAAA/1", reason: Reversal = Reversal.REOPENED) -> int:
    """Take everything of a reference back."""
    with transaction():
        return points.reverse(reference=reference, reason=reason, because=both("案卷重开", "the case was reopened"))


def a_fund(budget: int, *, code: str = COMMUNITY, year: int | None = None) -> None:
    """Give a community a fund for this year."""
    points.set_budget(code, year or points.this_year(), budget)


@contextmanager
def settings(app: Flask, **values: Any) -> Iterator[None]:
    """Inside the block the installation is set like this."""
    before = {name: app.config[name] for name in values}
    app.config.update(values)
    yield
    app.config.update(before)


def a_reward(stock: int = 10, price: int = 10, *, area: str = COMMUNITY, **more: Any) -> Reward:
    """Something a centre of its own offers."""
    admin = an_account(Role.ADMIN, "3601")
    centre = rewards.open_centre(by=admin, name="南钢邻里中心", address="", area_code=area)
    return rewards.offer(by=admin, centre_id=centre.id, kind=RewardKind.GOODS, name="大米 1 kg", price=price,
                         stock=stock, **more)


def somebody_with(amount: int, role: Role = Role.RESIDENT) -> Account:
    """A person who has so many points to spend, in tens."""
    person = an_account(role)
    for n in range(amount // 10):
        thank(person, f"{person.id}/{n}")
    return person
