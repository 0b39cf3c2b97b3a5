"""The way of ready statements to the database and back: what waits goes with what comes next.

On PostgreSQL each way takes as long as several statements, as one process wakes the other and waits for it, on another
machine perhaps; so several go together (`pipeline`). SQLite is no server, and gets them one by one.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from weakref import ReferenceType, WeakKeyDictionary, ref

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from incident_service.foundation.pipeline import Pipeline

PIPELINE = "incident_pipeline"                      # of a connection of the driver, for all its transactions
WAITING_MAX = 50                                    # with their answers
NUMBERED = PGDialect_psycopg(paramstyle="numeric_dollar")
_ways: "WeakKeyDictionary[Connection, ReferenceType[Way]]" = WeakKeyDictionary()        # each held by its session


class Statement(NamedTuple):
    """One in the words of `spoken`, its values by position, and what finds in its cursor what is to be known of the
    answer."""

    words: str
    values: Any
    read: Callable[[Any], Any]


def spoken(dialect: Dialect) -> Dialect:
    """In whose words statements go by the way to this database."""
    return NUMBERED if dialect.name == "postgresql" else dialect


class Way:
    """The connection of one transaction, to one statement after the other."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._pipeline: Pipeline | None = None
        if connection.dialect.name == "postgresql":
            self._pipeline = connection.info.get(PIPELINE) or Pipeline(self._driver)
            connection.info[PIPELINE] = self._pipeline
        self._waiting: list[Statement] = []
        self._under_way: list[Statement] = []
        self._is_broken = False
        self._has_lost = False
        _ways[connection] = ref(self)

    @property
    def goes_on(self) -> bool:
        """Whether its transaction has not ended, as far as is known here."""
        return self.connection._dbapi_connection is not None        # neither `closed` nor `invalidated`, in one look

    @property
    def is_good(self) -> bool:
        """Whether the next statement goes by it, if only to be refused: after an error that concerned nothing else
        another one is made."""
        return self.goes_on and (self._has_lost or not self._is_broken)

    @property
    def has_waiting(self) -> bool:
        """Whether something is to go along with the next statement, or is under way and to be ended before it."""
        return self.goes_on and bool(self._waiting or self._under_way)

    def take_along(self, statement: Statement) -> None:
        """Send a statement with the next one, where that saves a way. None waits within a savepoint, which might be
        rolled back without it."""
        self._waiting.append(statement)
        if not self._pipeline or self.connection.in_nested_transaction() or len(self._waiting) >= WAITING_MAX:
            self.send()

    def begin(self) -> None:
        """Send what waits and go on: the server makes it meanwhile, where there is one. What came of it is known once
        something else was sent. Raises RuntimeError as `send` does."""
        if self._pipeline and self._waiting:
            waiting, self._waiting = self._waiting, []
            self._check_goes_on()
            try:
                told = self._told(waiting)
                self._under_way += told
                self._pipeline.begin([(each.words, each.values) for each in told])
            except BaseException as error:
                self._fail(error, waiting)
                raise

    def send(self, *statements: Statement, commits: bool = False) -> list[Any]:
        """Send what waits, and these, and the commit itself if that is asked for; what is to be known of the answers to
        these. Answers are read after all of them went, also after the commit.

        Raises RuntimeError when the transaction has ended (the connection may be another one's by now), or when a
        statement was lost in it with another one's error.
        """
        everything, before = [*self._waiting, *statements], len(self._under_way) + len(self._waiting)
        self._waiting = []
        self._check_goes_on()
        try:
            return self._answers(everything, commits=commits)[before:]
        except BaseException as error:
            self._fail(error, everything)
            raise

    def _check_goes_on(self) -> None:
        if not self.goes_on or self._has_lost:
            raise RuntimeError("The transaction in which this was to be sent has ended or failed.")

    def _fail(self, error: BaseException, everything: Sequence[Statement]) -> None:
        """What becomes of the way, and of these statements, where one of them or of those before fails. Raises what
        SQLAlchemy makes of an error of the driver."""
        concerned, self._under_way = [*self._under_way, *everything], []
        self._has_lost = len(concerned) > 1
        if self._pipeline:
            self._pipeline.abandon()                    # what was begun, where these could not even be sent
        if isinstance(error, self.connection.dialect.loaded_dbapi.Error):
            self._is_broken = True
            words = "; ".join(dict.fromkeys(each.words for each in concerned))
            self.connection._handle_dbapi_exception(error, words, None, None, None)
        elif self._pipeline and self._driver.closed:
            self.connection.invalidate(error)           # or to roll back would fail, and be what everybody hears of

    def check_may_commit(self) -> None:
        """Raises RuntimeError when something failed and its error was swallowed: the server would roll back and say
        nothing."""
        if self.goes_on and (self._has_lost or (self._pipeline and self._pipeline.has_failed)):
            raise RuntimeError("A statement of this transaction has failed and its error was swallowed.")

    def forget(self) -> None:
        """Send nothing of what waits, and want to know nothing of what is under way."""
        self._waiting, self._under_way = [], []
        if self._pipeline and self.goes_on:             # else the connection may be another one's by now
            self._pipeline.abandon()

    def _answers(self, everything: Sequence[Statement], *, commits: bool) -> list[Any]:
        told, found = self._told(everything), []
        cursors: Iterable[Any] = self._pipeline.send([(each.words, each.values) for each in told], commits=commits) \
            if self._pipeline else (self._driver.execute(each.words, each.values) for each in told)
        sent, self._under_way = [*self._under_way, *told], []
        listeners = list(self.connection.dispatch.after_cursor_execute)
        for cursor, each in zip(cursors, sent, strict=True):
            found.append(each.read(cursor))
            for listen in listeners:
                listen(self.connection, cursor, each.words, each.values, None, False)
        return found

    def _told(self, some: Sequence[Statement]) -> Sequence[Statement]:
        """These, whoever listens to the engine told of each."""
        listeners = self.connection.dispatch.before_cursor_execute
        if not listeners:
            return some
        return [self._told_to(listeners, each) for each in some]

    def _told_to(self, listeners: Iterable[Callable[..., Any]], statement: Statement) -> Statement:
        words, values, read = statement
        for listen in listeners:
            words, values = listen(self.connection, None, words, values, None, False)
        return Statement(words, values, read)


def send_what_waits(connection: Connection) -> None:
    """Have the ready statements made first that wait for another one to go with."""
    if way := _with_waiting(connection):
        way.send()


def commit_what_waits(connection: Connection) -> None:
    """Have those go with the commit that wait when it comes. Whoever commits then finds that it is done."""
    if way := _with_waiting(connection):
        way.send(commits=True)


def abandon_what_goes(connection: Connection, *_savepoint: Any) -> None:
    """Have nothing under way any more when the transaction, or a part of it, is rolled back."""
    pipeline = None if connection.closed or connection.invalidated else connection.info.get(PIPELINE)
    if pipeline:
        pipeline.abandon()
        pipeline.doubt()


def leave_in_order(_driver: Any, record: Any, _state: Any) -> None:
    """Have nothing under way in a connection that is given back, and what is prepared looked at where the pool will
    roll it back itself: after a commit that failed, or for somebody who is gone. One that left the pool has no record,
    and is closed."""
    pipeline = record.info.get(PIPELINE) if record else None
    if pipeline:
        pipeline.leave_in_order()


def _with_waiting(connection: Connection) -> Way | None:
    known = _ways.get(connection)
    way = known() if known else None
    return way if way and way.has_waiting else None
