"""What a case says in words, kept as tokens beside it for searching, and written with the words themselves; behind
them who may see it (`sight`).

`position` is when the case was opened, in microseconds times 1,024, moved on while another case has it: so the index
of the words is in the order of time, and the newest hits come first out of it. SQLite keeps the index in an FTS5 table
that triggers feed, PostgreSQL in a GIN index; both hold tokens alone, and forget what is erased here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from operator import add
from uuid import UUID

from sqlalchemy import (
    DDL,
    BigInteger,
    BindParameter,
    ForeignKey,
    Table,
    bindparam,
    event,
    func,
    or_,
    select,
    update,
)
from sqlalchemy import case as chosen
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.cases import sight
from incident_service.cases.models import Case, CaseEvent, Dispatch
from incident_service.cases.wording import tokens_of
from incident_service.foundation.database import Model, db
from incident_service.foundation.inserting import insert_if_absent
from incident_service.foundation.ready import Change
from incident_service.foundation.transaction import current_unit
from incident_service.reports import Report

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SLOTS = 1024                                            # cases opened in the same microsecond; then in the next one
MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)


class CaseWords(Model):
    """The words of one case: its number, its address and what its reports say; and who may see it."""

    __tablename__ = "case_words"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, unique=True)
    tokens: Mapped[str]


WORDS: Table = CaseWords.__table__                      # type: ignore[assignment]
TRIGGERS = {
    "ai": "AFTER INSERT ON case_words BEGIN"
          " INSERT INTO case_words_fts (rowid, tokens) VALUES (new.position, new.tokens)",
    "ad": "AFTER DELETE ON case_words BEGIN INSERT INTO case_words_fts (case_words_fts, rowid, tokens)"
          " VALUES ('delete', old.position, old.tokens)",
    "au": "AFTER UPDATE ON case_words BEGIN INSERT INTO case_words_fts (case_words_fts, rowid, tokens)"
          " VALUES ('delete', old.position, old.tokens);"
          " INSERT INTO case_words_fts (rowid, tokens) VALUES (new.position, new.tokens)",
}
ON_SQLITE = (
    "CREATE VIRTUAL TABLE case_words_fts"
    " USING fts5(tokens, content='case_words', content_rowid='position', tokenize='ascii')",
    *(f"CREATE TRIGGER case_words_{name} {does}; END" for name, does in TRIGGERS.items()))
ON_POSTGRESQL = ("CREATE INDEX case_words_gin ON case_words"
                 " USING gin (array_to_tsvector(string_to_array(btrim(tokens), ' ')))",
                 # how many cases hold a word is then known for 10,000 words
                 "ALTER INDEX case_words_gin ALTER COLUMN 1 SET STATISTICS 1000")
for statement in ON_SQLITE:
    event.listen(WORDS, "after_create", DDL(statement).execute_if(dialect="sqlite"))
for statement in ON_POSTGRESQL:
    event.listen(WORDS, "after_create", DDL(statement).execute_if(dialect="postgresql"))
IDS: BindParameter[list[UUID]] = bindparam("ids", expanding=True)
REPORTED = (select(Report.case_id, Report.address, Report.description).where(Report.case_id.in_(IDS))
            .order_by(Report.id))
BEGUN = select(CaseEvent.case_id, CaseEvent.details).where(CaseEvent.case_id.in_(IDS), CaseEvent.sequence == 1)
GIVEN_TO = select(Dispatch.case_id, Dispatch.responder_id).where(Dispatch.case_id.in_(IDS)).distinct()
event.listen(WORDS, "before_drop", DDL("DROP TABLE IF EXISTS case_words_fts").execute_if(dialect="sqlite"))


def write(case: Case) -> None:
    """Keep what a case says now, and where it lies. Must be called in the transaction that changes either: a report
    that comes or goes, an address, an area, an erasure. Safe to repeat."""
    current_unit()
    db.session.flush()
    tokens = due([case])[case.id]
    kept = db.session.scalar(select(CaseWords).where(CaseWords.case_id == case.id))
    if kept is None:
        _keep(case.id, case.opened_at, tokens)
    else:
        kept.tokens = tokens


def kept_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """What is kept of these cases; nothing of one that has no words."""
    return dict(db.session.execute(select(WORDS.c.case_id, WORDS.c.tokens).where(WORDS.c.case_id.in_(ids))).all())


def due(cases: Sequence[Case]) -> dict[UUID, str]:
    """What has to be kept of each of these cases: what it says now, and who may see it."""
    said: defaultdict[UUID, list[str]] = defaultdict(list)
    given: defaultdict[UUID, set[UUID]] = defaultdict(set)
    addresses = {case.id: case.address for case in cases}
    if imported := [case.id for case in cases if case.origin]:     # they have no report
        for id, details in db.session.execute(BEGUN, {"ids": imported}):
            said[id].append(details.get("description", ""))
    for id, address, description in db.session.execute(REPORTED, {"ids": [*addresses]}):
        said[id] += ("" if address == addresses[id] else address, description)
    for id, responder_id in db.session.execute(GIVEN_TO, {"ids": [*addresses]}):
        given[id].add(responder_id)
    return {case.id: _with_sight(tokens_of(case.number, case.address, *said[case.id], case.original_kind or ""),
                                 sight.of_case(case, given[case.id])) for case in cases}


def write_new(some: Iterable[tuple[UUID, datetime, Sequence[str], Sequence[str]]]) -> None:
    """The same for cases that were just stored: the id of each, when it was opened, its words, and who may see it."""
    current_unit()
    for case_id, opened_at, texts, seen in some:
        _keep(case_id, opened_at, _with_sight(tokens_of(*texts), seen))


def note_given(case_id: UUID, responder_id: UUID) -> None:
    """Note that somebody may see a case from now on. Must be called inside the transaction that gives it to them."""
    current_unit().gather("words-given", (case_id, f"{sight.of_person(responder_id)} "), first=_add_given)


def _add_given(given: list[tuple[UUID, str]]) -> None:
    """All whom a case is given to at once are added at once: each change of a row costs the index all its words."""
    more: dict[UUID, set[str]] = defaultdict(set)
    for case_id, token in given:
        more[case_id].add(token)
    db.session.flush()                                  # words that were changed before do not undo it
    for case_id, tokens in more.items():
        named = {f"token_{n}": each for n, each in enumerate(sorted(tokens))}
        _adding(len(tokens)).make_along(of=case_id, **named)


@cache
def _adding(count: int) -> Change:
    """The statement that adds so many tokens to the words of a case, those that are there already left out."""
    tokens = [bindparam(f"token_{n}", type_=WORDS.c.tokens.type) for n in range(count)]
    missing = [~WORDS.c.tokens.contains(each) for each in tokens]
    added = (chosen((is_missing, each), else_="") for is_missing, each in zip(missing, tokens, strict=True))
    return Change(update(WORDS).where(WORDS.c.case_id == bindparam("of"), or_(*missing))
                  .values(tokens=reduce(add, added, WORDS.c.tokens)))


def _with_sight(tokens: str, seen: Sequence[str]) -> str:
    return f"{tokens or ' '}{''.join(f'{each} ' for each in seen)}"


def _keep(case_id: UUID, opened_at: datetime, tokens: str) -> None:
    """Give a case its place in the order of time."""
    position = place_of(opened_at)
    while not insert_if_absent(WORDS, by=["position"], position=position, case_id=case_id, tokens=tokens):
        position = _free_after(position)


def place_of(moment: datetime) -> int:
    """The first place of a moment in the order of time."""
    return (moment - EPOCH) // MICROSECOND * SLOTS


def moments_of(position: int) -> tuple[datetime, datetime]:
    """Between which moments a case with this place was opened: it may have been moved on, up to a second."""
    latest = EPOCH + position // SLOTS * MICROSECOND
    return latest - SECOND, latest


def _free_after(position: int) -> int:
    """The place after the last one that is taken within a second."""
    last = db.session.scalar(select(func.max(CaseWords.position)).where(
        CaseWords.position.between(position, position + SLOTS * 1_000_000)))
    return int(last or position) + 1
