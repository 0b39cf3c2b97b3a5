"""Statements made ready: put together once, and then handed to the driver as they are.

To send a statement and to unpack its answer takes SQLAlchemy five to ten times as long as the driver alone. Where two
dozen are asked in one breath, as at a closing, that is most of the time. What is ready goes through the session's own
connection and transaction; whoever listens to the engine, or catches its errors, hears of it.

Each way to PostgreSQL and back, while one process waits for the other, takes as long as several such statements. So
a question whose answer is not wanted yet, and a change of which nobody asks how many rows it was, go along with what is
sent next (`ask_along`, `make_along`). The server gets all of them in the order in which they were made; an error names
all that went together, and fails the transaction even where somebody swallows it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar, TypeVarTuple, cast

from sqlalchemy import Dialect, Row, Select, event, inspect
from sqlalchemy.engine import result_tuple
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.types import TypeEngine

from incident_service.foundation.database import db
from incident_service.foundation.transaction import current_unit, is_writing
from incident_service.foundation.way import Statement, Way, spoken

Columns = TypeVarTuple("Columns")
Entity = TypeVar("Entity")
Process = Callable[[Any], Any] | None
WAY = "incident_way"
TEXTS_MAX = 64                                      # of one statement: one for each length of its lists


class _Value(NamedTuple):
    """A value the driver wants: what is given as `name`, or its element at `place`, in the driver's way. What the
    statement says itself need not be given."""

    name: str
    place: int | None
    process: Process
    is_needed: bool
    itself: Any

    def of(self, given: dict[str, Any]) -> Any:
        """As the driver is given it."""
        if not self.is_needed:
            value = given.get(self.name, self.itself)
        elif self.place is None:
            value = given[self.name]
        else:
            value = given[self.name][self.place]
        return self.process(value) if self.process else value


class _Text:
    """A statement in the words of one database, for lists of certain lengths."""

    def __init__(self, words: str, values: Sequence[_Value]) -> None:
        self.words, self._values = words, values
        self._names = [each.name for each in values]
        self._is_plain = all(each.is_needed and each.place is None for each in values)
        self._processes = [(place, each.process) for place, each in enumerate(values) if each.process]

    def filled(self, given: dict[str, Any]) -> list[Any]:
        """The values for one execution, by position."""
        if not self._is_plain:
            return [each.of(given) for each in self._values]
        values = [given[name] for name in self._names]          # nearly all are: not a call for each
        for place, process in self._processes:
            values[place] = process(values[place])
        return values


class _Part(NamedTuple):
    """What of an answer belongs together: one column; or all columns of an entity, and what makes an object of it."""

    name: str
    keys: Sequence[str]
    types: Sequence[TypeEngine[Any]]
    new: Callable[[], Any] | None = None

    def of(self, values: Sequence[Any]) -> Any:
        """What these values make."""
        if self.new is None:
            return values[0]
        made = self.new()
        vars(made).update(zip(self.keys, values, strict=True))
        return made


class _Sent:
    """What a question and a change have in common."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._lists: dict[str, tuple[str, ...]] = {}
        self._texts: dict[tuple[Any, ...], _Text] = {}
        self._only_text: dict[str, _Text] = {}          # where no list is given, so that there is but one

    def _text(self, dialect: Dialect, given: dict[str, Any]) -> _Text:
        if found := self._only_text.get(dialect.name):
            return found
        if dialect.name in self._lists and (found := self._texts.get(self._key(dialect, given))):
            return found
        return self._put_into_words(dialect, given)

    def _key(self, dialect: Dialect, given: dict[str, Any]) -> tuple[Any, ...]:
        return dialect.name, *[len(given[name]) for name in self._lists[dialect.name]]

    def _put_into_words(self, dialect: Dialect, given: dict[str, Any]) -> _Text:
        compiled = self._statement.compile(dialect=spoken(dialect))
        if getattr(compiled, "insert_prefetch", None):
            raise ValueError(f"Every column must be given: {compiled}")
        state = compiled.construct_expanded_state(given)
        lists = tuple(sorted(name for name in state.parameter_expansion if compiled.binds[name].required))
        elements = {key: (name, place) for name, expanded in state.parameter_expansion.items()
                    for place, key in enumerate(expanded)}
        values = []
        for key in state.positiontup or ():
            name, place = elements.get(key, (key, None))
            bind = compiled.binds[name]
            itself = None if bind.required else state.parameters[key]
            values.append(_Value(name if bind.required else key, place,
                                 bind.type.dialect_impl(dialect).bind_processor(dialect), bind.required, itself))
        made = _Text(state.statement, values)
        if not lists:
            self._only_text[dialect.name] = made
            return made
        if len(self._texts) >= TEXTS_MAX:
            self._texts.clear()
        self._lists[dialect.name] = lists
        self._texts[self._key(dialect, given)] = made
        return made

    def filled(self, dialect: Dialect, given: dict[str, Any], read: Callable[[Any], Any]) -> Statement:
        """It as the driver is given it; `read` finds in a cursor what is to be known of the answer."""
        text = self._text(dialect, given)
        return Statement(text.words, text.filled(given), read)


class Question(_Sent, Generic[*Columns]):
    """A query, or a change that gives rows back, made ready.

    Where it selects an entity, each row has an object of that class with its columns alone, outside the session: it is
    to be read; to change it does nothing.
    """

    def __init__(self, statement: TypedReturnsRows[*Columns]) -> None:
        super().__init__(statement)
        self._parts = _parts(statement)
        if isinstance(statement, Select):
            self._statement = statement.with_only_columns(
                *[column for each in statement.column_descriptions for column in _columns(each["expr"])])
        self._is_change = isinstance(statement, UpdateBase)
        self._row = result_tuple([part.name for part in self._parts])
        self._has_entities = any(part.new for part in self._parts)
        self._processes: dict[str, list[tuple[int, Callable[[Any], Any]]]] = {}

    def ask(self, **given: Any) -> list[Row[*Columns]]:
        """The rows of the answer. For a change, must be called inside a transaction."""
        way = self._way()
        rows, = way.send(self.filled(way.connection.dialect, given, partial(self._answer, way.connection.dialect)))
        return cast("list[Row[*Columns]]", rows)

    def ask_along(self, **given: Any) -> "Answer[*Columns]":
        """Ask it together with whatever is sent next, and no later than somebody wants the answer."""
        return self._along(self._way(), given)

    def _along(self, way: Way, given: dict[str, Any]) -> "Answer[*Columns]":
        answer: Answer[*Columns] = Answer(way)
        way.take_along(self.filled(way.connection.dialect, given, lambda cursor: answer.be(
            self._answer(way.connection.dialect, cursor))))
        return answer

    def _way(self) -> Way:
        """By which it is asked, what the session holds written before."""
        session = _writing() if self._is_change else db.session()
        session.flush()                                 # which looks itself whether there is anything
        return _way(session)

    def _answer(self, dialect: Dialect, cursor: Any) -> list[Row[Any]]:
        processes = self._processes.get(dialect.name)
        if processes is None:
            processes = self._learn(dialect, cursor)
        rows = [list(row) for row in cursor.fetchall()]
        for place, process in processes:
            for row in rows:
                row[place] = process(row[place])
        return [self._row(self._joined(row) if self._has_entities else row) for row in rows]

    def _learn(self, dialect: Dialect, cursor: Any) -> list[tuple[int, Callable[[Any], Any]]]:
        """What is made of the values of which columns, now that the driver says of which type of its own each is."""
        types = [type.dialect_impl(dialect) for part in self._parts for type in part.types]
        found = [type.result_processor(dialect, told[1]) for type, told in zip(types, cursor.description, strict=True)]
        self._processes[dialect.name] = [(place, process) for place, process in enumerate(found) if process]
        return self._processes[dialect.name]

    def _joined(self, values: list[Any]) -> list[Any]:
        """The values of a row, those of an entity put together."""
        found, start = [], 0
        for part in self._parts:
            end = start + len(part.keys)
            found.append(part.of(values[start:end]))
            start = end
        return found


Several = Sequence[Question[*tuple[Any, ...]]]


def ask_all_along(questions: Several, **given: Any) -> "dict[Question[*tuple[Any, ...]], Answer[*tuple[Any, ...]]]":
    """Ask several, none of them a change, as `Question.ask_along` asks one."""
    way = questions[0]._way()
    return {question: question._along(way, given) for question in questions}


class Answer(Generic[*Columns]):
    """What comes back to a question that went along with others."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._rows: list[Row[Any]] | None = None

    def be(self, rows: list[Row[Any]]) -> None:
        """Here it is."""
        self._rows = rows

    @property
    def rows(self) -> list[Row[*Columns]]:
        """Its rows, as they were when it was sent. Raises RuntimeError when its transaction has ended before that."""
        if self._rows is None:
            self._way.send()
        if self._rows is None:
            raise RuntimeError("It was lost with another statement's error.")
        return cast("list[Row[*Columns]]", self._rows)


class Change(_Sent):
    """An insert, an update or a delete made ready. An insert is given every column."""

    def make(self, **given: Any) -> int:
        """How many rows it was made to; what the session holds of them stays as it was read. What was added to the
        session is written first, so that it can be named; what was changed there is written in its own time.

        Must be called inside a transaction.
        """
        way = self._way()
        return int(way.send(self.filled(way.connection.dialect, given, _row_count))[0])

    def make_along(self, **given: Any) -> None:
        """The same where nobody asks how many rows it was: it is made before whatever comes next, and what the database
        has against it is raised only then, at the latest by the commit."""
        way = self._way()
        way.take_along(self.filled(way.connection.dialect, given, _row_count))

    @staticmethod
    def _way() -> Way:
        session = _writing()
        if session.new:
            session.flush()
        return _way(session)


def begin_what_waits() -> None:
    """Have the server make what waits while this process goes on with something else. It changes nothing but the time
    that takes; what the database has against it is raised with what is sent next, at the latest by the commit."""
    way: Way | None = db.session().info.get(WAY)
    if way and way.goes_on:
        way.begin()


def apart(of: type[Entity], /, **values: Any) -> Entity:
    """An object with these values alone, outside the session as those are that a question gives back: to be read. It
    costs a tenth of what a new one to be stored does."""
    made: Entity = inspect(of).class_manager.new_instance()
    vars(made).update(values)
    return made


def _writing() -> Session:
    """The session, inside a transaction alone."""
    current_unit()
    return db.session()


def _row_count(cursor: Any) -> int:
    return int(cursor.rowcount)


def _way(session: Session) -> Way:
    known: Way | None = session.info.get(WAY)
    if session.in_nested_transaction():             # whose savepoint is made when it is asked for its connection
        known = known if known and known.connection is session.connection() else None
    if known is None or not known.is_good:
        known = session.info[WAY] = Way(session.connection())
    return known


@event.listens_for(db.session, "before_commit")
def _get_ready(session: Session) -> None:
    """What waits once the session has written what it holds goes with the commit. What was asked along outside a
    transaction, and nobody wanted to know, is not asked."""
    way = session.info.get(WAY)
    if way and is_writing():
        session.flush()
        way.check_may_commit()
    elif way:
        way.forget()


def _parts(statement: Any) -> list[_Part]:
    if not isinstance(statement, Select):
        return [_Part(column.key, [column.key], [column.type]) for column in statement.exported_columns]
    return [_part(each["name"], each["expr"]) for each in statement.column_descriptions]


def _part(name: str, selected: Any) -> _Part:
    columns = _columns(selected)
    new = inspect(selected).class_manager.new_instance if isinstance(selected, type) else None
    return _Part(name, [column.key for column in columns], [column.type for column in columns], new)


def _columns(selected: Any) -> list[Any]:
    if not isinstance(selected, type):
        return [selected]
    mapper: Mapper[Any] = inspect(selected)
    return [getattr(selected, each.key) for each in mapper.column_attrs if not each.deferred]
