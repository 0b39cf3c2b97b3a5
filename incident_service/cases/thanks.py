"""The thanks that are due for a closed case: to whom, what lowers them, and what speaks against giving them at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import h3
from flask import current_app
from sqlalchemy import bindparam, select, union_all

from incident_service import accounts, catalogue, points
from incident_service.accounts import Role
from incident_service.cases import collusion, doubts, holding, reported
from incident_service.cases.doubts import Doubt
from incident_service.cases.models import Case, Dispatch, Stage
from incident_service.cases.pseudonyms import pseudonym
from incident_service.foundation.ready import Answer
from incident_service.foundation.words import Words, both
from incident_service.points import Award, Circumstance, Fact, HeldBecause, Occasion, Reason
from incident_service.reports import Report

COMMUNITY_DIGITS = 12
SPOT_RESOLUTION = 11                                        # of H3: a hexagon some 50 m wide
STAFF = tuple(role for role in Role if role is not Role.RESIDENT)
MANAGER = both("网格管理员", "grid manager")
ROLES = accounts.roles_among(union_all(                     # of all who reported a case or were ever given it
    reported.REPORTER_IDS, select(Dispatch.responder_id).where(Dispatch.case_id == bindparam("case_id"))).subquery())


class Thanks(NamedTuple):
    """Points somebody is to receive, what lowers them, and what a supervisor calls them."""

    account_id: UUID
    reason: Reason
    because: Words
    shown_as: Words
    circumstances: frozenset[Circumstance] = frozenset()


class Asked(NamedTuple):
    """What is asked of the people of a case that is about to be closed: their roles, and where points are limited
    what its first reporter reported lately."""

    roles: Answer[UUID, Role | None]
    lately: Answer[*tuple[Any, ...]] | None


class Grounds(NamedTuple):
    """What thanks for a case rest on: its reports, who has it in hand, and the warnings about its pictures."""

    said: Sequence[Report]
    given: Sequence[Dispatch]
    doubts: Sequence[Doubt]


def grounds_of(case: Case, said: Sequence[Report]) -> Grounds:
    """What the database knows of a case with these reports."""
    return Grounds(said, holding.held(case), doubts.doubts_of(case))


def ask_ahead(case: Case) -> Asked:
    """Have asked for, together with whatever is asked next, what `give` must know of people. Must be called inside a
    transaction that holds the case."""
    return Asked(ROLES.ask_along(case_id=case.id), collusion.ask_lately_ahead(case) if _is_limited() else None)


def give(case: Case, grounds: Grounds, asked: Asked, *, closed_by_id: UUID) -> None:
    """Give the points that are due for a case, all in one go, or have them held where the guard's rules weigh enough.

    Must be called inside a transaction that holds the case. Safe to repeat: nobody is thanked twice for one round.
    """
    due = list(_earned(thanks_possible(case, grounds), accounts.roles_in(asked.roles.rows)))
    held = _suspicions(case, grounds, due, asked.lately, closed_by_id)
    points.award_all(
        (Award(each.account_id, each.reason, each.because, held[each], each.shown_as, each.circumstances)
         for each in due),
        _occasion(case, occasion(case)))


def _occasion(case: Case, reference: str) -> Occasion:
    area_code = case.area_code or ""
    return Occasion(reference, case.category, area_code[:COMMUNITY_DIGITS], area_code, case.condition, spot_of(case))


def take_back(case: Case, *, because: Words, reason: points.Reversal) -> None:
    """Answer all thanks of the present round by counter-entries. Must be called inside a transaction that holds the
    case. Safe to repeat."""
    for reference in (occasion(case), _appeal(case)):
        points.reverse(reference=reference, reason=reason, because=because)


def make_up(case: Case, grounds: Grounds) -> None:
    """Give the grid manager of a closed case what its lateness took from their thanks, an appeal having excused it.

    By the tariff of the closing, and nothing of what caps took. What is held or was refused stays with the supervisor
    who decides that. Must be called inside a transaction that holds the case. Safe to repeat.
    """
    rest = []
    for each in thanks_due(case, grounds):
        if each.reason is Reason.GRID_MANAGEMENT and points.given_for(each.account_id, [occasion(case)]):
            had = points.worth(each.reason, case.category, case.condition, {Circumstance.LATE},
                               at=case.closed_at).points
            because = both(f"{each.because.zh} · 申诉成立补发", f"{each.because.en} · the rest after an appeal",
                           **each.because.values)
            rest.append(Award(each.account_id, each.reason, because, (), each.shown_as, each.circumstances, had))
    at_no_spot = _occasion(case, _appeal(case))._replace(place=None)        # where it would count as another thanks
    points.award_all(rest, at_no_spot._replace(at=case.closed_at))


def _is_limited() -> bool:
    return bool(current_app.config["POINTS_ARE_LIMITED"])


def _suspicions(case: Case, grounds: Grounds, due: Sequence[Thanks], lately: Answer[*tuple[Any, ...]] | None,
                closed_by_id: UUID) -> dict[Thanks, list[HeldBecause]]:
    """What speaks against each thanks. The manager answers for the case as its first reporter does; who joined it, for
    no more than their own pictures."""
    reused = list(doubts.reused(grounds.doubts))
    facts: dict[Fact, int] = {}
    if lately is not None:
        facts = collusion.facts_about(case, lately.rows, holding.answering(grounds.given), closed_by_id=closed_by_id)
    found = {}
    for each in due:
        doubted = _doubted(each, reused)
        known = {} if each.reason is Reason.JOINED_REPORT else facts
        found[each] = points.suspicions(known | {Fact.REUSED_PHOTO: len(doubted)}, {Fact.REUSED_PHOTO: doubted})
    return found


def _doubted(each: Thanks, reused: Iterable[tuple[Stage, UUID, doubts.Doubt]]) -> list[HeldBecause]:
    """The pictures these points rest on that were seen before."""
    return [HeldBecause(doubt.code, doubt.text) for stage, sender_id, doubt in reused
            if stage is Stage.AFTER or sender_id == each.account_id]


def thanks_due(case: Case, grounds: Grounds) -> Iterator[Thanks]:
    """Whom the city thanks for a closed case, as far as it thanks them: staff earn nothing for what they report, nor
    does whoever has left."""
    possible = list(thanks_possible(case, grounds))
    return _earned(possible, accounts.roles_of({each.account_id for each in possible}))


def _earned(possible: Iterable[Thanks], roles: Mapping[UUID, set[Role]]) -> Iterator[Thanks]:
    for each in possible:
        is_known = each.account_id in roles
        if is_known and (each.reason is Reason.GRID_MANAGEMENT or roles[each.account_id].isdisjoint(STAFF)):
            yield each


def thanks_possible(case: Case, grounds: Grounds) -> Iterator[Thanks]:
    """Whoever takes part in a case and may be thanked: its first reporter, those who joined, its grid manager; never
    the officer (DOMAIN §1).

    Whoever was dispatched to the case earns nothing for having reported it, nor a grid manager who reported it for
    managing it: nobody is paid for their own doing.
    """
    name = catalogue.describe(case.category).category
    responders, reporters = {each.responder_id for each in grounds.given}, list(dict.fromkeys(
        each.reporter_id for each in grounds.said if each.withdrawn_at is None))
    weak = set(doubts.weak(grounds.doubts))
    joined_max = points.tariff(case.closed_at).joined_max
    for place, reporter_id in enumerate(reporters[:1 + joined_max]):
        reason, words = (Reason.JOINED_REPORT, JOINED) if place else (Reason.FIRST_REPORT, FIRST)
        if reporter_id not in responders:
            yield Thanks(reporter_id, reason, both(words.zh, words.en, name=name), pseudonym(case.id, reporter_id),
                         frozenset({Circumstance.WEAK_PHOTO} if reporter_id in weak else ()))
    for each in holding.answering(grounds.given):
        if each.role == Role.GRID_MANAGER and each.responder_id not in reporters:
            yield Thanks(each.responder_id, Reason.GRID_MANAGEMENT,
                         both("{name} · 网格处置", "{name} · grid management", name=name), MANAGER,
                         frozenset({Circumstance.LATE} if is_late(case) else ()))


FIRST = both("{name} · 首报", "{name} · first report")
JOINED = both("{name} · 附议", "{name} · joined report")


def is_late(case: Case) -> bool:
    """Whether a case was rectified after its deadline and no appeal has excused that."""
    return bool(case.rectified_at and case.due_at and case.rectified_at > case.due_at and not case.late_excused_at)


def spot_of(case: Case) -> str:
    """The spot a case lies at: the same for what is reported a few steps away."""
    return h3.latlng_to_cell(case.latitude, case.longitude, SPOT_RESOLUTION)


def occasion(case: Case) -> str:
    """The present round of a case, as what people are told of and thanked for once."""
    return f"{case.number}/{case.round}"


def _appeal(case: Case) -> str:
    """The appeal of the present round, as what the rest of a thanks is given for once."""
    return f"{occasion(case)}/appeal"
