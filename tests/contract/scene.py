"""Everybody who may ask, and what there is to ask about."""

from collections.abc import Callable
from functools import cached_property

from sqlalchemy import update

from incident_service import areas
from incident_service.accounts import Account, Role
from incident_service.cases.reporters.suspension_models import ReporterSuspension
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from tests.contract import stages
from tests.contract.access_table import PEOPLE, Row
from tests.contract.facts import Facts, Maker
from tests.factories import CITY, Phone, Town, an_account

OTHER_STREET, OTHER_GRID, OTHER_BEAT = "360111002", "360111001002001", "360111J01"
USUAL = ("number", "box", "request", "notification", "hold", "redemption", "export", "leave", "shift", "week", "person")


class Scene:
    """Thirteen people, a colleague and a chief besides, and facts that last until somebody changes them."""

    def __init__(self, town: Town, phone_of: Callable[[Account], Phone], run_jobs: Callable[[], int]) -> None:
        self.town, self.run_jobs, self._phone_of = town, run_jobs, phone_of
        assert town.grid != OTHER_GRID and town.beat != OTHER_BEAT and areas.exists(OTHER_STREET)
        self._people = dict(zip(PEOPLE, (
            None, town.resident, town.neighbour, town.manager, an_account(Role.GRID_MANAGER, OTHER_GRID), town.officer,
            an_account(Role.OFFICER, OTHER_BEAT, kind="traffic"), town.desk, an_account(Role.DESK, OTHER_STREET),
            town.supervisor, an_account(Role.SUPERVISOR, OTHER_STREET), an_account(Role.ADMIN, CITY),
            an_account(Role.ADMIN, OTHER_STREET)), strict=True))
        self._people |= {"colleague": an_account(Role.DESK, town.street), "chief": an_account(Role.SUPERVISOR, CITY)}
        self._phones: dict[str, Phone] = {}
        self._facts: dict[Maker, Facts] = {}

    def phone(self, who: str) -> Phone:
        """Somebody's phone, signed in until they sign out."""
        if who not in self._phones:
            self._phones[who] = self._phone_of(self._people[who])
        return self._phones[who]

    def headers(self, who: str) -> dict[str, str]:
        """What tells who is calling."""
        return self.phone(who).headers if self._people[who] else {}

    def facts_for(self, row: Row) -> Facts:
        """What a row is about: the same until somebody succeeds in changing it."""
        stage = stages.stage_of(row)
        if stage is None:
            return self.usual
        if stage not in self._facts:
            self._facts[stage] = Facts(self, stage)
        return self._facts[stage]

    def succeeded(self, row: Row, who: str) -> None:
        """Let whoever comes next find what somebody has changed as it was before."""
        if row.changes_it:
            del self._facts[stages.stage_of(row)]
        if row.rule.endswith("/tokens/current"):
            del self._phones[who]

    @cached_property
    def usual(self) -> Facts:
        """A closed case with all that may belong to one, and one of everything else."""
        facts = Facts(self, stages.rectified)
        assert all(facts[name] for name in USUAL)
        stages.close(facts)
        return facts

    def let_everybody_report(self) -> None:
        """End every suspension; whoever asks for one gets another."""
        with transaction():
            db.session.execute(update(ReporterSuspension).values(until=clock.now()))
        self._facts = {stage: facts for stage, facts in self._facts.items() if "reporter_suspension" not in facts}
