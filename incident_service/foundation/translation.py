"""What the schema library says, in Chinese too. Its English sentences are the keys; a test keeps the list whole."""

import re
from typing import Any

from incident_service.foundation.words import Words, both

SENTENCES = (
    (r"Missing data for required field\.", "缺少必填项"),
    (r"Field may not be null\.", "不能为空"),
    (r"Unknown field\.", "未知的字段"),
    (r"Invalid input type\.", "内容类型不正确"),
    (r"Not a valid (?:string|boolean|list|mapping type|formatted string)\.", "内容类型不正确"),
    (r"Not a file\.", "须上传文件，而不是文字"),
    (r"Not a valid integer\.", "不是有效的整数"),
    (r"Not a valid number\.", "不是有效的数字"),
    (r"Number too large\.", "数字过大"),
    (r"Special numeric values \(nan or infinity\) are not permitted\.", "不能是 NaN 或无穷大"),
    (r"Not a valid hexagon\.", "不是有效的六边形编号"),
    (r"Not a valid UUID\.", "不是有效的编号"),
    (r"Not a valid (?:aware )?datetime\.", "不是有效的时间（需带时区）"),
    (r"Not a valid date\.", "不是有效的日期"),
    (r"Not a valid URL\.", "不是有效的网址"),
    (r"Must be one of: (?P<choices>.*)\.", "必须是以下之一：{choices}"),
    (r"Longer than maximum length (?P<max>\d+)\.", "最多 {max} 个字符"),
    (r"Shorter than minimum length (?P<min>\d+)\.", "至少 {min} 个字符"),
    (r"Length must be between (?P<min>\d+) and (?P<max>\d+)\.", "长度须在 {min} 到 {max} 之间"),
    (r"Length must be (?P<equal>\d+)\.", "长度须为 {equal}"),
    (r"Must be greater than or equal to (?P<min>\S+) and less than or equal to (?P<max>\S+)\.",
     "须在 {min} 到 {max} 之间"),
    (r"Must be greater than or equal to (?P<min>\S+)\.", "不能小于 {min}"),
    (r"Must be less than or equal to (?P<max>\S+)\.", "不能大于 {max}"),
    (r"String does not match expected pattern\.", "格式不正确"),
    (r"NUL bytes are not text\.", "文字中不能含有 NUL 字节"),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), zh) for pattern, zh in SENTENCES)


def translated(message: Any) -> Words:
    """A schema message in both languages; one that is Words already stays as it is."""
    if isinstance(message, Words):
        return message
    for pattern, zh in _COMPILED:
        found = pattern.fullmatch(str(message))
        if found:
            values = found.groupdict()
            return both(zh, "{sentence}", sentence=str(message), **values)
    return both("内容有误：{sentence}", "{sentence}", sentence=str(message))
