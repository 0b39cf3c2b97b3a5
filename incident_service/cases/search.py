"""Searching what cases say, within what the caller may see, newest first.

Where a word has few hits, all are fetched out of the index of words, and the newest walked until a page is full. Where
it has many, or the caller sees fewer cases than that, the cases are walked instead, and each is asked for its words; by
who sees the whole city and asks for nothing else, the words alone. How many hits there are, PostgreSQL estimates from
its statistics; SQLite counts them, as far as it matters.
"""

from collections.abc import Sequence
from math import prod
from typing import Any
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

from incident_service.accounts import Account
from incident_service.cases import access
from incident_service.cases.models import Case
from incident_service.cases.wording import may_go_on, phrases_of
from incident_service.cases.words import CaseWords, moments_of
from incident_service.foundation import paging
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.paging import Lead, Page, Scan
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both

MANY = 7_000                                        # of so many hits one comes along soon on any way through the cases
SOME = 2_000                                        # and of so many among all words
FEW = 4_000                                         # so many cases are walked to their end
KEYS = (CaseWords.position,)
INDEX = table("case_words_fts", column("rowid", BigInteger))
EVERY = "SELECT 1 FROM case_words"
HOLDS = "array_to_tsvector(string_to_array(btrim(tokens), ' ')) @@ CAST(:asked_{} AS tsquery)"
ESTIMATED_MAX = 8                                   # tokens of a question
Phrases = Sequence[Sequence[str]]


class TooLittleSaid(Invalid):
    """One Chinese character, or nothing but punctuation, is too little to search for."""
    slug, title = "search-says-too-little", both("搜索词过短", "Too little to search for")


def page(question: str, *, by: Account, wanted: Sequence[ColumnElement[bool]], scans: Sequence[Scan], limit: int,
         cursor: str, oldest_first: bool) -> Page:
    """One page of what says all of this. `scans` find what the caller may see, by place. Raises TooLittleSaid."""
    phrases = phrases_of(question)
    if not phrases:
        raise TooLittleSaid(errors=[FieldError("#/q", both("请至少输入两个汉字或一个词",
                                                           "Give two Chinese characters or a word"))])
    hits = _about(phrases)
    if hits >= SOME and access.sees_the_city(by) and not wanted:
        ways = [_through(_newest(phrases), by, wanted)]
    elif hits >= MANY or not any(_reaches(max(hits, FEW), scan.rows) for scan in scans):
        ways = [_asked_for(phrases, scan) for scan in scans]
    else:
        ways = [_through(_hits(phrases), by, wanted)]
    return paging.merged(select(Case, *KEYS).join(CaseWords, CaseWords.case_id == Case.id), KEYS, ways, limit=limit,
                         cursor=cursor, oldest_first=oldest_first)


def says(phrases: Phrases) -> ColumnElement[bool]:
    """The condition on words that hold every phrase, asked of each by itself."""
    return and_(true(), *(CaseWords.tokens.contains(f" {' '.join(phrase)}{'' if may_go_on(phrase) else ' '}")
                  for phrase in phrases))


def _asked_for(phrases: Phrases, scan: Scan) -> Scan:
    """The cases on a way, each asked for its words. They come as they were opened: that is how places go."""
    opened_at, case_id = scan.keys
    return Scan(scan.rows.join(CaseWords, CaseWords.case_id == case_id).where(says(phrases)), KEYS,
                Lead(opened_at, _opened), scan.repeats)


def _opened(place: int) -> tuple[Any, Any]:
    """Between which moments the case with a place was opened."""
    return tuple(paging.like(Case.opened_at, each) for each in moments_of(place))


def _through(hits: Select[int, UUID], by: Account, wanted: Sequence[ColumnElement[bool]]) -> Scan:
    """What the caller may see of the hits."""
    found = hits.subquery()
    rows = select(found).join(Case, Case.id == found.c.case_id).where(access.visible_to(by), *wanted)
    return Scan(rows, (found.c.position,))


def _hits(phrases: Phrases) -> Select[int, UUID]:
    """The places of all hits, out of the index of words. PostgreSQL looks there first because of the offset, and orders
    them before it looks at their cases; FTS5 knows them in this order."""
    if is_postgresql():
        found = select(CaseWords.position, CaseWords.case_id).where(
            _in_the_index(phrases), says([phrase for phrase in phrases if len(phrase) > 1]))
        return found.order_by(CaseWords.position.desc()).offset(0)
    return (select(INDEX.c.rowid.label("position"), CaseWords.case_id)
            .join(CaseWords, CaseWords.position == INDEX.c.rowid).where(_matches(phrases)))


def _newest(phrases: Phrases) -> Select[int, UUID]:
    """The same in the order of time: PostgreSQL reads the words themselves."""
    if is_postgresql():
        return select(CaseWords.position, CaseWords.case_id).where(says(phrases))
    return _hits(phrases)


def _matches(phrases: Phrases) -> ColumnElement[bool]:
    return literal_column(INDEX.name).op("MATCH")(_for_sqlite(phrases))


def _in_the_index(phrases: Phrases) -> ColumnElement[bool]:
    tokens = func.array_to_tsvector(func.string_to_array(func.btrim(CaseWords.tokens), literal_column("' '")))
    return tokens.op("@@")(cast(literal(_for_postgresql(phrases)), TSQUERY))


def _for_postgresql(phrases: Phrases) -> str:
    return " & ".join(each for phrase in phrases for each in _lexemes(phrase))


def _lexemes(phrase: Sequence[str]) -> list[str]:
    return [f"'{token}'{':*' if token is phrase[-1] and may_go_on(phrase) else ''}" for token in phrase]


def _for_sqlite(phrases: Phrases) -> str:
    return " AND ".join(f'"{" ".join(phrase)}"{" *" if may_go_on(phrase) else ""}' for phrase in phrases)


def _about(phrases: Phrases) -> int:
    """How many hits there are: SQLite counts them as far as MANY, PostgreSQL knows about how many cases hold each
    token: no more can hold a phrase, and what holds one phrase holds another as often as anything does."""
    if not is_postgresql():
        return _count_up_to(MANY, select(INDEX).where(_matches(phrases)))
    asked = [(n, each) for n, phrase in enumerate(phrases) for each in _lexemes(phrase)][:ESTIMATED_MAX]
    every, *holding = _expected([each for _, each in asked])
    shares: dict[int, float] = {}
    for (n, _), rows in zip(asked, holding, strict=True):
        shares[n] = min(shares.get(n, 1.0), rows / every)
    return int(every * prod(shares.values()))


def _expected(lexemes: Sequence[str]) -> list[float]:
    """How many words PostgreSQL expects to have: in all, and with each of these."""
    questions = [EVERY, *(f"{EVERY} WHERE {HOLDS.format(n)}" for n in range(len(lexemes)))]
    plan = db.session.execute(text("EXPLAIN (FORMAT JSON) " + " UNION ALL ".join(questions)),
                              {f"asked_{n}": each for n, each in enumerate(lexemes)}).scalar_one()
    return [float(each["Plan Rows"]) for each in plan[0]["Plan"]["Plans"]]


def _reaches(count: int, rows: Select[Any]) -> bool:
    return _count_up_to(count, rows) == count


def _count_up_to(most: int, rows: Select[Any]) -> int:
    counted = rows.with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(most).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) or 0
