"""What may be doubtful about the pictures of a case as they come in: the city's rules, their places, their times."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from incident_service import areas, catalogue
from incident_service.cases.models import Case, CasePhoto, CaseWarning, Flag, Stage
from incident_service.catalogue import Action, Check, Finding
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_new
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import Words, both
from incident_service.photos import Photo

RULE_WORDS = {
    Check.TOO_FEW: both("照片少于 {value} 张", "There are fewer than {value} photos"),
    Check.TOO_CLOSE_IN_TIME: both("照片拍摄时间相差不足 {value} 秒", "The photos lie within {value} s"),
    Check.TOO_OLD: both("照片拍摄于 {value} 小时以前", "The photo was taken more than {value} hours before"),
    Check.NOT_LIVE: both("无法确认照片为 {value} 分钟内现场拍摄", "Not known to be taken within {value} minutes"),
}


class EvidenceRefused(Invalid):
    """The city refuses a report with such photos."""
    slug, title = "evidence-refused", both("照片不符合要求", "The photos do not meet the city's rules")


def objection(category: str, stated_at: datetime | None) -> Callable[[list[datetime | None]], None]:
    """What photos.take_in asks before anything is kept. Raises EvidenceRefused, pointing at every photo."""
    def object_to(taken: list[datetime | None]) -> None:
        refused = [each for each in _findings(category, taken, stated_at) if each.rule.action is Action.REFUSE]
        if refused:
            errors = [FieldError("#/photos" if each.place is None else f"#/photos/{each.place}",
                                 rule_words(each.rule.check, each.rule.value)) for each in refused]
            raise EvidenceRefused(errors[0].detail, errors=errors)

    return object_to


def rule_words(check: str, value: int) -> Words:
    """A rule that is not met, as a sentence."""
    words = RULE_WORDS[Check(check)]
    return both(words.zh, words.en, value=value)


def _findings(category: str, taken: Iterable[datetime | None], stated_at: datetime | None) -> list[Finding]:
    """The city's rules against what the pictures say of their time, or else what the phone said."""
    return catalogue.findings(catalogue.evidence_rules(category), [each or stated_at for each in taken],
                              received_at=clock.now())


def weigh_report(case: Case, kept: Sequence[Photo], stated_at: datetime | None) -> list[CaseWarning]:
    """Write down which rules the pictures of a report do not meet, and which were taken far away; the former."""
    wanting = [
        warn(case, Flag(rule.check), Stage.BEFORE, None if place is None else kept[place].id, value=rule.value)
        for rule, place in _findings(case.category, [photo.captured_at for photo in kept], stated_at)]
    _weigh_places(case, kept, Stage.BEFORE)
    return wanting


def weigh_result(case: Case, kept: Sequence[Photo]) -> None:
    """Write down which pictures of the result were taken before what they show rectified, or far away."""
    before = _last_before(case)
    for photo in kept:
        if photo.captured_at is not None and photo.captured_at < before:
            warn(case, Flag.NOT_AFTER, Stage.AFTER, photo.id, taken_at=photo.captured_at.isoformat(),
                 before=before.isoformat())
    _weigh_places(case, kept, Stage.AFTER)


def _last_before(case: Case) -> datetime:
    """When the last picture of what was reported was taken; when it was reported, if no picture says."""
    return db.session.scalar(
        select(func.max(Photo.captured_at)).join(CasePhoto, CasePhoto.photo_id == Photo.id)
        .where(CasePhoto.case_id == case.id, CasePhoto.stage == Stage.BEFORE)) or case.opened_at


def _weigh_places(case: Case, kept: Sequence[Photo], stage: Stage) -> None:
    for photo in kept:
        metres = distance_m(case, photo)
        if metres is not None and metres > current_app.config["PHOTO_DISTANCE_M_MAX"]:
            warn(case, Flag.FAR_AWAY, stage, photo.id, metres=round(metres))


def distance_m(case: Case, photo: Photo) -> float | None:
    """From the place of a case to where a picture's EXIF puts it; None when it does not say."""
    if photo.exif_longitude is None or photo.exif_latitude is None:
        return None
    return areas.distance_m((case.longitude, case.latitude), (photo.exif_longitude, photo.exif_latitude))


def warn(case: Case, flag: Flag, stage: Stage, photo_id: UUID | None, **figures: Any) -> CaseWarning:
    """Write down one doubt."""
    warning = CaseWarning(id=new_id(), case_id=case.id, flag=flag, stage=stage, photo_id=photo_id, figures=figures,
                          found_at=clock.now())
    insert_new([warning])
    return warning
