"""The file of one case: the case and all that belongs to it, for whoever decides about it and whoever shows it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Result, Select, bindparam, exists, select

from incident_service.accounts import Account
from incident_service.cases import access, disputes, doubts, merging, queries
from incident_service.cases.doubts import Doubt
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Dispatch, Dispute, Stage
from incident_service.cases.petition_models import Petition
from incident_service.cases.petitioning import petitions_of
from incident_service.cases.workflow import Move, allowed
from incident_service.foundation.database import db
from incident_service.photos import Photo
from incident_service.reports import Report

# built once: every look at a case asks them
DISPATCHES = (select(Dispatch, Account).join(Account, Account.id == Dispatch.responder_id)
              .where(Dispatch.case_id == bindparam("case_id"))
              .order_by(Dispatch.round, Dispatch.part.desc(), Dispatch.id))
PHOTOS = (select(CasePhoto.stage, Photo).join(Photo, Photo.id == CasePhoto.photo_id)
          .where(CasePhoto.case_id == bindparam("case_id")).order_by(CasePhoto.photo_id))
MERGED = select(Case.number).where(Case.merged_into_id == bindparam("case_id")).order_by(Case.id)
FEW_HAVE = select(exists().where(Petition.case_id == bindparam("case_id")).label("petitions"),
                  exists().where(Dispute.case_id == bindparam("case_id")).label("disputes"),
                  exists().where(Case.merged_into_id == bindparam("case_id")).label("merged"))
Columns = TypeVarTuple("Columns")


class CaseFile:
    """A case and all that belongs to it. Each part is read when somebody first asks for it, and once.

    A move that holds the case's row may decide by its file and then show it: nobody else changes these parts before
    it ends, and what it changes itself it changes in these very objects, or before that part is asked for.
    """

    def __init__(self, case: Case, *, by: Account) -> None:
        self.case, self.by = case, by

    @cached_property
    def told(self) -> list[Report]:
        """What was reported of the case and of those merged into it, in the order it came."""
        return merging.reports_of(self.case)

    @property
    def reports(self) -> list[Report]:
        """What was reported of the case itself."""
        return [each for each in self.told if each.case_id == self.case.id]

    @cached_property
    def dispatches(self) -> Sequence[tuple[Dispatch, Account]]:
        """Everybody who was ever given the case, round by round, the lead first."""
        return [(given, responder) for given, responder in self._ask(DISPATCHES)]

    @property
    def held(self) -> list[Dispatch]:
        """Those who have it now, as `holding.held` tells them."""
        now = (given for given, _ in self.dispatches if given.ended_at is None)
        return sorted(now, key=lambda given: given.part, reverse=True)

    @cached_property
    def photos(self) -> dict[Stage, list[Photo]]:
        """Its pictures by stage, in the order they were sent."""
        found: dict[Stage, list[Photo]] = {stage: [] for stage in Stage}
        for stage, photo in self._ask(PHOTOS):
            found[stage].append(photo)
        return found

    @property
    def pictures(self) -> list[Photo]:
        """The same, whenever they were sent."""
        return [photo for some in self.photos.values() for photo in some]

    @cached_property
    def doubts(self) -> Sequence[Doubt]:
        """All warnings about its pictures."""
        return doubts.doubts_of(self.case)

    @cached_property
    def events(self) -> Sequence[CaseEvent]:
        """Its history, from the beginning."""
        return queries.events_of(self.case)

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
        return [number for number, in self._ask(MERGED)] if self._also_has.merged else ()

    @cached_property
    def _also_has(self) -> Any:
        """Which of the parts that few cases have are there: one question for all of them."""
        return self._ask(FEW_HAVE).one()

    def _ask(self, statement: Select[*Columns]) -> Result[*Columns]:
        return db.session.execute(statement, {"case_id": self.case.id})

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
    return CaseFile(access.find(number, by=by), by=by)
