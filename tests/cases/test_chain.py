"""A history can be proven: each line is tied to the one before, and the ends are signed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from incident_service import cases
from incident_service.cases import chain, history
from incident_service.cases.audit import audit
from incident_service.cases.models import Case, CaseEvent, CaseSeal
from incident_service.foundation import signing
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from tests.factories import a_picture

CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers(-2**53, 2**53) | st.text(max_size=5) | st.floats(
        allow_nan=False, allow_infinity=False), lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3))


def a_line(**columns: Any) -> dict[str, Any]:
    return {"case_id": new_id(), "sequence": 1, "at": datetime(2026, 11, 28, 9, 0, 0, 5, tzinfo=UTC), "move": "close",
            "status_before": "rectified", "status_after": "closed", "by_id": new_id(), "note": "车已驶离",
            "details": {}} | columns


def faults() -> list[str]:
    """Everything that is told, in English."""
    said: list[str] = []
    db.session.commit()
    audit(lambda fault: said.append(fault.says.in_language("en")))
    return said


@pytest.fixture
def number(town, phone_of, run_jobs) -> str:
    """A case that went its whole way."""
    number = phone_of(town.resident).report(description="车牌赣A12345").json["case_number"]
    run_jobs()
    phone_of(town.officer).send(f"/cases/{number}/rectification", {"note": "电话通知车主"}, [a_picture()])
    assert phone_of(town.manager).post(f"/cases/{number}/closure", {"note": "现场已核"}).status_code == 200
    return number


def lines() -> list[CaseEvent]:
    return list(db.session.scalars(select(CaseEvent).order_by(CaseEvent.sequence)))


def test_a_line_is_spelled_as_ever():
    """Else no history that was written before could be proven any more."""
    line = a_line(case_id=UUID(int=7), sequence=3, by_id=UUID(int=9), note='车已驶离 "A"\n',
                  details={"b": [1.0, 0.25, None], "a": {"号": True}}, salt="0f" * 16, erased=None)
    assert chain.hash_of(line, "0" * 64) == "37692ae3e250f5b8497cd353c97c48b3df2dd25ef75ff103621c947c5f5c0c4f"
    erased = line | chain.without(line, note="")
    assert chain.hash_of(erased, None) == "b8663bc21a1eb267b45bc60d198e4ef3425f0601463724c3f10514b9bb4ecea7"


@pytest.mark.parametrize("name", [*chain.FACTS, *chain.CONTENT])
def test_whatever_is_changed_in_a_line_changes_its_hash(name):
    line = chain.linked(a_line(), "0" * 64)
    assert chain.hash_of(line, "0" * 64) == line["hash"]
    other = {"at": datetime(2026, 11, 28, 9, 0, 0, 6, tzinfo=UTC)}.get(name, "something else")
    assert chain.hash_of(line | {name: other}, "0" * 64) != line["hash"]
    assert chain.hash_of(line, "1" * 64) != line["hash"]


@given(details=st.dictionaries(st.text(max_size=3), CONTENT, max_size=3))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_erased_content_leaves_the_hash_and_nothing_to_guess_by(details):
    line = chain.linked(a_line(details=details), None)
    gone = line | chain.without(line, note="", details={})
    assert chain.hash_of(gone, None) == line["hash"]
    assert gone["salt"] is None and set(gone["erased"]["note"]) == {"digest"}
    assert chain.hash_of(gone | {"by_id": new_id()}, None) != line["hash"]         # what is left is still proven
    more = gone | chain.without(gone, by_id=None)
    assert chain.hash_of(more, None) == line["hash"]


def test_facts_of_a_line_are_not_to_be_erased():
    with pytest.raises(ValueError):
        chain.without(chain.linked(a_line(), None), at=None)


def test_the_same_content_in_two_lines_has_two_digests():
    line = a_line()
    assert chain.linked(line, None)["hash"] != chain.linked(line, None)["hash"]


def test_numbers_read_the_same_from_either_database(app, number):
    odd = {"metres": 12.0, "big": 1e16, "small": 1e-7, "inner": [0.5, {"n": -0.0}], "text": "1e16"}
    with transaction():
        case = db.session.scalars(select(Case)).one()
        history.note(case, cases.Move.WARN, by_id=None, **odd)
    assert faults() == []


def test_every_line_of_a_case_is_tied_to_the_one_before(number):
    case = db.session.scalars(select(Case)).one()
    assert history.broken_at(lines()) == []
    assert case.head == lines()[-1].hash and len({each.hash for each in lines()}) == case.version


@pytest.mark.parametrize("values", [{"note": "我没有做"}, {"at": datetime(2026, 1, 1, tzinfo=UTC)}, {"by_id": None},
                                    {"hash": "f" * 64}, {"salt": None}])
def test_a_line_that_was_changed_is_named(number, values):
    db.session.execute(update(CaseEvent).where(CaseEvent.sequence == 3).values(**values))
    assert "step 3 of its history is not as it was written" in faults()


def test_a_last_line_that_was_taken_away_is_noticed(number):
    db.session.execute(delete(CaseEvent).where(CaseEvent.sequence == 4))
    db.session.execute(update(Case).values(version=3, status="rectified", closed_at=None))
    assert "its history does not end with the line the case knows" in faults()


def test_retention_may_erase_words_and_people(number):
    with transaction():
        for event in lines():
            history.erase(event, note="", by_id=None)
    assert faults() == []
    assert {(each.note, each.by_id) for each in lines()} == {("", None)}


def test_ends_are_signed_once_and_again_when_they_grow(number, town, phone_of):
    assert (cases.seal_histories(), cases.seal_histories()) == (1, 0)
    seal = db.session.scalars(select(CaseSeal)).one()
    case = db.session.scalars(select(Case)).one()
    assert seal.heads == [[str(case.id), 4, case.head]]
    with transaction():
        history.note(db.session.scalars(select(Case)).one(), cases.Move.WARN, by_id=None)
    assert cases.seal_histories() == 1
    assert faults() == []


def test_many_ends_are_signed_a_few_at_a_time(town, phone_of):
    for _ in range(5):
        phone_of(town.resident).report()
    assert cases.seal_histories(batch=2) == 3
    assert db.session.scalars(select(CaseSeal.number)).all() == [1, 2, 3] and faults() == []


def forge(number: str) -> None:
    """Write a history anew, as somebody would who has the database but not the key."""
    with transaction():
        case = db.session.scalars(select(Case)).one()
        lines()[2].note = "我准时完成"
        db.session.flush()
        history.link(case)


def test_a_history_written_anew_is_caught_by_its_seal(number):
    forge(number)
    assert faults() == []                               # unsealed, it cannot be told
    cases.seal_histories()
    forge(number)
    assert faults() == ["step 4 of its history is not what seal 1 names"]


def test_a_sealed_history_that_vanished_is_missed(number):
    cases.seal_histories()
    db.session.execute(delete(CaseEvent))
    assert "step 4 of its history is not what seal 1 names" in faults()


def test_seals_cannot_be_changed_dropped_or_made_without_the_key(number, monkeypatch):
    cases.seal_histories()
    with transaction():
        history.note(db.session.scalars(select(Case)).one(), cases.Move.WARN, by_id=None)
    cases.seal_histories()
    db.session.execute(update(CaseSeal).where(CaseSeal.number == 2).values(at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert faults() == ["its signature is not this installation's"]
    db.session.execute(delete(CaseSeal).where(CaseSeal.number == 1))
    assert "it does not follow the seal before it" in faults()


def test_another_key_has_signed_nothing_here(app):
    signature = signing.sign(b"x")
    assert signing.is_signed(b"x", signature)
    assert not signing.is_signed(b"y", signature)


def as_before_the_chain() -> None:
    """The rows as an upgrade finds them."""
    db.session.execute(update(CaseEvent).values(hash=None, salt=None))
    db.session.execute(update(Case).values(head=None))
    db.session.commit()


def test_older_histories_are_linked_by_a_duty_a_few_at_a_time(town, phone_of):
    for _ in range(3):
        phone_of(town.resident).report()
    as_before_the_chain()
    assert faults() == [] and cases.seal_histories() == 0
    assert [cases.link_histories(batch=2) for _ in range(3)] == [2, 1, 0]
    assert faults() == [] and cases.seal_histories() == 1
    assert all(each.hash for each in lines())


def test_a_move_links_what_is_older_than_the_chain(number, town, phone_of):
    as_before_the_chain()
    with transaction():
        history.note(db.session.scalars(select(Case)).one(), cases.Move.WARN, by_id=None)
    assert [bool(each.hash) for each in lines()] == [True] * 5
    assert faults() == []
