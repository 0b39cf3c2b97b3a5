"""Words made findable: Chinese by pairs of characters, everything else by whole words. Pure.

A run of Chinese characters becomes its pairs, and its first and last character alone, so that 赣A12345 is found behind
车牌赣A12345; what stands beside one another in the words stands beside one another here.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(f"([{CHINESE}]+)|((?:(?![{CHINESE}])[^\\W_])+)")
TOKEN_CHARACTERS_MAX = 64


def tokens_of(*texts: str) -> str:
    """The words as tokens with a blank before, between and after them; empty for no words."""
    found = [token for text in texts for run, is_chinese in _runs(text) for token in _said(run, is_chinese)]
    return f" {' '.join(found)} " if found else ""


def differing(kept: str, due: str) -> set[str]:
    """The tokens that stand in one alone; how often they stand there does not matter."""
    return set(kept.split()) ^ set(due.split())


def phrases_of(question: str) -> list[list[str]]:
    """What is asked for: for each part between blanks the tokens that must follow one another. The last of a part
    that is not Chinese may go on. Empty when nothing can be asked: one Chinese character alone says too little."""
    phrases = [_asked(part) for part in question.split()]
    return phrases if all(phrases) else []


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for found in RUNS.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield found.group()[:None if found[1] else TOKEN_CHARACTERS_MAX], bool(found[1])


def _pairs(run: str) -> list[str]:
    return [run[at:at + 2] for at in range(len(run) - 1)]


def _said(run: str, is_chinese: bool) -> list[str]:
    if not is_chinese or len(run) == 1:
        return [run]
    return [run[0], *_pairs(run), run[-1]]


def _asked(part: str) -> list[str]:
    """A run that begins or ends within the part begins or ends in the words as well: its edge is a token there."""
    runs = list(_runs(part))
    if len(runs) == 1 and runs[0][1] and len(runs[0][0]) == 1:
        return []
    tokens: list[str] = []
    for at, (run, is_chinese) in enumerate(runs):
        if not is_chinese or len(run) == 1:
            tokens.append(run)
            continue
        tokens += [*([run[0]] if at else []), *_pairs(run), *([run[-1]] if at < len(runs) - 1 else [])]
    return tokens


def may_go_on(phrase: Sequence[str]) -> bool:
    """Whether the last token of what is asked may be the beginning of a longer word."""
    return not re.match(f"[{CHINESE}]", phrase[-1])
