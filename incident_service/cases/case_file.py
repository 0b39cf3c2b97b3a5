"""The file of one case: the case and all that belongs to it, for whoever decides about it and whoever shows it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from incident_service.accounts import Account
from incident_service.cases import access, disputes, doubts, queries, reported
from incident_service.cases.doubts import Doubt
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Dispatch, Dispute, Stage
from incident_service.cases.petition_models import Petition
from incident_service.cases.petitioning import petitions_of
from incident_service.cases.workflow import Move, allowed
from incident_service.foundation.database import db
from incident_service.foundation.ready import Answer, Question, ask_all_along
from incident_service.photos import Photo
from incident_service.reports import Report

# every look at a case asks them
DISPATCHES = Question(select(Dispatch, Account.name).join(Account, Account.id == Dispatch.responder_id)
                      .where(Dispatch.case_id == bindparam("case_id"))
                      .order_by(Dispatch.round, Dispatch.part.desc(), Dispatch.id))
PHOTOS = Question(select(CasePhoto.stage, Photo).join(Photo, Photo.id == CasePhoto.photo_id)
                  .where(CasePhoto.case_id == bindparam("case_id")).order_by(CasePhoto.photo_id))
MERGED = Question(select(Case.number).where(Case.merged_into_id == bindparam("case_id")).order_by(Case.id))
FEW_HAVE = Question(select(exists().where(Petition.case_id == bindparam("case_id")).label("petitions"),
                           exists().where(Dispute.case_id == bindparam("case_id")).label("disputes"),
                           exists().where(Case.merged_into_id == bindparam("case_id")).label("merged")))
PARTS = (PHOTOS, reported.REPORTS, DISPATCHES, doubts.WARNINGS, FEW_HAVE, queries.EVENTS)     # what every look asks


class CaseFile:
    """A case and all that belongs to it. Each part is read ahead, or when somebody first asks for it, and once.

    A move that holds the case's row may decide by its file and then show it: nobody else changes these parts before
    it ends, and what it changes itself and then shows it changes before that part is read; but its own lines of the
    history, of which a case that is shown says no more than what moved its deadline, are not in its file. The parts
    are there to be read: but for the case, what is changed in them is kept nowhere.
    """

    def __init__(self, case: Case, *, by: Account) -> None:
        self.case, self.by = case, by
        self._ahead: dict[Any, Answer[*tuple[Any, ...]]] = {}

    def read_ahead(self, *parts: Question[*tuple[Any, ...]]) -> None:
        """Have these parts, as they are now, asked for together with whatever is asked next."""
        self._ahead |= ask_all_along(parts, case_id=self.case.id)

    def forget_doubts(self) -> None:
        """Have the warnings read when they are asked for: there may be new ones."""
        self._ahead.pop(doubts.WARNINGS, None)

    def _rows(self, part: Question[*tuple[Any, ...]]) -> list[Any]:
        return self._ahead.pop(part).rows if part in self._ahead else part.ask(case_id=self.case.id)

    @cached_property
    def told(self) -> list[Report]:
        """What was reported of the case and of those merged into it, in the order it came."""
        return [report for report, in self._rows(reported.REPORTS)]

    @property
    def reports(self) -> list[Report]:
        """What was reported of the case itself."""
        return [each for each in self.told if each.case_id == self.case.id]

    @cached_property
    def dispatches(self) -> Sequence[tuple[Dispatch, str]]:
        """All that was ever given of the case, and to whom, by name: round by round, the lead first."""
        return [(given, name) for given, name in self._rows(DISPATCHES)]

    @property
    def held(self) -> list[Dispatch]:
        """Those who have it now, as `holding.held` tells them."""
        now = (given for given, _ in self.dispatches if given.ended_at is None)
        return sorted(now, key=lambda given: given.part, reverse=True)

    @cached_property
    def photos(self) -> dict[Stage, list[Photo]]:
        """Its pictures by stage, in the order they were sent."""
        found: dict[Stage, list[Photo]] = {stage: [] for stage in Stage}
        for stage, photo in self._rows(PHOTOS):
            found[stage].append(photo)
        return found

    @property
    def pictures(self) -> list[Photo]:
        """The same, whenever they were sent."""
        return [photo for some in self.photos.values() for photo in some]

    @cached_property
    def doubts(self) -> Sequence[Doubt]:
        """All warnings about its pictures."""
        return doubts.doubts_in(self.case, [warning for warning, in self._rows(doubts.WARNINGS)])

    @cached_property
    def events(self) -> Sequence[CaseEvent]:
        """Its history, from the beginning."""
        return [event for event, in self._rows(queries.EVENTS)]

    @cached_property
    def dispute(self) -> Dispute | None:
        """The person it is put before, after it came back twice."""
        return disputes.dispute_of(self.case) if self._also_has.disputes else None

    @cached_property
    def petitions(self) -> Sequence[Petition]:
        """What was asked for in it."""
        return petitions_of(self.case) if self._also_has.petitions else ()

    @cached_property
    def merged_into(self) -> str | None:
        """The number of the case that goes on for it."""
        into = self.case.merged_into_id
        return db.session.scalar(select(Case.number).where(Case.id == into)) if into else None

    @cached_property
    def merged(self) -> Sequence[str]:
        """The numbers of the cases it goes on for."""
        return [number for number, in MERGED.ask(case_id=self.case.id)] if self._also_has.merged else ()

    @cached_property
    def _also_has(self) -> Any:
        """Which of the parts that few cases have are there: one question for all of them."""
        return self._rows(FEW_HAVE)[0]

    @property
    def reporter_ids(self) -> set[UUID]:
        """Whoever reported it, or what was merged into it."""
        return {each.reporter_id for each in self.told}

    @property
    def allowed(self) -> list[Move]:
        """What the reader may do with it now."""
        acting = access.parts(self.by, self.case, reported=self.by.id in self.reporter_ids,
                              responds=any(each.responder_id == self.by.id for each in self.held))
        return disputes.offered(allowed(self.case.status, acting=acting), self.dispute, self.by)


def open_file(number: str, *, by: Account) -> CaseFile:
    """The file of the case with this number, for somebody who may see it. Raises CaseUnknown."""
    file = CaseFile(access.find(number, by=by), by=by)
    file.read_ahead(*PARTS)
    return file
