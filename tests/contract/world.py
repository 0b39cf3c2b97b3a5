"""A city in the middle of its day, and what its people would plausibly send: real numbers, real ids, real words."""

from random import Random
from typing import Any

from sqlalchemy import select

from incident_service import accounts
from incident_service.accounts import Account, Grant, Role, tokens
from incident_service.accounts.models import AccessToken, SignIn
from incident_service.cases import Case, CasePhoto
from incident_service.foundation.database import db
from incident_service.notifications.models import Notification
from incident_service.points import redeem
from incident_service.points.shop_models import Centre, Redemption, Reward
from incident_service.reports import Report
from tests.areas.town import a_file, the_town
from tests.factories import CITY, Town, a_phone, a_picture, an_account
from tests.points.scenes import a_reward

FAR_AWAY = {"latitude": 28.6780}
UNLIKELY = 0.25                                         # the simplest chance there is begins with everything likely
PEOPLE = ("admin", "desk", "everybody at once", "grid manager", "nobody", "officer", "resident", "supervisor")
OWNERS = {"/people/": Account, "/reports/": Report, "/notifications/": Notification, "/rewards/": Reward,
          "/centres/": Centre, "/redemptions/": Redemption}


class World:
    """Cases in every status, and somebody of every role who can do something about some of them."""

    def __init__(self, town: Town, phone_of: Any, run_jobs: Any) -> None:
        self.town, self.phone_of, self.run_jobs = town, phone_of, run_jobs
        self._live()
        admin = an_account(Role.ADMIN, name="管理员甲")
        self.people: dict[str, Account | None] = dict(zip(PEOPLE, (
            admin, town.desk, self._everybody(), town.manager, None, town.officer, town.resident, town.supervisor),
            strict=True))
        self.tokens: dict[str, str] = {}
        self.facts, self.words = self._facts(), self._words()

    def _live(self) -> None:
        """Five cases: pushed, accepted, rectified, closed, and one of nobody's place; and one just reported."""
        resident, officer, manager = (self.phone_of(each) for each in (
            self.town.resident, self.town.officer, self.town.manager))
        pushed = [resident.report().json["case_number"] for _ in range(4)]
        resident.report(**FAR_AWAY)
        self.run_jobs()
        for number in pushed[1:]:
            officer.post(f"/cases/{number}/acceptance")
        for number in pushed[2:]:
            officer.send(f"/cases/{number}/rectification", {}, [a_picture()])
        manager.post(f"/cases/{pushed[3]}/closure")
        self.run_jobs()
        resident.report()
        redeem(a_reward(price=1).id, quantity=1, by=self.town.resident)

    def _everybody(self) -> Account:
        roles = [Grant(role, CITY, "traffic" if role is Role.OFFICER else None) for role in Role]
        return accounts.add_person(a_phone(), "某人", roles=roles)

    def token_of(self, who: str) -> str:
        """A token of somebody that is still good; empty for nobody."""
        if (person := self.people[who]) and not self._is_good(self.tokens.get(who, "")):
            self.tokens[who] = tokens.start(person).access_token
        return self.tokens.get(who, "")

    @staticmethod
    def _is_good(token: str) -> bool:
        """Whether the sign-in goes on: some requests end it."""
        going_on = select(SignIn.id).join(AccessToken, AccessToken.sign_in_id == SignIn.id).where(
            AccessToken.digest == tokens.digest(token), SignIn.ended_at.is_(None))
        return db.session.scalar(going_on) is not None

    def _facts(self) -> dict[str, list[dict[str, str]]]:
        """What stands in for the gaps of paths so that they lead to something; under "", a case and a photo of it."""
        photos = db.session.execute(select(Case.number, CasePhoto.photo_id).join(Case, Case.id == CasePhoto.case_id))
        facts = {"": [{"number": number, "id": str(id)} for number, id in photos]}
        for word, model in OWNERS.items():
            facts[word] = [{"id": str(id)} for id in db.session.scalars(select(model.id))]
        facts["/areas/"] = [{"code": code} for code in (CITY, self.town.street, self.town.grid, self.town.beat)]
        db.session.rollback()
        return facts

    def _words(self) -> dict[str, list[Any]]:
        """For a field or a parameter, by its name: what a phone that works would send."""
        return {
            "photos": [[a_picture()], [a_picture(), a_picture()]],
            "category": ["fire_lane", "other"],
            "area": [CITY, self.town.street, self.town.grid, self.town.beat],
            "phone": [self.town.resident.phone, "13900009999"],
            "limit": [1, 2],
            "reward_id": [str(id) for id in db.session.scalars(select(Reward.id))],
            "centre_id": [str(id) for id in db.session.scalars(select(Centre.id))],
            "area_code": [CITY, self.town.street],
            "within": [CITY, self.town.street], "layer": ["grid", "beat"], "number_under": [None],
            "parent_name": [None], "edition": [1], "based_on": [1], "collection": [the_town(), a_file()],
            "near": ["115.93,28.69,200"],
            "group_by": ["category", "responder", "day", "hour", "area:grid", "area:beat"],
            "roles": [[{"role": "officer", "area": self.town.beat, "kind": "traffic"}]],
        }

    def make_plausible(self, case: Any, chance: Random) -> None:
        """Put into a made up request, more often than not, what might well be sent."""
        owner = next((word for word in self.facts if word and word in case.operation.path), "")
        if case.path_parameters and chance.random() >= UNLIKELY:
            fact = chance.choice(self.facts[owner])
            case.path_parameters |= {name: value for name, value in fact.items() if name in case.path_parameters}
        for part in (case.query, case.body):
            for name in part if isinstance(part, dict) else ():
                if name in self.words and chance.random() >= UNLIKELY:
                    part[name] = chance.choice(self.words[name])
        for name in ("If-Match", "Idempotency-Key"):
            if chance.random() >= UNLIKELY:
                case.headers.pop(name, None)
