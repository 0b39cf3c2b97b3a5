"""A report is kept whole or not at all, and its case goes out as it is by then, whatever the session holds of it."""

from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from incident_service import cases
from incident_service.cases import access, history, queries, words
from incident_service.cases.models import Case, Dispatch
from incident_service.cases.words import CaseWords
from incident_service.cases.workflow import Status
from incident_service.foundation import logs, outbox
from incident_service.foundation.database import db
from incident_service.foundation.idempotency import IdempotentRequest
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.photos import Photo
from incident_service.reports import Report
from tests.factories import a_picture

KEPT = (Case, Report, Photo, CaseWords, Promise, IdempotentRequest)


@pytest.fixture
def reported(town, phone_of):
    """A case that waits to be dispatched."""
    number = phone_of(town.resident).report().json["case_number"]
    return db.session.scalars(select(Case).where(Case.number == number)).one()


def counted():
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(each)) for each in KEPT]


def test_a_report_whose_promises_fail_with_its_commit_leaves_nothing_and_may_be_sent_again(
        town, phone_of, monkeypatch):
    phone, picture, before = phone_of(town.resident), a_picture(), counted()
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "logs", SimpleNamespace(request_id=lambda: None, request=logs.request))
        assert phone.report(picture, key="once").status_code == 500
    assert counted() == before
    first, again = phone.report(picture, key="once"), phone.report(picture, key="once")
    assert (first.status_code, again.json) == (201, first.json)
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 1, 1, 1, 3, 1]


def test_a_case_is_dispatched_where_it_lies_today(reported):
    here = (reported.area_code, reported.beat_code, reported.community_code)
    with transaction():
        case = access.locked(reported.id)
        case.area_code, case.beat_code = "360199001002003", None
        db.session.flush()
        words.write(case)
    told = db.session.scalar(select(CaseWords.tokens).where(CaseWords.case_id == reported.id))
    cases.dispatch(reported.id)
    db.session.expire_all()
    assert (reported.area_code, reported.beat_code, reported.community_code) == here
    now = db.session.scalar(select(CaseWords.tokens).where(CaseWords.case_id == reported.id))
    given = {f"§{each.hex[-12:]}" for each in db.session.scalars(
        select(Dispatch.responder_id).where(Dispatch.case_id == reported.id))}
    assert {"§360199001002003"} <= {*told.split()} - {*now.split()}
    assert given | {f"§{reported.area_code}"} <= {*now.split()}


def test_a_case_older_than_the_chain_is_linked_as_it_goes_out(reported):
    with transaction():
        access.locked(reported.id).head = None
        for each in queries.events_of(reported):
            each.hash = each.salt = None
    cases.dispatch(reported.id)
    db.session.expire_all()
    events = queries.events_of(reported)
    assert (len(events), history.broken_at(events), reported.head) == (2, [], events[-1].hash)


def test_what_the_session_holds_of_a_case_is_written_before_it_goes_out_and_seen_after(reported):
    with transaction():
        held = db.session.get(Case, reported.id)
        held.address = "changed by whoever holds it"
        cases.dispatch(reported.id)
        assert held.status is Status.DISPATCHED
        held.address += ", twice"
    db.session.expire_all()
    assert (held.status, held.address) == (Status.DISPATCHED, "changed by whoever holds it, twice")


def test_a_dispatch_that_is_undone_leaves_the_case_where_it_was(reported):
    with pytest.raises(ZeroDivisionError), transaction():
        cases.dispatch(reported.id)
        raise ZeroDivisionError
    assert db.session.scalar(select(Case.status).where(Case.id == reported.id)) is Status.DISPATCHING
    assert db.session.scalars(select(Dispatch.id).where(Dispatch.case_id == reported.id)).all() == []
