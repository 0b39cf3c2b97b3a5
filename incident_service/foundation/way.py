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
        _ways[connection] = ref(self)

    @property
    def is_open(self) -> bool:
        """Whether its transaction goes on, as far as is known here."""
        return not (self._is_broken or self.connection.closed)

    def take_along(self, statement: Statement) -> None:
        """Send a statement with the next one, where that saves a way. None waits within a savepoint, which might be
        rolled back without it."""
        self._waiting.append(statement)
        if not self._is_to_a_server or self.connection.in_nested_transaction():
            self.send()

    def send(self, *statements: Statement) -> list[Any]:
        """Send what waits, and these; what is to be known of the answers to these. Raises RuntimeError when the
        transaction has ended: the connection may be another one's by now."""
        if not self.is_open:
            raise RuntimeError("The transaction in which this was to be sent has ended.")
        if not (self._waiting or statements):
            return []
        everything, waited = [*self._waiting, *statements], len(self._waiting)
        self._waiting = []
        while len(self._cursors) < len(everything):
            self._cursors.append(self._driver.cursor())
        sent = [self._told(*each) for each in zip(self._cursors, everything, strict=False)]
        try:
            found = self._together(sent) if self._is_better_together(sent) else [
                each.read(cursor.execute(each.words, each.values)) for cursor, each in sent]
        except self.connection.dialect.loaded_dbapi.Error as error:
            self._is_broken = True
            cursor = self._cursors[0]                   # what is raised in its place closes it
            self._cursors.clear()
            words = "; ".join(each.words for each in everything)
            self.connection._handle_dbapi_exception(error, words, None, cursor, None)
        for cursor, each in sent:
            for listen in self.connection.dispatch.after_cursor_execute:
                listen(self.connection, cursor, each.words, each.values, None, False)
        return found[waited:]

    def _told(self, cursor: Any, statement: Statement) -> tuple[Any, Statement]:
        words, values, read = statement
        for listen in self.connection.dispatch.before_cursor_execute:
            words, values = listen(self.connection, cursor, words, values, None, False)
        return cursor, Statement(words, values, read)

    def _is_better_together(self, sent: Sequence[Any]) -> bool:
        """The first one of a transaction goes with its beginning."""
        return self._is_to_a_server and (
            len(sent) > 1 or self._driver.pgconn.transaction_status == TransactionStatus.IDLE)

    def _together(self, sent: Sequence[tuple[Any, Statement]]) -> list[Any]:
        with self._driver.pipeline():
            for cursor, each in sent:
                cursor.execute(each.words, each.values)
        return [each.read(cursor) for cursor, each in sent]


def send_what_waits(connection: Connection) -> None:
    """Have the ready statements made first that wait for another one to go with."""
    known = _ways.get(connection)
    if known and (way := known()) and way.is_open:
        way.send()
