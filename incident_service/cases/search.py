"""Searching what cases say, within what the caller may see, newest first.

The index of words is asked for the rarest of what is asked and for who may see it at once (`sight`); the rest of what
is asked is asked of what it finds, the newest first, until a page is full. SQLite's index is in the order of time.
PostgreSQL's is not, so it fetches all it finds; where that is more than one meets on any way, the cases are walked
instead, and each is asked for its words; by who sees the whole city and asks for nothing else, the words alone. How
many hits there are, PostgreSQL estimates from its statistics; SQLite counts them, as far as it matters.
"""

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from incident_service.cases.models import Case
from incident_service.cases.sight import Clauses
from incident_service.cases.wording import may_go_on, phrases_of
from incident_service.cases.words import CaseWords, moments_of
from incident_service.foundation import paging
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.paging import Lead, Page, Scan
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both

MANY = 7_000                                        # of so many hits one comes along soon on any way through the cases
SOME = 2_000                                        # fewer are always fetched
# Fetching costs `fetched`, walking a page's 50 / `share`, in rows; PostgreSQL looks at a row on the way in this many
# times the time it takes to fetch one. So walking is shorter from this product on.
WORDS_WORTH, CASES_WORTH = 25, 120
KEYS = (CaseWords.position,)
INDEX = table("case_words_fts", column("rowid", BigInteger))
EVERY = "SELECT 1 FROM case_words"
HOLDS = "array_to_tsvector(string_to_array(btrim(tokens), ' ')) @@ CAST(:asked_{} AS tsquery)"
ESTIMATED_MAX = 8                                   # tokens of a question
Phrase = Sequence[str]


class TooLittleSaid(Invalid):
    """One Chinese character, or nothing but punctuation, is too little to search for."""
    slug, title = "search-says-too-little", both("搜索词过短", "Too little to search for")


class Within(NamedTuple):
    """Within what is searched: the condition, the ways through the cases that together find it all, what the index of
    words says of it, and whether it is narrower than that."""

    condition: ColumnElement[bool]
    scans: Sequence[Scan]
    sight: Clauses
    is_narrower: bool


class Weighed(NamedTuple):
    """What is asked, the rarest first; in how many words that is, within sight; and the share that all of it has."""

    phrases: Sequence[Phrase]
    fetched: float
    share: float


def page(question: str, within: Within, *, limit: int, cursor: str, oldest_first: bool) -> Page:
    """One page of what says all of this. Raises TooLittleSaid."""
    phrases = phrases_of(question)
    if not phrases:
        raise TooLittleSaid(errors=[FieldError("#/q", both("请至少输入两个汉字或一个词",
                                                           "Give two Chinese characters or a word"))])
    return paging.merged(select(Case, *KEYS).join(CaseWords, CaseWords.case_id == Case.id), KEYS,
                         _ways(phrases, within), limit=limit, cursor=cursor, oldest_first=oldest_first)


def _ways(phrases: Sequence[Phrase], within: Within) -> list[Scan]:
    asked = _weigh(phrases, within)
    if within.is_narrower:
        if asked.fetched >= MANY or (
                asked.fetched >= SOME and not any(_reaches(int(asked.fetched), scan.rows) for scan in within.scans)):
            return [_asked_for(phrases, scan) for scan in within.scans]
    elif is_postgresql() and not within.sight and asked.fetched * asked.share > WORDS_WORTH:
        return [_through(_in_order(phrases), within)]
    elif is_postgresql() and within.sight and asked.fetched * asked.share > CASES_WORTH:
        return [_asked_for(phrases, scan) for scan in within.scans]
    return [_through(_hits(asked.phrases, within.sight), within)]


def says(phrases: Sequence[Phrase]) -> ColumnElement[bool]:
    """The condition on words that hold every phrase, asked of each by itself."""
    return and_(true(), *(CaseWords.tokens.contains(f" {' '.join(phrase)}{'' if may_go_on(phrase) else ' '}")
                  for phrase in phrases))


def _asked_for(phrases: Sequence[Phrase], scan: Scan) -> Scan:
    """The cases on a way, each asked for its words. They come as they were opened: that is how places go."""
    opened_at, case_id = scan.keys
    return Scan(scan.rows.join(CaseWords, CaseWords.case_id == case_id).where(says(phrases)), KEYS,
                Lead(opened_at, _opened), scan.repeats)


def _opened(place: int) -> tuple[Any, Any]:
    """Between which moments the case with a place was opened."""
    return tuple(paging.like(Case.opened_at, each) for each in moments_of(place))


def _through(hits: Select[int, UUID], within: Within) -> Scan:
    """What the caller may see of the hits."""
    found = hits.subquery()
    return Scan(select(found).join(Case, Case.id == found.c.case_id).where(within.condition), (found.c.position,))


def _hits(phrases: Sequence[Phrase], sight: Clauses) -> Select[int, UUID]:
    """The places of all hits: the first phrase and who may see it are asked of the index, the others of what it finds.
    PostgreSQL looks there first because of the offset, and orders them before it looks at their cases; FTS5 knows them
    in this order."""
    rarest, *others = phrases
    if is_postgresql():
        found = select(CaseWords.position, CaseWords.case_id).where(
            _in_the_index(rarest, sight), says([*([rarest] if len(rarest) > 1 else []), *others]))
        return found.order_by(CaseWords.position.desc()).offset(0)
    return (select(INDEX.c.rowid.label("position"), CaseWords.case_id)
            .join(CaseWords, CaseWords.position == INDEX.c.rowid).where(_matches(rarest, sight), says(others)))


def _in_order(phrases: Sequence[Phrase]) -> Select[int, UUID]:
    """The same out of the words themselves, in the order of time."""
    return select(CaseWords.position, CaseWords.case_id).where(says(phrases))


def _matches(phrase: Phrase, sight: Clauses) -> ColumnElement[bool]:
    asked = f'"{" ".join(phrase)}"{" *" if may_go_on(phrase) else ""}'
    seen = [_any_of((f'"{token}"' for token in clause), " OR ") for clause in sight]
    return literal_column(INDEX.name).op("MATCH")(" AND ".join([*seen, asked]))


def _in_the_index(phrase: Phrase, sight: Clauses) -> ColumnElement[bool]:
    tokens = func.array_to_tsvector(func.string_to_array(func.btrim(CaseWords.tokens), literal_column("' '")))
    asked = " & ".join([*_tokens(phrase), *([_seen(sight)] if sight else [])])
    return tokens.op("@@")(cast(literal(asked), TSQUERY))


def _tokens(phrase: Phrase) -> list[str]:
    """The tokens of a phrase, as PostgreSQL is asked for them."""
    *first, last = phrase
    return [*(f"'{token}'" for token in first), f"'{last}'{':*' if may_go_on(phrase) else ''}"]


def _seen(sight: Clauses) -> str:
    """Who may see it, as PostgreSQL is asked."""
    return " & ".join(_any_of((f"'{token}'" for token in clause), " | ") for clause in sight)


def _any_of(tokens: Iterable[str], word: str) -> str:
    return f"({word.join(tokens)})"


def _weigh(phrases: Sequence[Phrase], within: Within) -> Weighed:
    return _estimated(phrases, within.sight) if is_postgresql() else _counted(phrases, within)


def _counted(phrases: Sequence[Phrase], within: Within) -> Weighed:
    """By counting until the rarest has ended, as far as MANY; unless nothing depends on it."""
    if len(phrases) == 1 and not within.is_narrower:
        return Weighed(phrases, 0, 0)
    for most in (SOME, MANY) if len(phrases) > 1 else (MANY,):
        counts = [_count_up_to(most, select(INDEX).where(_matches(phrase, within.sight))) for phrase in phrases]
        if min(counts) < most:
            break
    return Weighed([phrases[n] for n in sorted(range(len(phrases)), key=counts.__getitem__)], min(counts), 0)


def _estimated(phrases: Sequence[Phrase], sight: Clauses) -> Weighed:
    """By what PostgreSQL knows of how many words hold each token: no more can hold a phrase. How many hold the
    beginning of a rare word it guesses, so these are counted."""
    asked = [(n, token) for n, phrase in enumerate(phrases) for token in _tokens(phrase)][:ESTIMATED_MAX]
    every, *holding = _expected([*([_seen(sight)] if sight else []), *(token for _, token in asked)])
    seen = holding.pop(0) if sight else every
    shares = [1.0] * len(phrases)
    for (n, _), rows in zip(asked, holding, strict=True):
        shares[n] = min(shares[n], rows / every)
    for n, phrase in enumerate(phrases):
        if may_go_on(phrase) and shares[n] * seen < SOME:
            shares[n] = _count_up_to(MANY, select(CaseWords).where(_in_the_index(phrase, sight))) / seen
    rarest_first = sorted(range(len(phrases)), key=shares.__getitem__)
    return Weighed([phrases[n] for n in rarest_first], min(shares) * seen, prod(shares))


def _expected(asked: Sequence[str]) -> list[float]:
    """How many words PostgreSQL expects to have: in all, and with each of these."""
    questions = [EVERY, *(f"{EVERY} WHERE {HOLDS.format(n)}" for n in range(len(asked)))]
    plan = db.session.execute(text("EXPLAIN (FORMAT JSON) " + " UNION ALL ".join(questions)),
                              {f"asked_{n}": each for n, each in enumerate(asked)}).scalar_one()
    return [float(each["Plan Rows"]) for each in plan[0]["Plan"]["Plans"]]


def _reaches(count: int, rows: Select[Any]) -> bool:
    return _count_up_to(count, rows) == count


def _count_up_to(most: int, rows: Select[Any]) -> int:
    counted = rows.with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(most).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) or 0
