"""An explanation as a sentence: why this person received this case."""

from typing import Any

from incident_service.foundation.words import Words, both

PARTS = {"lead": both("主责", "lead"), "assist": both("协同", "assist")}
LAND = {"compound": both("小区内，", ", inside a compound"), "public_road": both("公共道路上，", ", on a public road")}
UPPER = {"community": both("社区", "community"), "street": both("街道", "street")}
NOTHING = both("", "")
CALLED = {"deputy": both("改请 B 角", "deputy"), "community": both("升级至社区", "community"),
          "street": both("升级至街道", "street")}
ROLES = {
    "grid_manager": both("网格管理员", "grid manager"),
    "officer": both("执法队员", "officer"),
    "traffic": both("交警队员", "traffic officer"),
    "fire": both("消防队员", "fire officer"),
    "urban": both("城管队员", "urban management officer"),
    "desk": both("值班席", "desk"),
}


def role_name(role: str, kind: str | None) -> Words:
    """What a responder is called on screens; a kind is named before its role."""
    return ROLES.get(kind or "", ROLES.get(role, both("{role}", "{role}", role=role)))


def part_name(part: str) -> Words:
    """主责 or 协同."""
    return PARTS[part]


def sentence(part: str, role: str, kind: str | None, explanation: dict[str, Any]) -> Words:
    """Why a dispatch went where it went, from what was kept with it."""
    if "by_hand" in explanation:
        return both("{part}：值班席人工派给「{area_name}」（{area}）的{role}",
                    "{part}: the desk gave it to the {role} of {area_name} ({area})", part=PARTS[part],
                    role=role_name(role, kind), area=explanation["area"], area_name=explanation["area_name"])
    if explanation.get("after") == "left":
        return both("{part}：原处置人员已离岗，改派「{area_name}」（{area}）的{role}",
                    "{part}: the one before left, so it went to the {role} of {area_name} ({area})", part=PARTS[part],
                    role=role_name(role, kind), area=explanation["area"], area_name=explanation["area_name"])
    if "called" in explanation:
        return both("{part}：未按时签收，{called}：「{area_name}」（{area}）的{role}",
                    "{part}: not accepted in time, so the {called} was called: {role} of {area_name} ({area})",
                    part=PARTS[part], called=CALLED[explanation["called"]], role=role_name(role, kind),
                    area=explanation["area"], area_name=explanation["area_name"])
    return both(
        "{part}：位置{inside}「{place_name}」（{place}，区域版本 {edition}），"
        "{land}按规则{rule}{version}{went}{tie}{border}",
        "{part}: the place {inside} {place_name} ({place}, areas edition {edition}){land}; "
        "rule {rule}{version} {went}{tie}{border}",
        part=PARTS[part], version=_version(explanation), went=_went(role_name(role, kind), explanation),
        inside=both("距离 {d} 米，最近的是", "is {d} m from", d=explanation["distance_m"])
        if explanation["distance_m"] > 0 else both("位于", "lies in"),
        tie=both("，{n} 人中取在办最少者", ", the least busy of {n}", n=_equals(explanation))
        if _equals(explanation) > 1 else NOTHING,
        border=both("；位于边界上，取编码最小者", "; on a border, the lowest code counts")
        if explanation["on_border"] else NOTHING,
        place=explanation.get("place", explanation["area"]), edition=explanation["edition"], rule=_rule(explanation),
        land=LAND.get(explanation.get("land", ""), NOTHING),
        place_name=explanation.get("place_name", explanation["area_name"]))


def _rule(explanation: dict[str, Any]) -> Words:
    """The rule by its name and code; dispatches of before keep its code alone."""
    name = explanation.get("rule_name")
    if not name:
        return both(" {code} ", "{code}", code=explanation["rule"])
    return both("「{name}」（{code}）", "“{name}” ({code})", code=explanation["rule"],
                name=both("{word}", "{other}", word=name["zh"], other=name["en"]))


def _version(explanation: dict[str, Any]) -> Words:
    if "rules_version" not in explanation:
        return NOTHING
    return both("（规则版本 {n}）", " (rules version {n})", n=explanation["rules_version"])


def _equals(explanation: dict[str, Any]) -> int:
    """Among how many it was chosen."""
    return int(explanation.get("on_duty", explanation.get("holders", 1)))


def _went(role: Words, explanation: dict[str, Any]) -> Words:
    """Who it went to, and on which step of the way."""
    step = explanation.get("step", "holder")
    shift = both("（班次 {shift}）", " (shift {shift})", shift=explanation["shift"]) if explanation.get("shift") \
        else NOTHING
    if step in UPPER:
        return both("该岗位及 B 角均无人在岗，由{level}「{area_name}」（{area}）的{role}{shift}接办",
                    "finds neither its post nor a deputy on duty, so the {role} of the {level} {area_name} ({area})"
                    "{shift} takes it", level=UPPER[step], role=role, shift=shift, area=explanation["area"],
                    area_name=explanation["area_name"])
    if step == "deputy":
        return both("派给该区域的{role}，A 角不在岗，由 B 角接办{shift}",
                    "names its {role}, who is not on duty: the deputy takes it{shift}", role=role, shift=shift)
    return both("派给该区域的{role}{shift}", "names its {role}{shift}", role=role, shift=shift)


UNROUTABLE = {
    "no_area": both("位置不在任何网格或责任区内，待值班席人工派遣",
                    "The place lies in no grid or beat; the desk dispatches it"),
    "left": both("处置人员已离岗且无人接替，待值班席人工派遣",
                 "Its responder left and nobody comes next; the desk dispatches it"),
    "undecided": both("规则无法判定处置人员，待值班席人工派遣",
                      "The rules do not say who answers; the desk dispatches it"),
    "nobody": both("该区域当前无人在岗，待值班席人工派遣", "Nobody answers for this area now; the desk dispatches it"),
}


def why_unroutable(reason: str) -> Words:
    """Why a case waits at the desk."""
    return UNROUTABLE[reason]
