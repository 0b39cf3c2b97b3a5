"""Signing the ends of histories with the installation's key, again and again, so that no history can be written anew.

A seal names the last hash of every case that changed since the one before, and the seal before; nobody who can write
the tables, but has not the key, can shorten or rewrite what was sealed without `flask cases audit` seeing it.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from incident_service.cases import chain, history
from incident_service.cases.models import UNLINKED, UNSEALED, Case, CaseEvent, CaseSeal
from incident_service.foundation import clock, signing
from incident_service.foundation.database import db
from incident_service.foundation.transaction import alone, for_update, transaction
from incident_service.foundation.words import Words, both

AT_ONCE = 1000


def link_histories(*, batch: int = 200) -> int:
    """Link the histories of one batch of cases that are older than the chain, such as a running city's at its upgrade;
    how many. Safe to repeat, and beside moves: one that is made first links its own case."""
    wanted = select(Case).where(UNLINKED).order_by(Case.id).limit(batch)
    if not _is_any(wanted):
        return 0
    with transaction():
        cases = _not_in_use(wanted)
        for case in cases:
            history.link(case)
        return len(cases)


def seal_histories(*, batch: int = AT_ONCE) -> int:
    """Sign the ends of all histories that have grown since they were last signed; how many seals were made.

    Safe to repeat: what is signed is not signed again. A case that is being changed at this instant is left for later.
    """
    made = 0
    wanted = select(Case).where(UNSEALED).order_by(Case.id).limit(batch)
    while _is_any(wanted) and _seal(wanted):
        made += 1
    return made


def _seal(wanted: Any) -> bool:
    with transaction():
        alone("cases-seal")
        cases = _not_in_use(wanted)
        if not cases:
            return False
        last = last_seal()
        seal = CaseSeal(number=last.number + 1 if last else 1, at=clock.now(), previous=digest(last) if last else "",
                        heads=[[str(case.id), case.version, case.head] for case in cases])
        seal.signature = signing.sign(_message(seal)).hex()
        db.session.add(seal)
        db.session.execute(update(Case), [{"id": case.id, "sealed_version": case.version} for case in cases])
        return True


def last_seal() -> CaseSeal | None:
    """The seal that all others lead to."""
    return db.session.scalar(select(CaseSeal).order_by(CaseSeal.number.desc()).limit(1))


def digest(seal: CaseSeal) -> str:
    """The hash by which the next seal names this one."""
    return hashlib.sha256(_message(seal)).hexdigest()


def check_seals(tell: Callable[[str, Words], object]) -> None:
    """Verify every seal, and every history against what was sealed of it; tell what is wrong, and with which."""
    previous = ""
    for number, seal in enumerate(_seals(), 1):
        name = f"seal {seal.number}"
        if (seal.number, seal.previous) != (number, previous):
            tell(name, both("封签不连续", "it does not follow the seal before it"))
        if not signing.is_signed(_message(seal), bytes.fromhex(seal.signature)):
            tell(name, both("签名无效", "its signature is not this installation's"))
        for case_number, sequence in _missing(seal.heads):
            tell(case_number, both(
                "历史第 {sequence} 步与封签 {seal} 不符",
                "step {sequence} of its history is not what seal {seal} names", sequence=sequence, seal=seal.number))
        previous = digest(seal)
        db.session.expunge(seal)


def _seals() -> Iterator[CaseSeal]:
    """All seals in their order, one after the other: each is large."""
    number = 0
    while seal := db.session.scalar(
            select(CaseSeal).where(CaseSeal.number > number).order_by(CaseSeal.number).limit(1)):
        number = seal.number
        yield seal


def _missing(heads: Sequence[Sequence[Any]]) -> Iterator[tuple[str, int]]:
    """(case number, place) of every sealed end that its case's history does not have; the id of a case that is gone."""
    ids = [UUID(case_id) for case_id, _, _ in heads]
    kept = {(id, sequence): kept for id, sequence, kept in db.session.execute(
        select(CaseEvent.case_id, CaseEvent.sequence, CaseEvent.hash).where(CaseEvent.case_id.in_(ids)))}
    wrong = [(id, head[1]) for id, head in zip(ids, heads, strict=True) if kept.get((id, head[1])) != head[2]]
    for id, sequence in wrong:
        yield db.session.scalar(select(Case.number).where(Case.id == id)) or str(id), sequence


def _message(seal: CaseSeal) -> bytes:
    return chain.canonical({name: getattr(seal, name) for name in ("number", "at", "previous", "heads")})


def _is_any(wanted: Any) -> bool:
    """Whether there is work, found without taking the database for writing."""
    found = db.session.execute(wanted.with_only_columns(Case.id).limit(1)).first()
    db.session.rollback()
    return found is not None


def _not_in_use(wanted: Any) -> Sequence[Case]:
    """These cases, locked; whoever is making a move is not waited for."""
    return db.session.scalars(for_update(wanted).with_for_update(skip_locked=True)).all()
