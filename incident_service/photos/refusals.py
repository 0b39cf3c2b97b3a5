"""Telling people why their photos were not taken: which one, what is wrong with it, and what would be taken."""

from collections.abc import Mapping

from flask import current_app

from incident_service.foundation.problems import FieldError, Invalid, Unavailable, UnsupportedType
from incident_service.foundation.words import Words, both
from incident_service.photos.press import TAKEN, Reason, Refused

WHAT_IS_WRONG: dict[Reason, tuple[str, str]] = {
    Reason.EMPTY: ("第 {number} 张照片是空文件，请重新选择。", "Photo {number} is an empty file; choose it again."),
    Reason.TYPE: ("第 {number} 个文件不是可用的照片{seems}。", "File {number} is no photo that can be taken{seems}."),
    Reason.PIXELS: ("第 {number} 张照片超过 {millions} 百万像素，请缩小后再上传。",
                    "Photo {number} has more than {millions} million pixels; send a smaller one."),
    Reason.BROKEN: ("第 {number} 张照片不完整或已损坏，请重新拍摄或选择。",
                    "Photo {number} is incomplete or damaged; take or choose another one."),
    Reason.DEADLY: ("第 {number} 张照片无法处理，请换一张。", "Photo {number} cannot be processed; send another one."),
}
TAKEN_NAMES = [kind.name for kind in TAKEN]


class PhotosRefused(Invalid):
    """At least one photo cannot be taken, so none was."""
    slug, title = "photos-refused", both("照片无法使用", "A photo cannot be taken")


class PhotoTypeRefused(UnsupportedType):
    """What was sent is no photo, or of a kind that is not taken."""
    slug, title = "photo-type-refused", both("不支持的照片格式", "Not a kind of photo that is taken")


class PhotoCountRefused(Invalid):
    """Too few photos, or too many."""
    slug, title = "photo-count-refused", both("照片数量不符合要求", "Too few photos, or too many")


class PressUnreachable(Unavailable):
    """Nobody could look at the photos. Nothing was kept."""
    slug, title = "photo-press-away", both("照片处理服务暂时不可用，请稍后重试", "No photo can be looked at now")


def refuse(refused: Mapping[int, Refused]) -> PhotosRefused | PhotoTypeRefused:
    """The problem that tells of every refused photo, by its place among those sent (from 0)."""
    errors = [FieldError(f"#/photos/{place}", sentence(place + 1, each)) for place, each in sorted(refused.items())]
    kind = PhotoTypeRefused if all(each.reason is Reason.TYPE for each in refused.values()) else PhotosRefused
    return kind(errors[0].detail, errors=errors)


def refuse_count(count_max: int) -> PhotoCountRefused:
    """The problem that tells how many photos are taken."""
    detail = both("请上传 1 到 {count_max} 张照片", "Send 1 to {count_max} photos", count_max=count_max)
    return PhotoCountRefused(detail, errors=[FieldError("#/photos", detail)])


def sentence(number: int, refused: Refused) -> Words:
    """What is wrong with the `number`-th photo (from 1), and what would be taken."""
    zh, en = WHAT_IS_WRONG[refused.reason]
    return both(
        zh + "可用格式：{kinds_zh}。", en + " Photos may be {kinds_en}.", number=number,
        seems=both("（看起来是 {name}）", " (it seems to be {name})", name=refused.seems) if refused.seems else "",
        millions=current_app.config["PHOTO_PIXELS_MAX"] // 1_000_000,
        kinds_zh="、".join(TAKEN_NAMES), kinds_en=f"{', '.join(TAKEN_NAMES[:-1])} or {TAKEN_NAMES[-1]}")
