"""Warnings about the pictures of a case, as staff read them on both cases, and residents the city's rules alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from incident_service.cases.evidence import rule_words
from incident_service.cases.models import Case, CasePhoto, CaseWarning, Flag, Stage
from incident_service.cases.pseudonyms import pseudonym
from incident_service.catalogue import Check
from incident_service.foundation.database import db
from incident_service.foundation.ready import Question
from incident_service.foundation.words import Words, both
from incident_service.photos import Photo

SEEN_BEFORE = (Flag.SAME_FILE, Flag.LOOKS_ALIKE)
WEAK = (Flag.FAR_AWAY, Flag.TOO_OLD)
RESPONDER = both("处置人员", "a responder")
WORDS = {
    Flag.FAR_AWAY: both("照片自带位置距上报位置 {metres} 米", "The photo says it was taken {metres} m away"),
    Flag.NOT_AFTER: both("整改照片的拍摄时间早于上报照片", "The result was taken before what was reported"),
}
SEEN_WORDS = {
    Flag.SAME_FILE: both("与{whose}的照片是同一文件（{sender} 发送）",
                         "The same file as a photo of {whose}, sent by {sender}"),
    Flag.LOOKS_ALIKE: both("与{whose}的照片雷同（{sender} 发送）", "Looks like a photo of {whose}, sent by {sender}"),
}
FOUND_LATER = both("本案照片后来出现在案卷 {number}（{sender} 发送）",
                   "A photo of this case was used again in case {number}, by {sender}")
THIS_CASE = both("本案", "this case")
# every closing and every look at a case asks them
WARNINGS = Question(select(CaseWarning).where(or_(CaseWarning.case_id == bindparam("case_id"),
                                                  CaseWarning.other_case_id == bindparam("case_id")))
                    .order_by(CaseWarning.found_at, CaseWarning.id))
PLACES = Question(select(CasePhoto.photo_id, CasePhoto.case_id, Case.number, CasePhoto.stage, Photo.sent_by_id)
                  .join(Case, Case.id == CasePhoto.case_id).join(Photo, Photo.id == CasePhoto.photo_id)
                  .where(CasePhoto.photo_id.in_(bindparam("photo_ids", expanding=True))))


class Doubt(NamedTuple):
    """A warning as one case sees it. `photo_ids` begin with the case's own picture; the other one stands beside it."""

    code: Flag
    stage: Stage
    text: Words
    photo_ids: list[UUID]
    other_case: str | None
    is_earlier: bool                # this case had the picture first: nothing is wrong with it
    needs_decision: bool            # closing needs whoever closes to say that they have weighed it


class Sender(NamedTuple):
    """Where a picture of a warning stands."""

    case_id: UUID
    number: str
    stage: Stage
    sent_by_id: UUID

    @property
    def name(self) -> Words:
        """What staff call whoever sent it."""
        return pseudonym(self.case_id, self.sent_by_id) if self.stage is Stage.BEFORE else RESPONDER


def doubts_of(case: Case) -> list[Doubt]:
    """All warnings that concern a case, the first one first."""
    return doubts_in(case, [warning for warning, in WARNINGS.ask(case_id=case.id)])


def doubts_in(case: Case, found: Sequence[CaseWarning]) -> list[Doubt]:
    """The same, of warnings that were read."""
    senders = _senders(found)
    return [_doubt(case, each, senders) for each in found]


def to_weigh(found: Iterable[Doubt]) -> list[Doubt]:
    """The warnings about the result of a case: a person weighs them before it is closed."""
    return [each for each in found if each.needs_decision]


def rule_doubts(case_ids: Iterable[UUID]) -> Mapping[UUID, list[Words]]:
    """What the city's rules find wanting in some cases' reports: all that a reporter is told."""
    found: dict[UUID, list[CaseWarning]] = defaultdict(list)
    for each in db.session.scalars(
            select(CaseWarning).where(CaseWarning.case_id.in_(list(case_ids)), CaseWarning.flag.in_(list(Check)))
            .order_by(CaseWarning.found_at, CaseWarning.id)):
        found[each.case_id].append(each)
    return {case_id: said_once(some) for case_id, some in found.items()}


def said_once(some: Iterable[CaseWarning]) -> list[Words]:
    """Warnings of the city's rules as sentences, the same one only once."""
    sentences = [rule_words(each.flag, each.figures["value"]) for each in some]
    return list({str(words): words for words in sentences}.values())


def _senders(found: Sequence[CaseWarning]) -> dict[UUID, Sender]:
    ids = {id for each in found for id in (each.photo_id, each.other_photo_id) if id and each.other_photo_id}
    rows = PLACES.ask(photo_ids=list(ids)) if ids else ()
    return {row.photo_id: Sender(row.case_id, row.number, row.stage, row.sent_by_id) for row in rows}


def _doubt(case: Case, each: CaseWarning, senders: Mapping[UUID, Sender]) -> Doubt:
    if each.photo_id is None or each.other_photo_id is None:
        return Doubt(each.flag, each.stage, _plain_words(each), [each.photo_id] if each.photo_id else [], None,
                     False, each.stage is Stage.AFTER)
    later, earlier = senders[each.photo_id], senders[each.other_photo_id]
    if each.case_id != case.id:
        return Doubt(each.flag, earlier.stage, both(FOUND_LATER.zh, FOUND_LATER.en, number=later.number,
                     sender=later.name), [each.other_photo_id, each.photo_id], later.number, True, False)
    whose = THIS_CASE if earlier.case_id == case.id else both("案卷 {number} ", "case {number}", number=earlier.number)
    text = both(SEEN_WORDS[each.flag].zh, SEEN_WORDS[each.flag].en, whose=whose, sender=earlier.name)
    return Doubt(each.flag, each.stage, text, [each.photo_id, each.other_photo_id], earlier.number, False,
                 each.stage is Stage.AFTER)


def _plain_words(each: CaseWarning) -> Words:
    if each.flag in WORDS:
        return both(WORDS[each.flag].zh, WORDS[each.flag].en, **each.figures)
    return rule_words(each.flag, each.figures["value"])


def reused(found: Iterable[Doubt]) -> Iterator[tuple[Stage, UUID, Doubt]]:
    """The case's own pictures that were seen before: at which stage, sent by whom."""
    for each in found:
        if each.code in SEEN_BEFORE and not each.is_earlier:
            yield each.stage, _sender_of(each), each


def weak(found: Iterable[Doubt]) -> Iterator[UUID]:
    """Who sent pictures of a report that leave doubts about when or where they were taken."""
    for each in found:
        if each.code in WEAK and each.stage is Stage.BEFORE and each.photo_ids:
            yield _sender_of(each)


def _sender_of(each: Doubt) -> UUID:
    return db.session.get_one(Photo, each.photo_ids[0]).sent_by_id
