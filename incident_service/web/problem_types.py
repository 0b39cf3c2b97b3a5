"""Every kind of problem the service answers with, and what to do about it, for the pages that `type` points at."""

import inspect
from collections.abc import Iterator
from typing import NamedTuple

from incident_service.foundation.problems import Problem
from incident_service.foundation.words import Words, both


class ProblemType(NamedTuple):
    """One kind. `meaning` is the sentence programmers find in the code, in English."""

    slug: str
    status: int
    title: Words
    meaning: str
    advice: Words


def problem_types() -> dict[str, ProblemType]:
    """Every kind by its slug, in the order of status and slug. Of kinds that share a slug the general one counts."""
    found: dict[str, ProblemType] = {}
    for kind in _kinds(Problem):
        meaning = " ".join((inspect.getdoc(kind) or "").split())
        found.setdefault(kind.slug, ProblemType(kind.slug, kind.status, kind.title, meaning, _advice(kind.status)))
    return dict(sorted(found.items(), key=lambda item: (item[1].status, item[0])))


def _kinds(kind: type[Problem]) -> Iterator[type[Problem]]:
    """All that can be raised, the general before the special."""
    if kind is not Problem:
        yield kind
    for special in kind.__subclasses__():
        yield from _kinds(special)


def _advice(status: int) -> Words:
    return ADVICE.get(status, ADVICE[500])


ADVICE = {
    400: both("检查请求的格式，改正后再发送；原样重发结果不会改变。",
              "Mend the form of the request; sent again as it is, it will fare no better."),
    401: both("登录，或用刷新令牌换取新的访问令牌，然后重试。",
              "Sign in, or exchange the refresh token for a new pair, then try again."),
    403: both("当前账号的角色或责任区域不允许此操作；如有需要请联系管理员。",
              "The roles of this account, or the areas they are held in, do not reach this. Ask an administrator."),
    404: both("检查编号；不属于您可见范围的内容同样显示为未找到。",
              "Check the number. What is not yours to see is not found either."),
    405: both("使用响应头 Allow 中列出的方法。", "Use one of the methods in the `Allow` header."),
    406: both("在 Accept 中接受所提供的格式。", "Accept one of the forms that are offered."),
    409: both("重新读取当前状态，再决定下一步；若相同请求仍在处理，请稍后用同一幂等键重试。",
              "Read the present state and decide anew. If the same request is still running, "
              "try again shortly with the same key."),
    412: both("内容已被他人更新：重新读取，取得新的 ETag 后再提交。",
              "Somebody was faster: read it again, and send with the new ETag."),
    413: both("减小照片或请求的大小后再发送。", "Send smaller photos, or fewer bytes."),
    415: both("使用接口文档中列出的内容类型；照片支持 JPEG、PNG、WebP、HEIC、AVIF。",
              "Use the content type the API documents; photos may be JPEG, PNG, WebP, HEIC or AVIF."),
    422: both("`errors` 逐项指出有误的字段，改正后再提交。",
              "`errors` points at each field; mend them and send again."),
    429: both("按响应头 Retry-After 等待后再试。", "Wait as long as `Retry-After` says."),
    431: both("减小请求头后再发送。", "Send fewer header bytes."),
    500: both("这是服务端的错误；请将响应中的 instance 告知维护人员。",
              "A fault of ours. Tell whoever runs the service the `instance` of the answer."),
    501: both("以 Content-Length 或 chunked 方式发送。", "Send with a Content-Length, or chunked."),
    503: both("没有任何内容被部分保存；按 Retry-After 等待后，用同一幂等键重试。",
              "Nothing was half made. Wait as long as `Retry-After` says, and try again with the same key."),
}
