"""What the access table is about: a case with all that may belong to one, and whatever else has an id.

Each is made by the very verbs and routes that make it, when it is first asked for.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, select

from incident_service import exports
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.notifications.models import Notification
from incident_service.points import HeldBecause, Reason, award, redeem, set_budget, this_year
from incident_service.points.codes import code_of
from incident_service.points.models import Hold
from incident_service.routing.leaves import grant_leave
from incident_service.supervision.weekly.models import WeeklyReport
from tests.factories import CITY, Phone, a_phone, a_picture, an_account
from tests.points.scenes import a_reward, thank

if TYPE_CHECKING:
    from tests.contract.scene import Scene

NOBODYS_GRID = "360111001001001"                            # nobody is its manager
A_BOX = {"kind": "face", "left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2}
SMALL = (160, 120)


class Facts(dict[str, str]):
    """What fills the gaps of a rule and of what is sent. `stage` takes the case that is among it on its way."""

    def __init__(self, scene: "Scene", stage: Callable[["Facts"], None]) -> None:
        town = scene.town
        super().__init__(grid=town.grid, community=town.grid[:12], uncovered=NOBODYS_GRID,
                         officer=str(town.officer.id), manager=str(town.manager.id))
        self.scene, self.stage = scene, stage

    def phone(self, who: str) -> Phone:
        """Somebody's phone."""
        return self.scene.phone(who)

    def __missing__(self, name: str) -> str:
        MAKERS[name](self)
        assert name in self, f"A case that is {self.stage.__name__} has no {name}."
        return self[name]


Maker = Callable[[Facts], None]
MAKERS: dict[str, Maker] = {}


def makes(*names: str) -> Callable[[Maker], Maker]:
    """Say which facts a function adds."""
    def keep(make: Maker) -> Maker:
        MAKERS.update(dict.fromkeys(names, make))
        return make

    return keep


def done(answer: Any) -> Any:
    """What is said of something that must have succeeded."""
    assert answer.status_code < 300, answer.json
    return answer.json


def report(facts: Facts, **place: float) -> None:
    """The reporter reports, and whoever answers for the place is told."""
    said = done(facts.phone("reporter").report(a_picture(size=SMALL), **place))
    facts |= {"number": said["case_number"], "report": said["id"], "photo": said["photos"][0]["id"]}
    facts.scene.run_jobs()


@makes("number", "report", "photo", "petition", "reporter_suspension")
def a_case(facts: Facts) -> None:
    """A case of the reporter's, as far on its way as it should be."""
    facts.scene.let_everybody_report()
    report(facts)
    facts.stage(facts)


@makes("other")
def another(facts: Facts) -> None:
    """Another open case at the same place."""
    beside = Facts(facts.scene, facts.stage)
    report(beside)
    facts["other"] = beside["number"]


@makes("box")
def a_box(facts: Facts) -> None:
    """A box on the picture."""
    boxes = f"/cases/{facts['number']}/photos/{facts['photo']}/redactions"
    facts["box"] = done(facts.phone("colleague").post(boxes, {"boxes": [A_BOX]}))["items"][0]["id"]
    facts.scene.run_jobs()


@makes("request")
def a_wish(facts: Facts) -> None:
    """A wish to see the picture's original."""
    wishes = f"/cases/{facts['number']}/photos/{facts['photo']}/original-requests"
    facts["request"] = done(facts.phone("colleague").post(wishes, {"reason": "申诉需要核对"}))["id"]


@makes("notification")
def a_notification(facts: Facts) -> None:
    """What the officer is told of the case."""
    facts["notification"] = str(db.session.scalars(select(Notification.id).where(
        Notification.account_id == facts.scene.town.officer.id, Notification.case_number == facts["number"])).first())


@makes("hold")
def a_hold(facts: Facts) -> None:
    """Points of the reporter's that are held."""
    reference = f"20261120-{a_phone()}/9"
    with transaction():
        award(facts.scene.town.resident.id, reason=Reason.FIRST_REPORT, reference=reference, category="fire_lane",
              fund=facts["community"], because=both("首报", "first"), area_code=facts["grid"],
              held_because=[HeldBecause("pair", both("同一对", "the same pair"))])
    facts["hold"] = str(db.session.scalars(select(Hold.id).where(Hold.reference == reference)).one())


@makes("centre", "reward")
def a_shop(facts: Facts) -> None:
    """A centre of the community, and a reward."""
    reward = a_reward(price=1, area=facts["community"])
    facts |= {"centre": str(reward.centre_id), "reward": str(reward.id)}


@makes("redemption", "code")
def a_redemption(facts: Facts) -> None:
    """What the reporter has reserved there, from a community that has a fund."""
    resident = facts.scene.town.resident
    thank(resident, f"20261120-{a_phone()}/8", fund=facts["community"])
    set_budget(facts["community"], this_year(), 1_000_000)
    bought = redeem(UUID(facts["reward"]), quantity=1, by=resident)
    facts |= {"redemption": str(bought.id), "code": code_of(bought.id)}


@makes("export")
def an_export(facts: Facts) -> None:
    """A file of the reporter's that is ready."""
    with transaction():
        db.session.execute(delete(exports.Export))
        found, _ = exports.ask(exports.Kind.OWN_DATA, {}, by=facts.scene.town.resident, file_name="own.zip",
                               media_type="application/zip")
    exports.fill(found.id, lambda export, by, path, progress: path.write_bytes(b"all"))
    facts["export"] = str(found.id)


@makes("leave")
def a_leave(facts: Facts) -> None:
    """The manager will be away one day."""
    soon = clock.now() + timedelta(days=30)
    facts["leave"] = str(grant_leave(facts.scene.town.manager.id, by=facts.scene.town.desk, begins_at=soon,
                                     ends_at=soon + timedelta(days=1)).id)


@makes("shift")
def a_shift(facts: Facts) -> None:
    """A shift of a manager of the grid that nobody else has, some day."""
    hour, minute = divmod(int(a_phone()[4:]) % (17 * 60), 60)
    facts["shift"] = done(facts.phone("colleague").post("/routing/roster", {
        "person_id": facts["manager"], "role": "grid_manager", "area": facts["grid"],
        "from": f"{hour:02}:{minute:02}", "to": "18:30", "from_on": "2027-01-01"}))["id"]


@makes("week")
def a_week(facts: Facts) -> None:
    """The supervisor's report of a week."""
    with transaction():
        made = WeeklyReport(id=new_id(), account_id=facts.scene.town.supervisor.id, week=date(2026, 11, 16),
                            areas=[CITY], made_at=clock.now(), pdf=b"%PDF-1.4")
        db.session.add(made)
    facts["week"] = str(made.id)


@makes("person")
def a_person(facts: Facts) -> None:
    """A clerk of the street."""
    facts["person"] = str(an_account(Role.DESK, facts.scene.town.street).id)
