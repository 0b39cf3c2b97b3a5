"""How far on its way the case must be that a row of the access table is about."""

from datetime import timedelta

from sqlalchemy import update

from incident_service.cases import Case
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from tests.contract.access_table import Row
from tests.contract.facts import SMALL, Facts, Maker, done, report
from tests.factories import a_picture

NOBODYS_PLACE = {"latitude": 28.6780}


def told(facts: Facts) -> None:
    """Whoever answers for it has been told, and that is all."""


def told_to_nobody(facts: Facts) -> None:
    """It lies where nobody answers for it."""
    report(facts, **NOBODYS_PLACE)


def joined(facts: Facts) -> None:
    """It is a case that somebody else's report has joined, of however many there are at the place."""
    said = done(facts.phone("resident").report(a_picture(size=SMALL)))
    facts |= {"number": said["case_number"], "report": said["id"]}


def merged(facts: Facts) -> None:
    """It has become part of another one."""
    done(facts.phone("desk").post(f"/cases/{facts['number']}/merge", {"into": facts["other"]}))


def rectified(facts: Facts) -> None:
    """The officer says that it is done."""
    done(facts.phone("officer").send(f"/cases/{facts['number']}/rectification", {}, [a_picture(size=SMALL)]))
    facts.scene.run_jobs()


def close(facts: Facts) -> None:
    """The manager agrees that it is done."""
    done(facts.phone("manager").post(f"/cases/{facts['number']}/closure"))


def closed(facts: Facts) -> None:
    """It is done, and the manager agrees."""
    rectified(facts)
    close(facts)


def late(facts: Facts) -> None:
    """It should have been rectified an hour ago."""
    with transaction():
        db.session.execute(update(Case).where(Case.number == facts["number"])
                           .values(due_at=clock.now() - timedelta(hours=1)))


def rectified_late(facts: Facts) -> None:
    """It is done, but should have been an hour ago."""
    rectified(facts)
    late(facts)


def appealed(facts: Facts) -> None:
    """It was done late, and the officer says why."""
    rectified_late(facts)
    done(facts.phone("officer").post(f"/cases/{facts['number']}/appeal", {"note": "位置有误，先送错了单"}))


def pause_asked(facts: Facts) -> None:
    """The officer asks that the clock be stopped."""
    wanted = {"reason": "weather", "until": (clock.now() + timedelta(days=9)).isoformat()}
    asked = done(facts.phone("officer").post(f"/cases/{facts['number']}/suspension", wanted))
    facts["petition"] = asked["petitions"][0]["id"]


def paused(facts: Facts) -> None:
    """The clock is stopped."""
    pause_asked(facts)
    done(facts.phone("colleague").post(f"/cases/{facts['number']}/petitions/{facts['petition']}/approval"))


def suspended(facts: Facts) -> None:
    """Its reporter may not report."""
    order = {"reason": "spam", "note": "重复上报"}
    ordered = done(facts.phone("chief").post(f"/cases/{facts['number']}/reporter-suspensions", order))
    facts["reporter_suspension"] = ordered["id"]


def objected(facts: Facts) -> None:
    """Its reporter may not report, and says why that is wrong."""
    suspended(facts)
    done(facts.phone("reporter").post(f"/me/suspensions/{facts['reporter_suspension']}/appeal", {"note": "并非重复"}))


def asked_who(facts: Facts) -> None:
    """A clerk asks who the reporter is."""
    wish = {"reason": "公安机关来函"}
    facts["request"] = done(facts.phone("colleague").post(f"/cases/{facts['number']}/identity-requests", wish))["id"]


def told_who(facts: Facts) -> None:
    """A clerk has seen who the reporter is."""
    asked_who(facts)
    wish = f"/cases/{facts['number']}/identity-requests/{facts['request']}"
    done(facts.phone("chief").post(f"{wish}/approval"))
    done(facts.phone("colleague").get(f"{wish}/identity"))


WANTED: dict[str, Maker] = {                                # by how a rule ends
    "/transfer": told_to_nobody, "/separation": joined, "/unmerging": merged,
    "/closure": rectified, "/check": rectified, "/rework": rectified,
    "/reopening": closed, "/satisfaction": closed, "/review": closed, "/second-looks": closed,
    "/open-cases": told, "/overdue": late,
    "/appeal": rectified_late, "/appeals": appealed, "/appeal/decision": appealed,
    "/petitions/<uuid:petition_id>/approval": pause_asked, "/petitions/<uuid:petition_id>/refusal": pause_asked,
    "/resumption": paused, "/supervision/reporter-suspensions": suspended, "/me/suspensions": suspended,
    "suspensions/<uuid:id>/appeal": suspended, "suspensions/<uuid:id>/lifting": suspended,
    "suspensions/<uuid:id>/decision": objected, "/identity-requests/<uuid:request_id>/approval": asked_who,
    "/identity": asked_who, "/identity-openings": told_who,
}


def stage_of(row: Row) -> Maker | None:
    """How far the case of a row must be; the longest ending knows best. None where the usual case will do."""
    endings = [ending for ending in WANTED if row.rule.endswith(ending)]
    if endings:
        return WANTED[max(endings, key=len)]
    return told if row.changes_it else None
