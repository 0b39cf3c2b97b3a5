"""What the rows of the access table are about: a case with all that may belong to one, and everybody who may ask."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from incident_service import areas, catalogue, exports
from incident_service.accounts import Account, Role
from incident_service.cases import Case
from incident_service.cases.reporters.suspension_models import ReporterSuspension
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
from tests.contract.access_table import PEOPLE
from tests.factories import CITY, Phone, Town, a_picture, an_account
from tests.points.scenes import a_reward, thank

OTHER_STREET, OTHER_GRID, OTHER_BEAT = "360111002", "360111001002001", "360111J01"
NOBODYS_GRID = "360111001001001"                            # nobody is its manager
NOBODYS_PLACE = {"latitude": 28.6780}
A_BOX = {"kind": "face", "left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2}
NOT_RECTIFIED = ("acceptance", "rectification", "transfer", "overdue", "/return", "extension", "suspension",
                 "resumption", "petitions", "voiding", "amendment", "condition", "withdrawal", "merg", "separation")
CLOSED = ("reopening", "review", "second-looks", "satisfaction")
LATE = ("overdue", "appeal")


class Scene:
    """Thirteen people, and one case at a time."""

    def __init__(self, town: Town, phone_of: Any, run_jobs: Any) -> None:
        self.town, self.phone_of, self.run_jobs = town, phone_of, run_jobs
        assert town.grid != OTHER_GRID and town.beat != OTHER_BEAT and areas.exists(OTHER_STREET)
        self.people: dict[str, Account | None] = dict(zip(PEOPLE, (
            None, town.resident, town.neighbour, town.manager, an_account(Role.GRID_MANAGER, OTHER_GRID), town.officer,
            an_account(Role.OFFICER, OTHER_BEAT, kind="traffic"), town.desk, an_account(Role.DESK, OTHER_STREET),
            town.supervisor, an_account(Role.SUPERVISOR, OTHER_STREET), an_account(Role.ADMIN, CITY),
            an_account(Role.ADMIN, OTHER_STREET)), strict=True))
        self.colleague, self.chief = an_account(Role.DESK, town.street), an_account(Role.SUPERVISOR, CITY)
        self.week = self._week()
        self.shifts = 0
        self.usual = self.case_for("")

    def phone(self, who: str) -> Phone:
        """Somebody's phone, freshly signed in."""
        person = self.people[who]
        assert person
        return self.phone_of(person)

    def case_for(self, rule: str) -> dict[str, str]:
        """A fresh case, as far on its way as a rule wants it, or closed; and by which names its parts are known.
        Whoever was suspended before may report again."""
        with transaction():
            db.session.execute(update(ReporterSuspension).values(until=clock.now()))
        place = NOBODYS_PLACE if "transfer" in rule else {}
        said = self.phone("reporter").report(**place).json
        number = said["case_number"]
        self.run_jobs()
        facts = {"number": number, "report": said["id"], "photo": said["photos"][0]["id"], "grid": self.town.grid,
                 "person": str(an_account(Role.DESK, self.town.street).id), "officer": str(self.town.officer.id),
                 "manager": str(self.town.manager.id), "uncovered": NOBODYS_GRID, "leave": self._leave(),
                 "shift": self._shift(),
                 "export": self._export(),
                 "week": self.week,
                 "condition": catalogue.category("fire_lane").conditions[-1].code,
                 "other": self._another() if "merg" in rule else "", **self._shop(number)}
        if not any(word in rule for word in NOT_RECTIFIED):
            self.phone("officer").send(f"/cases/{number}/rectification", {}, [a_picture()])
            self.run_jobs()
            facts |= self._belongings(facts)
        if "separation" in rule:
            facts["report"] = self.phone("resident").report().json["id"]
        if "unmerging" in rule:
            self.phone("desk").post(f"/cases/{number}/merge", {"into": facts["other"]})
        if any(word in rule for word in LATE):
            with transaction():
                db.session.execute(update(Case).where(Case.number == number)
                                   .values(due_at=clock.now() - timedelta(hours=1)))
        if "petitions" in rule or "resumption" in rule:
            facts["petition"] = self._asked(number, is_granted="resumption" in rule)
        if "decision" in rule or rule.endswith("appeals"):
            self.phone("officer").post(f"/cases/{number}/appeal", {"note": "位置有误，先送错了单"})
        if rule.endswith(("/me/suspensions", "supervision/reporter-suspensions", "suspensions/<uuid:id>/appeal",
                          "suspensions/<uuid:id>/decision", "suspensions/<uuid:id>/lifting")):
            facts["reporter_suspension"] = self._suspended(number, has_appealed=rule.endswith("decision"))
        if "identity" in rule:
            facts["request"] = self._wished_to_know(number, is_opened="openings" in rule)
        if not rule or any(word in rule for word in CLOSED):
            self.phone("manager").post(f"/cases/{number}/closure")
        return facts

    def _belongings(self, facts: dict[str, str]) -> dict[str, str]:
        """A box on the picture, a wish to see its original, a notification of the officer, and points that are held."""
        desk, pictures = self.phone_of(self.colleague), f"/cases/{facts['number']}/photos/{facts['photo']}"
        box = desk.post(f"{pictures}/redactions", {"boxes": [A_BOX]}).json["items"][0]["id"]
        wish = desk.post(f"{pictures}/original-requests", {"reason": "申诉需要核对"}).json["id"]
        self.run_jobs()
        told = db.session.scalars(select(Notification.id).where(
            Notification.account_id == self.town.officer.id, Notification.case_number == facts["number"])).first()
        return {"box": box, "request": wish, "notification": str(told), "hold": self._hold(f"{facts['number']}/9")}

    def _asked(self, number: str, *, is_granted: bool) -> str:
        """A pause that the officer asked for."""
        until = (clock.now() + timedelta(days=9)).isoformat()
        asked = self.phone("officer").post(f"/cases/{number}/suspension", {"reason": "weather", "until": until}).json
        petition: str = asked["petitions"][0]["id"]
        if is_granted:
            self.phone_of(self.colleague).post(f"/cases/{number}/petitions/{petition}/approval")
        return petition

    def _suspended(self, number: str, *, has_appealed: bool) -> str:
        """The reporter may not report, by order of a supervisor who is not among the people."""
        ordered = self.phone_of(self.chief).post(f"/cases/{number}/reporter-suspensions",
                                                 {"reason": "spam", "note": "重复上报"}).json
        if has_appealed:
            self.phone("reporter").post(f"/me/suspensions/{ordered['id']}/appeal", {"note": "并非重复"})
        return str(ordered["id"])

    def _wished_to_know(self, number: str, *, is_opened: bool) -> str:
        """A clerk who is not among the people asks who the reporter is, and has perhaps seen it."""
        desk, wishes = self.phone_of(self.colleague), f"/cases/{number}/identity-requests"
        wish = str(desk.post(wishes, {"reason": "公安机关来函"}).json["id"])
        if is_opened:
            self.phone_of(self.chief).post(f"{wishes}/{wish}/approval")
            desk.get(f"{wishes}/{wish}/identity")
        return wish

    def _another(self) -> str:
        """The number of another open case at the same place."""
        number: str = self.phone("reporter").report().json["case_number"]
        self.run_jobs()
        return number

    def _shop(self, number: str) -> dict[str, str]:
        """A centre of the community, a reward, and what the reporter has reserved there."""
        thank(self.town.resident, f"{number}/8", fund=self.town.grid[:12])
        reward = a_reward(price=1, area=self.town.grid[:12])
        set_budget(self.town.grid[:12], this_year(), 1_000_000)
        bought = redeem(reward.id, quantity=1, by=self.town.resident)
        return {"community": self.town.grid[:12], "centre": str(reward.centre_id), "reward": str(reward.id),
                "redemption": str(bought.id), "code": code_of(bought.id)}

    def _export(self) -> str:
        """A file of the reporter's that is ready."""
        with transaction():
            db.session.execute(delete(exports.Export))
            found, _ = exports.ask(exports.Kind.OWN_DATA, {}, by=self.town.resident, file_name="own.zip",
                                   media_type="application/zip")
        exports.fill(found.id, lambda export, by, path, progress: path.write_bytes(b"all"))
        return str(found.id)

    def _week(self) -> str:
        """The supervisor's report of a week."""
        with transaction():
            made = WeeklyReport(id=new_id(), account_id=self.town.supervisor.id, week=date(2026, 11, 16), areas=[CITY],
                                made_at=clock.now(), pdf=b"%PDF-1.4")
            db.session.add(made)
        return str(made.id)

    def _leave(self) -> str:
        """The manager will be away one day."""
        soon = clock.now() + timedelta(days=30)
        return str(grant_leave(self.town.manager.id, by=self.town.desk, begins_at=soon,
                               ends_at=soon + timedelta(days=1)).id)

    def _shift(self) -> str:
        """A shift of a manager of the grid that nobody else has, some day."""
        self.shifts += 1
        hour, minute = divmod(self.shifts, 60)
        return str(self.phone_of(self.colleague).post("/routing/roster", {
            "person_id": str(self.town.manager.id), "role": "grid_manager", "area": self.town.grid,
            "from": f"{hour:02}:{minute:02}", "to": "18:00", "from_on": "2027-01-01"}).json["id"])

    def _hold(self, reference: str) -> str:
        with transaction():
            award(self.town.resident.id, reason=Reason.FIRST_REPORT, reference=reference, category="fire_lane",
                  fund=self.town.grid[:12], because=both("首报", "first"), area_code=self.town.grid,
                  held_because=[HeldBecause("pair", both("同一对", "the same pair"))])
        return str(db.session.scalars(select(Hold.id).where(Hold.reference == reference)).one())
