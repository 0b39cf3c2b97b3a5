"""Searching what cases say, within what the caller may see, newest first.

Few hits are walked one by one, out of the index of words. Of a common word the newest hits are walked until a page is
full; where the caller sees few cases, these are walked instead, and each is asked for its words. How many hits there
are, PostgreSQL estimates from its statistics; SQLite counts them, as far as it matters.
"""

from collections.abc import Sequence
from typing import Any

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
)
from sqlalchemy.dialects.postgresql import TSQUERY

from incident_service.accounts import Account
from incident_service.cases import access
from incident_service.cases.models import Case
from incident_service.cases.wording import may_go_on, phrases_of
from incident_service.cases.words import CaseWords
from incident_service.foundation import paging
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.paging import Page, Scan
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both

MANY = 4_000                                        # more hits, or cases within sight, are not walked to their end
KEYS = (CaseWords.position,)
INDEX = table("case_words_fts", column("rowid", BigInteger))
EXPECTED = text("EXPLAIN (FORMAT JSON) SELECT 1 FROM case_words"
                " WHERE array_to_tsvector(string_to_array(btrim(tokens), ' ')) @@ CAST(:asked AS tsquery)")
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
    if not _are_many(phrases):
        ways = [_through(_hits(phrases), by, wanted)]
    elif any(_reaches_many(scan.rows) for scan in scans):
        ways = [_through(_newest(phrases), by, wanted)]
    else:
        ways = [Scan(scan.rows.join(CaseWords, CaseWords.case_id == Case.id).where(says(phrases)), KEYS)
                for scan in scans]
    return paging.merged(select(Case, *KEYS).join(CaseWords, CaseWords.case_id == Case.id), KEYS, ways, limit=limit,
                         cursor=cursor, oldest_first=oldest_first)


def says(phrases: Phrases) -> ColumnElement[bool]:
    """The condition on words that hold every phrase, asked of each by itself."""
    return and_(*(CaseWords.tokens.contains(f" {' '.join(phrase)}{'' if may_go_on(phrase) else ' '}")
                  for phrase in phrases))


def _through(hits: Select[Any], by: Account, wanted: Sequence[ColumnElement[bool]]) -> Scan:
    """What the caller may see of the hits."""
    found = hits.subquery()
    rows = (select(found).join(CaseWords, CaseWords.position == found.c.position)
            .join(Case, Case.id == CaseWords.case_id).where(access.visible_to(by), *wanted))
    return Scan(rows, (found.c.position,))


def _hits(phrases: Phrases) -> Select[Any]:
    """The places of all hits, out of the index of words. PostgreSQL looks there first because of the offset."""
    if is_postgresql():
        return select(CaseWords.position).where(_in_the_index(phrases), says(phrases)).offset(0)
    return select(INDEX.c.rowid.label("position")).where(
        literal_column(INDEX.name).op("MATCH")(_for_sqlite(phrases)))


def _newest(phrases: Phrases) -> Select[Any]:
    """The places of many hits in the order of time: FTS5 gives them so, PostgreSQL reads the words themselves."""
    return select(CaseWords.position).where(says(phrases)) if is_postgresql() else _hits(phrases)


def _in_the_index(phrases: Phrases) -> ColumnElement[bool]:
    tokens = func.array_to_tsvector(func.string_to_array(func.btrim(CaseWords.tokens), literal_column("' '")))
    return tokens.op("@@")(cast(literal(_for_postgresql(phrases)), TSQUERY))


def _for_postgresql(phrases: Phrases) -> str:
    return " & ".join(f"'{token}'{':*' if token is phrase[-1] and may_go_on(phrase) else ''}"
                      for phrase in phrases for token in phrase)


def _for_sqlite(phrases: Phrases) -> str:
    return " AND ".join(f'"{" ".join(phrase)}"{" *" if may_go_on(phrase) else ""}' for phrase in phrases)


def _are_many(phrases: Phrases) -> bool:
    """Whether there are many hits: SQLite counts them as far as that, PostgreSQL knows about how many there are."""
    if not is_postgresql():
        return _reaches_many(_hits(phrases))
    plan = db.session.execute(EXPECTED, {"asked": _for_postgresql(phrases)}).scalar_one()
    return float(plan[0]["Plan"]["Plan Rows"]) >= MANY


def _reaches_many(rows: Select[Any]) -> bool:
    counted = rows.with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(MANY).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) == MANY
