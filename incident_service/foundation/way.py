"""The way of ready statements to the database and back: what waits goes with what comes next.

On PostgreSQL each way takes as long as several statements, as one process wakes the other and waits for it, on another
machine perhaps; so several go together, in the pipeline of the driver. SQLite is no server, and gets them one by one.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from weakref import ReferenceType, WeakKeyDictionary, ref

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection

CURSORS = "incident_cursors"                        # of a connection of the driver, for all its transactions
WAITING_MAX = 50                                    # so many cursors are kept at most, each with its last answer
_ways: "WeakKeyDictionary[Connection, ReferenceType[Way]]" = WeakKeyDictionary()        # each held by its session


class Statement(NamedTuple):
    """One as the driver is given it, and what finds in its cursor what is to be known of the answer."""

    words: str
    values: Any
    read: Callable[[Any], Any]


class Way:
    """The connection of one transaction, and cursors of it: to ask for them each time takes longer than many a
    statement."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._is_to_a_server = connection.dialect.name == "postgresql"
        self._cursors: list[Any] = connection.info.setdefault(CURSORS, [])
        self._waiting: list[Statement] = []
        self._is_broken = False
        self._has_lost = False
        _ways[connection] = ref(self)

    @property
    def goes_on(self) -> bool:
        """Whether its transaction has not ended, as far as is known here."""
        return not (self.connection.closed or self.connection.invalidated)

    @property
    def is_good(self) -> bool:
        """Whether the next statement goes by it, if only to be refused: after an error that concerned nothing else
        another one is made."""
        return self.goes_on and (self._has_lost or not self._is_broken)

    @property
    def has_waiting(self) -> bool:
        """Whether something is to go along with the next statement."""
        return self.goes_on and bool(self._waiting)

    def take_along(self, statement: Statement) -> None:
        """Send a statement with the next one, where that saves a way. None waits within a savepoint, which might be
        rolled back without it."""
        self._waiting.append(statement)
        if not self._is_to_a_server or self.connection.in_nested_transaction() or len(self._waiting) >= WAITING_MAX:
            self.send()

    def send(self, *statements: Statement, commits: bool = False) -> list[Any]:
        """Send what waits, and these, and the commit itself if that is asked for; what is to be known of the answers to
        these. Answers are read after all of them went, also after the commit.

        Raises RuntimeError when the transaction has ended (the connection may be another one's by now), or when a
        statement was lost in it with another one's error.
        """
        if not self.goes_on or self._has_lost:
            raise RuntimeError("The transaction in which this was to be sent has ended or failed.")
        everything, waited = [*self._waiting, *statements], len(self._waiting)
        self._waiting = []
        try:
            return self._answers(everything, commits=commits)[waited:]
        except BaseException as error:
            self._has_lost = len(everything) > 1
            if not isinstance(error, self.connection.dialect.loaded_dbapi.Error):
                raise
            self._is_broken = True
            cursor = self._cursors[0] if self._cursors else None
            self._cursors.clear()                       # what is raised in its place closes one of them
            words = "; ".join(dict.fromkeys(each.words for each in everything))
            self.connection._handle_dbapi_exception(error, words, None, cursor, None)
            raise

    def check_may_commit(self) -> None:
        """Raises RuntimeError when something failed and its error was swallowed: the server would roll back and say
        nothing."""
        if self.goes_on and (self._has_lost or (self._is_to_a_server and (
                self._driver.pgconn.transaction_status == TransactionStatus.INERROR))):
            raise RuntimeError("A statement of this transaction has failed and its error was swallowed.")

    def forget(self) -> None:
        """Send nothing of what waits."""
        self._waiting = []

    def _answers(self, everything: Sequence[Statement], *, commits: bool) -> list[Any]:
        while len(self._cursors) < len(everything):
            self._cursors.append(self._driver.cursor())
        sent = [self._told(*each) for each in zip(self._cursors, everything, strict=False)]
        found = self._together(sent, commits=commits) if self._is_to_a_server and (commits or len(sent) > 1) else [
            each.read(cursor.execute(each.words, each.values)) for cursor, each in sent]
        for cursor, each in sent:
            for listen in self.connection.dispatch.after_cursor_execute:
                listen(self.connection, cursor, each.words, each.values, None, False)
        return found

    def _told(self, cursor: Any, statement: Statement) -> tuple[Any, Statement]:
        words, values, read = statement
        for listen in self.connection.dispatch.before_cursor_execute:
            words, values = listen(self.connection, cursor, words, values, None, False)
        return cursor, Statement(words, values, read)

    def _together(self, sent: Sequence[tuple[Any, Statement]], *, commits: bool) -> list[Any]:
        """After a statement that fails the server makes none of the others, nor the commit."""
        with self._driver.pipeline():
            for cursor, each in sent:
                cursor.execute(each.words, each.values)
            if commits:
                self._driver.commit()
        return [each.read(cursor) for cursor, each in sent]


def send_what_waits(connection: Connection) -> None:
    """Have the ready statements made first that wait for another one to go with."""
    if way := _with_waiting(connection):
        way.send()


def commit_what_waits(connection: Connection) -> None:
    """Have those go with the commit that wait when it comes. Whoever commits then finds that it is done."""
    if way := _with_waiting(connection):
        way.send(commits=True)


def _with_waiting(connection: Connection) -> Way | None:
    known = _ways.get(connection)
    way = known() if known else None
    return way if way and way.has_waiting else None
