"""What can go wrong, said once: verbs raise a Problem, one handler answers it as RFC 9457 problem+json."""

from typing import Any, ClassVar, NamedTuple

from incident_service.foundation.words import Words, both, spoken


class FieldError(NamedTuple):
    """What is wrong with one part of what was sent; `pointer` is a JSON pointer such as `#/photos/2`."""

    pointer: str
    detail: Words


class Problem(Exception):
    """Something the caller can understand and act on. Subclasses carry the status, the slug and the title."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[Words] = both("系统内部错误", "Internal error")

    def __init__(
        self, detail: Words | None = None, *, errors: list[FieldError] | None = None,
        retry_after_s: int | None = None, headers: dict[str, str] | None = None, **extras: Any,
    ) -> None:
        super().__init__(str(detail or self.title))
        self.detail, self.errors, self.extras = detail, errors or [], extras
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)

    def as_json(self, *, language: str, instance: str) -> dict[str, Any]:
        """The members of problem+json, for a reader of `language`."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": self.title.in_language(language),
            "status": self.status,
            "detail": spoken(self.detail or self.title, language),
            "instance": instance,
        }
        if self.errors:
            body["errors"] = [
                {"pointer": error.pointer, "detail": spoken(error.detail, language)} for error in self.errors
            ]
        return body | {name: spoken(value, language) for name, value in self.extras.items()}


class BadRequest(Problem):
    """It cannot be parsed."""
    status, slug, title = 400, "bad-request", both("请求无法解析", "The request cannot be parsed")


class Unauthenticated(Problem):
    """Nobody knows who is speaking."""
    status, slug, title = 401, "unauthenticated", both("请先登录", "Sign in first")

    def __init__(self, detail: Words | None = None, **extras: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"}, **extras)


class Forbidden(Problem):
    """Who is speaking may not do this."""
    status, slug, title = 403, "forbidden", both("没有权限", "Not allowed")


class NotFound(Problem):
    """There is no such thing, or none the caller may see: the two are not told apart."""
    status, slug, title = 404, "not-found", both("未找到", "Not found")


class NotAllowed(Problem):
    """The address exists, this method on it does not."""
    status, slug, title = 405, "method-not-allowed", both("不支持该方法", "Method not allowed")


class NotAcceptable(Problem):
    """None of the forms the caller accepts can be given."""
    status, slug, title = 406, "not-acceptable", both("无法提供所需格式", "Not acceptable")


class Conflict(Problem):
    """The world is no longer, or not yet, as the request supposes."""
    status, slug, title = 409, "conflict", both("与当前状态冲突", "Conflict with the current state")


class PreconditionFailed(Problem):
    """`If-Match` names a state that has passed."""
    status, slug, title = 412, "precondition-failed", both("内容已被更新", "It has changed meanwhile")


class TooLarge(Problem):
    """More bytes than are taken."""
    status, slug, title = 413, "too-large", both("内容过大", "Too large")


class UnsupportedType(Problem):
    """A media type that is not taken."""
    status, slug, title = 415, "unsupported-type", both("不支持的内容类型", "Unsupported media type")


class Invalid(Problem):
    """Understood, but not valid; `errors` says where."""
    status, slug, title = 422, "invalid", both("提交的内容有误", "What was sent is not valid")


class TooMany(Problem):
    """Asked too often."""
    status, slug, title = 429, "too-many-requests", both("操作过于频繁", "Too many requests")


class Unavailable(Problem):
    """A store or database is away; nothing was half made, try again."""
    status, slug, title = 503, "unavailable", both("服务暂时不可用，请稍后重试", "Temporarily unavailable, try again")

    def __init__(self, detail: Words | None = None, *, retry_after_s: int = 2, **extras: Any) -> None:
        super().__init__(detail, retry_after_s=retry_after_s, **extras)


class Internal(Problem):
    """A fault of ours. What happened stands in the log under the request's id."""
