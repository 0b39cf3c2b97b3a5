"""A sentence in the languages of the house: Chinese by default, English when asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from flask import has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

LANGUAGES = ("zh", "en")
REMEMBERED_CHARACTERS_MAX = 200


class Words:
    """One sentence in both languages, with the values that fill its gaps."""

    __slots__ = ("en", "values", "zh")

    def __init__(self, zh: str, en: str, **values: Any) -> None:
        self.zh, self.en, self.values = zh, en, values

    def in_language(self, language: str) -> str:
        """The sentence in `language` (`zh` or `en`), its gaps filled."""
        sentence = self.en if language == "en" else self.zh
        if "{" not in sentence and "}" not in sentence:         # most have no gaps
            return sentence
        return sentence.format(**{name: spoken(value, language) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.in_language("en")


def both(zh: str, en: str, **values: Any) -> Words:
    """A sentence in Chinese and in English; `{gaps}` are filled from `values`, which may be Words themselves."""
    return Words(zh, en, **values)


def spoken(value: Any, language: str) -> Any:
    """`value` for a reader of `language`: Words become text, everything else stays."""
    return value.in_language(language) if isinstance(value, Words) else value


_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


@contextmanager
def spoken_in(language: str) -> Iterator[None]:
    """Speak `language` inside the block, whoever is calling: for a worker that does what somebody asked for."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def callers_language() -> str:
    """The language of whoever is calling, from Accept-Language; `zh` when they do not say."""
    if (language := _spoken.get()) is not None:
        return language
    if not has_request_context():
        return "zh"
    return language_asked_for(request.environ.get("HTTP_ACCEPT_LANGUAGE", ""))


def language_asked_for(header: str) -> str:
    """The language that an Accept-Language header asks for; `zh` when it asks for none of ours."""
    return _remembered(header) if len(header) <= REMEMBERED_CHARACTERS_MAX else _best_of(header)


def _best_of(header: str) -> str:
    accepted = parse_accept_header(header, LanguageAccept)
    return "en" if accepted.best_match(["zh-CN", "zh", "en"], default="zh") == "en" else "zh"


_remembered = lru_cache(maxsize=1000)(_best_of)     # an answer asks for each of its sentences
