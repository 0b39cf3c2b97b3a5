"""The rules in force: the shipped table is version 1, every later version and every switch is kept."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, current_app
from sqlalchemy import func, select

from incident_service.accounts import Account, Role
from incident_service.catalogue import BrokenTable, read_table
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Forbidden, Invalid, NotFound, PreconditionFailed
from incident_service.foundation.transaction import alone, transaction
from incident_service.foundation.words import both
from incident_service.routing.models import RuleSet, RuleSwitch
from incident_service.routing.rule_shapes import RuleTable, check
from incident_service.routing.rules import RuleBook, rule_of

FIRST = 1
SHIPPED, COMPILED, READ = "shipped_rules", "compiled_rules", "read_rules"
log = structlog.get_logger(__name__)


class UnknownVersion(NotFound):
    """There is no such version of the rules."""
    slug, title = "rules-version-unknown", both("没有此版本的规则", "There is no such version of the rules")


class RulesNotYours(Forbidden):
    """The rules are the whole city's."""
    slug, title = "rules-not-yours", both("派遣规则由全市管理员维护",
                                          "The rules are kept by the city's administrators")


def check_keeper(account: Account) -> UUID:
    """Whose it is to keep the rules: an administrator of the whole city. Raises RulesNotYours."""
    if not account.holds(Role.ADMIN, reaching=current_app.config["CITY_CODE"]):
        raise RulesNotYours()
    return account.id


def load_rules(app: Flask) -> None:
    """Read the shipped table. Raises BrokenTable, which stops the start."""
    with app.app_context():
        app.extensions[SHIPPED] = read_rules(app.config["TABLES_DIR"] / "routing.toml")
    app.extensions[COMPILED] = {}


def read_rules(path: Path) -> list[dict[str, Any]]:
    """The rules that stand in a table. Raises BrokenTable."""
    written: list[dict[str, Any]] = read_table(path, RuleTable())["rule"]
    try:
        check(written)
    except Invalid as wrong:
        where = "; ".join(f"{written[int(each.pointer.split('/')[2])]['code']}: {each.detail}" for each in wrong.errors)
        raise BrokenTable(f"{path.name}: {where}") from wrong
    return written


def draft(written: Sequence[Mapping[str, Any]]) -> RuleBook:
    """Rules that are not in force, to be tried. Raises Invalid."""
    check(written)
    return RuleBook(None, 0, [rule_of(each) for each in written], written)


def in_force() -> RuleBook:
    """The rules by which cases are dispatched now, as the database has them."""
    last = db.session.execute(select(RuleSwitch.id, RuleSwitch.number, RuleSwitch.version)
                              .order_by(RuleSwitch.number.desc()).limit(1)).first()
    known: dict[UUID | None, RuleBook] = current_app.extensions[COMPILED]
    key = last.id if last else None
    if key not in known:
        written = _written(last.version) if last else current_app.extensions[SHIPPED]
        book = RuleBook(last.version if last else FIRST, last.number if last else FIRST,
                        [rule_of(each) for each in written], written)
        known.clear()                                   # one is enough: the others are not in force any more
        known[key] = book
        return book
    return known[key]


def in_force_lately() -> RuleBook:
    """The same as it was at most RULES_AGE_S_MAX ago: for dispatching, which asks all the time."""
    read: tuple[float, RuleBook] | None = current_app.extensions.get(READ)
    now = monotonic()
    if read is None or now - read[0] >= current_app.config["RULES_AGE_S_MAX"]:
        read = current_app.extensions[READ] = (now, in_force())
    return read[1]


def _written(version: int) -> list[Any]:
    return db.session.execute(select(RuleSet.rules).where(RuleSet.version == version)).scalar_one()


def version(number: int) -> RuleBook:
    """An earlier version. Raises UnknownVersion."""
    rules = db.session.scalar(select(RuleSet.rules).where(RuleSet.version == number))
    if rules is None and number == FIRST and not _versions():
        rules = current_app.extensions[SHIPPED]
    if rules is None:
        raise UnknownVersion()
    return RuleBook(number, 0, [rule_of(each) for each in rules], rules)


def page_of_versions(*, limit: int, cursor: str) -> paging.Page:
    """Every version that was ever put in force, the newest first."""
    return paging.newest_first(select(RuleSet), RuleSet.made_at, RuleSet.id, limit=limit, cursor=cursor)


def plant_shipped() -> None:
    """Keep the shipped table as version 1, in force, unless there are rules already. Safe to repeat."""
    if _versions():
        return
    with transaction():
        alone("rules")
        if not _versions():
            _keep(FIRST, current_app.extensions[SHIPPED], note="shipped", by_id=None)
            _put_in_force(FIRST, by_id=None)


def put(written: Sequence[Mapping[str, Any]], *, note: str, by_id: UUID | None,
        revision: int | None = None) -> RuleBook:
    """A new version, in force for every case dispatched more than RULES_AGE_S_MAX from now; the same rules again
    change nothing.

    Raises Invalid, and PreconditionFailed when `revision` has passed.
    """
    check(written)
    plant_shipped()
    with transaction():
        before = _lock(revision)
        if list(before.written) != list(written):
            number = _versions() + 1
            _keep(number, written, note=note, by_id=by_id)
            _put_in_force(number, by_id=by_id)
    return in_force()


def switch(number: int, *, by_id: UUID, revision: int | None = None) -> RuleBook:
    """Put an earlier version back in force. Safe to repeat. Raises UnknownVersion, PreconditionFailed."""
    plant_shipped()
    with transaction():
        before = _lock(revision)
        version(number)
        if before.version != number:
            _put_in_force(number, by_id=by_id)
    return in_force()


def _lock(revision: int | None) -> RuleBook:
    """The rules in force, which nobody else changes until the transaction ends."""
    alone("rules")
    now = in_force()
    if revision is not None and revision != now.revision:
        raise PreconditionFailed(current_version=now.revision)
    return now


def _versions() -> int:
    return db.session.scalar(select(func.max(RuleSet.version))) or 0


def _keep(number: int, written: Sequence[Mapping[str, Any]], *, note: str, by_id: UUID | None) -> None:
    db.session.add(RuleSet(id=new_id(), version=number, rules=list(written), note=note, made_by_id=by_id,
                           made_at=clock.now()))
    db.session.flush()


def _put_in_force(number: int, *, by_id: UUID | None) -> None:
    last = db.session.scalar(select(func.max(RuleSwitch.number))) or 0
    db.session.add(RuleSwitch(id=new_id(), number=last + 1, version=number, switched_by_id=by_id,
                              switched_at=clock.now()))
    db.session.flush()
    log.info("rules-in-force", version=number, by=str(by_id) if by_id else None)
