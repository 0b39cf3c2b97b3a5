"""Random people press random buttons on a real database; after each step everything is as it must be.

`pytest tests/cases/test_random_actors.py --random-steps 5000` plays longer.
"""

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from incident_service import cases
from incident_service.accounts import Role
from incident_service.cases.audit import audit
from incident_service.cases.models import Case, CaseEvent
from incident_service.foundation.database import db
from tests.cases.buttons import BUTTONS, LATER, SMALL, press
from tests.factories import CITY, Phone, a_picture, an_account

STEPS_AT_ONCE = 50
CASES_MAX = 4
RESIDENTS, STRANGERS = ("resident", "neighbour"), ("manager'", "desk'")
STAFF = ("manager", "officer", "desk", "supervisor", "chief")
DECIDERS = ("desk", "supervisor", "chief")
ONCE = ("pushed_at", "accepted_at", "rectified_at")         # a clock that stands, stands
CHOICES = {"who": st.sampled_from([*RESIDENTS, *STAFF, *STRANGERS]), "which": st.integers(0, CASES_MAX - 1)}


class Actors(RuleBasedStateMachine):
    """A few cases, and everybody who may want something of them. The test gives what it plays with."""

    officer_id: str
    phones: dict[str, Phone]
    names: dict[str, str]
    run_jobs: Any

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[dict[str, str]] = []
        self.histories: dict[str, list[tuple[int, str | None]]] = {}
        self.clocks: dict[tuple[str, str], Any] = {}

    @initialize()
    def begin(self) -> None:
        self.somebody_reports("resident")

    @rule(who=st.sampled_from(RESIDENTS))
    def somebody_reports(self, who: str) -> None:
        """A case more, unless whoever reports is suspended: exactly then they are refused."""
        if len(self.facts) < CASES_MAX:
            may = not any(each["is_in_force"] for each in self.phones[who].get("/me/suspensions").json["items"])
            answer = self.phones[who].report(a_picture(size=SMALL))
            assert (answer.status_code == 201) == may, answer.json
            if may and not answer.json["merged_into_existing"]:
                self.facts.append({"number": answer.json["case_number"], "report": answer.json["id"], "reporter": who,
                                   "category": "fire_lane", "responder": self.officer_id})

    @rule()
    def workers_work(self) -> None:
        self.run_jobs()

    @rule()
    def ends_are_signed(self) -> None:
        cases.seal_histories()

    @rule(who=st.sampled_from(DECIDERS), which=st.integers(0, CASES_MAX - 1), grants=st.booleans())
    def somebody_decides_about_a_wish(self, who: str, which: int, grants: bool) -> None:
        """More time or a pause: never by who asked."""
        facts, phone = self.facts[which % len(self.facts)], self.phones[who]
        for wish in phone.get(f"/cases/{facts['number']}").json["petitions"][-1:]:
            answer = phone.post(f"/cases/{facts['number']}/petitions/{wish['id']}/"
                                f"{'approval' if grants else 'refusal'}", {} if grants else {"note": "不需要"})
            if wish["asked_by"] == self.names[who] or (wish["decided_at"] and wish["is_granted"] != grants):
                assert answer.status_code in (403, 409), answer.json
            else:
                assert answer.status_code in (200, 409, 422), answer.json

    @rule(who=st.sampled_from(RESIDENTS))
    def somebody_appeals(self, who: str) -> None:
        for each in self.phones[who].get("/me/suspensions").json["items"]:
            answer = self.phones[who].post(f"/me/suspensions/{each['id']}/appeal", {"note": "并非重复"})
            assert answer.status_code == 200, answer.json

    @rule(who=st.sampled_from(("supervisor", "chief")), lifts=st.booleans())
    def somebody_decides_an_appeal(self, who: str, lifts: bool) -> None:
        """Never who ordered the suspension."""
        for each in self.phones[who].get("/supervision/reporter-suspensions?waiting=true").json["items"]:
            answer = self.phones[who].post(f"/supervision/reporter-suspensions/{each['id']}/decision", {
                "ruling": "lifted" if lifts else "upheld", "note": "经复核"})
            assert (answer.status_code == 403) == (each["suspended_by"] == self.names[who]), answer.json

    @rule(who=st.sampled_from(DECIDERS), which=st.integers(0, CASES_MAX - 1))
    def somebody_agrees_to_an_identity_and_its_askers_look(self, who: str, which: int) -> None:
        """Nobody learns a name but who asked, after somebody else agreed."""
        facts = self.facts[which % len(self.facts)]
        way = f"/cases/{facts['number']}/identity-requests"
        for wish in self.phones[who].get(way).json["items"][-1:]:
            agreed = self.phones[who].post(f"{way}/{wish['id']}/approval")
            assert (agreed.status_code == 200) == (who != "desk" and wish["asked_by"] != self.names[who]), agreed.json
            for other in DECIDERS:
                seen = self.phones[other].get(f"{way}/{wish['id']}/identity")
                is_open = agreed.status_code == 200 or wish["approved_at"] is not None
                assert (seen.status_code == 200) == (is_open and wish["asked_by"] == self.names[other]), seen.json

    @rule(move=st.sampled_from(sorted(BUTTONS | LATER)), **CHOICES)
    def somebody_presses(self, who: str, which: int, move: cases.Move) -> None:
        """Only what the table allows happens, only by whom it names; else nothing changes."""
        facts = self.facts[which % len(self.facts)]
        facts["other"] = self.facts[(which + 1) % len(self.facts)]["number"]
        offered = self._offered(who, facts["number"])           # whoever opens what was pushed to them has seen it
        before = self._case(facts["number"])
        answer = press(self.phones[who], move, facts)
        after = self._case(facts["number"])
        self._check_words(who, facts, answer)
        if answer.status_code < 300:
            assert who not in STRANGERS
            assert offered is None or move in offered or after == before      # what is repeated changes nothing
            facts["category"] = after[2]
        else:
            assert answer.status_code in (403, 404, 409, 422), answer.json
            assert after == before
            if who in STRANGERS:
                assert answer.status_code in (403, 404)

    @rule(**CHOICES)
    def somebody_looks(self, who: str, which: int) -> None:
        facts = self.facts[which % len(self.facts)]
        for path in (f"/cases/{facts['number']}", f"/cases/{facts['number']}/events", f"/reports/{facts['report']}"):
            answer = self.phones[who].get(path)
            may = who == facts["reporter"] if path.startswith("/reports") else who in STAFF
            assert (answer.status_code == 200) == may, (who, path, answer.status_code)
            self._check_words(who, facts, answer)

    @invariant()
    def all_is_well(self) -> None:
        """One status, clocks in order, history without gap and unbroken, thanks as due: what the audit looks at."""
        faults: list[Any] = []
        db.session.commit()
        audit(faults.append)
        assert faults == []

    @invariant()
    def what_was_written_stays(self) -> None:
        for facts in self.facts:
            lines = [(each.sequence, each.hash) for each in db.session.scalars(
                select(CaseEvent).join(Case, Case.id == CaseEvent.case_id).where(Case.number == facts["number"])
                .order_by(CaseEvent.sequence))]
            known = self.histories.get(facts["number"], [])
            assert lines[:len(known)] == known
            self.histories[facts["number"]] = lines
            case = db.session.scalars(select(Case).where(Case.number == facts["number"])).one()
            for name in ONCE:
                first = self.clocks.setdefault((facts["number"], name), getattr(case, name))
                assert first is None or first == getattr(case, name)
                self.clocks[facts["number"], name] = getattr(case, name)
        db.session.rollback()

    def _case(self, number: str) -> tuple[Any, ...]:
        row = db.session.execute(select(Case.status, Case.version, Case.category).where(Case.number == number)).one()
        db.session.rollback()
        return tuple(row)

    def _offered(self, who: str, number: str) -> list[str] | None:
        """The buttons on somebody's page; None for residents, who have another page."""
        return self.phones[who].get(f"/cases/{number}").json.get("allowed") if who in STAFF else None

    def _check_words(self, who: str, facts: dict[str, str], answer: Any) -> None:
        """No answer names the other side: staff to residents, residents to staff; nobody's id or phone either."""
        hidden = STAFF if who in RESIDENTS else RESIDENTS
        for other in hidden:
            assert self.names[other] not in answer.text, (who, other)


def test_random_actors_leave_everything_as_it_must_be(request, town, phone_of, run_jobs):
    people = {"resident": town.resident, "neighbour": town.neighbour, "manager": town.manager, "officer": town.officer,
              "desk": town.desk, "supervisor": town.supervisor,
              "chief": an_account(Role.SUPERVISOR, CITY, name="督查员丙"),
              "manager'": an_account(Role.GRID_MANAGER, "360111002002001", name="网格员乙"),
              "desk'": an_account(Role.DESK, "360111002", name="值班员乙")}
    shown = {"phones": {who: phone_of(each) for who, each in people.items()}, "run_jobs": staticmethod(run_jobs),
             "names": {who: each.name for who, each in people.items()}, "officer_id": str(town.officer.id)}
    steps = request.config.getoption("random_steps")
    run_state_machine_as_test(type("Everybody", (Actors,), shown), settings=settings(
        max_examples=max(1, steps // STEPS_AT_ONCE), stateful_step_count=STEPS_AT_ONCE, derandomize=True, deadline=None,
        database=None, suppress_health_check=list(HealthCheck), print_blob=False, phases=[Phase.generate]))
