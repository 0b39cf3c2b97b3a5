"""Statements to PostgreSQL in one breath: one write, and then all their answers.

The driver's own pipeline hands each statement to the network as it comes, which wakes the server for each; half of what
a closing cost its process went there. So this speaks to the storey below (`psycopg.pq`). What makes values of bytes,
waits for the network and names errors is still the driver's.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, NamedTuple, TypeVar

from psycopg import Error, abc, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

PREPARED_MAX = 256                                  # statements of one connection: the server keeps a plan for each
THERE = "SELECT name FROM pg_prepared_statements WHERE name LIKE 'incident%'"
USELESS = (FeatureNotSupported, InvalidSqlStatementName)
FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)
Key = tuple[str, tuple[int, ...]]                   # the words of a statement, and of which types its values are
Statements = Sequence[tuple[str, Sequence[Any]]]    # each in its words, with its values
Exchanged = TypeVar("Exchanged")
Packed = Sequence[tuple[Key, Sequence[Any], Sequence[Any] | None]]      # as the wire takes them, with the formats


class Found:
    """What came back to one statement, told as a cursor tells it."""

    def __init__(self, result: PGresult, transformer: abc.Transformer) -> None:
        self._result, self._transformer = result, transformer

    @property
    def rowcount(self) -> int:
        """How many rows it changed, or gave back."""
        return self._result.command_tuples or 0

    @property
    def description(self) -> list[tuple[str, int]]:
        """Name and type (an OID) of each column."""
        return [((self._result.fname(place) or b"").decode(), self._result.ftype(place))
                for place in range(self._result.nfields)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All its rows."""
        self._transformer.set_pgresult(self._result)
        return self._transformer.load_rows(0, self._result.ntuples, tuple)


class _Command(NamedTuple):
    """One that was put on its way: the statement that it prepares, or whether it is one that somebody asked for."""

    prepares: Key | None = None
    is_asked: bool = False


ASKED, NOT_ASKED = _Command(is_asked=True), _Command()


class Pipeline:
    """One connection of the driver, for all its transactions, and what was prepared in it."""

    def __init__(self, driver: Any) -> None:
        self._driver, self._wire, self._encoding = driver, driver.pgconn, driver.info.encoding
        self._transformer = Transformer(driver)
        self._prepared: OrderedDict[Key, bytes] = OrderedDict()
        self._numbers = count()
        self._is_sure = True
        self._under_way: list[_Command] = []

    @property
    def has_failed(self) -> bool:
        """Whether the server would only roll back what is open."""
        return bool(self._wire.transaction_status == TransactionStatus.INERROR)

    def begin(self, statements: Statements) -> None:
        """Send statements, with their values by position ($1 …), and do not wait: the server makes them meanwhile. The
        connection takes nothing else until `send` or `abandon` has ended that."""
        packed = self._packed(statements)
        self._exchange(packed, lambda: self._driver.wait(generators.send(self._wire)))

    def send(self, statements: Statements, *, commits: bool = False) -> list[Found]:
        """Send statements, and the commit itself if that is asked for; what came back to those that were begun before,
        and to these. A transaction begins where none is open. After a statement that fails the server makes none of
        the others, nor the commit.

        Raises psycopg.Error: that of the first one that failed. Whatever else interrupts it ends the connection.
        """
        results = self._exchange(self._packed(statements), partial(self._end, commits=commits))
        sent, self._under_way = self._under_way, []
        failed = [result for result in results if result.status in FAILED]
        if failed:
            error = error_from_result(failed[0], self._encoding)
            self._forget(sent, results, error)
            raise error
        return [Found(result, self._transformer) for each, result in zip(sent, results, strict=True) if each.is_asked]

    def abandon(self) -> None:
        """Wait for what was begun: nobody wants to know what came of it."""
        if self._under_way and not self._driver.closed:
            with suppress(Error):
                self.send(())

    def doubt(self) -> None:
        """Look what is prepared before anything else is sent: where it rolls back, the driver lets go of everything
        that was prepared, whoever did it, if only it had prepared something itself."""
        self._is_sure = False

    def leave_in_order(self) -> None:
        """Wait for what was begun, and doubt what is prepared where a transaction is still open."""
        self.abandon()
        if self._wire.transaction_status != TransactionStatus.IDLE:
            self.doubt()

    def _exchange(self, packed: Packed, wait: Callable[[], Exchanged]) -> Exchanged:
        with self._driver.lock:
            try:
                self._put(packed)
                return wait()
            except BaseException:
                self._driver.close()                # nobody knows what of it the server has got
                raise

    def _end(self, *, commits: bool) -> list[PGresult]:
        """Have all that was put answered, and the commit too if that is asked for."""
        if commits:
            self._command(b"COMMIT")
        self._wire.pipeline_sync()
        results = self._driver.wait(_answers(self._wire, len(self._under_way)))
        self._wire.exit_pipeline_mode()
        return results

    def _packed(self, statements: Statements) -> Packed:
        """What is to be put: nothing is, where one of them cannot be told to the server."""
        if not self._is_sure and not self._under_way:
            self._look_what_is_prepared()
        packed = []
        for words, values in statements:
            told = self._transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
            packed.append(((words, self._transformer.types or ()), told, self._transformer.formats))
        return packed

    def _put(self, statements: Packed) -> None:
        if not self._under_way:
            self._wire.enter_pipeline_mode()
            if self._wire.transaction_status == TransactionStatus.IDLE and not self._driver.autocommit:
                self._command(_begin(self._driver))
        for key, values, formats in statements:
            if key in self._prepared:
                self._prepared.move_to_end(key)
            else:
                self._prepare(key)
            self._wire.send_query_prepared(self._prepared[key], values, param_formats=formats)
            self._under_way.append(ASKED)

    def _look_what_is_prepared(self) -> None:
        """By a question that the driver does not prepare: else it would have something to let go of."""
        there = {name.encode() for name, in self._driver.execute(THERE, prepare=False)}
        self._prepared = OrderedDict((key, name) for key, name in self._prepared.items() if name in there)
        self._is_sure = True

    def _prepare(self, key: Key) -> None:
        if len(self._prepared) >= PREPARED_MAX:
            self._command(b"DEALLOCATE " + self._prepared.popitem(last=False)[1])
        self._prepared[key] = b"incident_%d" % next(self._numbers)
        self._wire.send_prepare(self._prepared[key], key[0].encode(self._encoding), param_types=key[1])
        self._under_way.append(_Command(prepares=key))

    def _command(self, words: bytes) -> None:
        self._wire.send_query_params(words, None)
        self._under_way.append(NOT_ASKED)

    def _forget(self, sent: Sequence[_Command], results: Sequence[PGresult], error: Error) -> None:
        """What stood behind one that failed was not prepared either; and where the server cannot make what it prepared,
        as after a column has changed its type, all of it is prepared anew."""
        for each, result in zip(sent, results, strict=True):
            if each.prepares and result.status in FAILED:
                self._prepared.pop(each.prepares, None)
        if isinstance(error, USELESS):
            self._prepared.clear()


def _answers(wire: Any, commands: int) -> abc.PQGen[list[PGresult]]:
    """Send what was put, and fetch the answer to each command; a generator as the driver's waiting wants it."""
    yield from generators.send(wire)
    results = []
    for _ in range(commands):
        results += yield from generators.fetch_many(wire)
    yield from generators.fetch_many(wire)          # the end of the pipeline
    return results


def _begin(driver: Any) -> bytes:
    """How the driver itself would begin."""
    words = ["BEGIN"]
    if driver.isolation_level is not None:
        words.append(f"ISOLATION LEVEL {driver.isolation_level.name.replace('_', ' ')}")
    if driver.read_only is not None:
        words.append("READ ONLY" if driver.read_only else "READ WRITE")
    if driver.deferrable is not None:
        words.append("DEFERRABLE" if driver.deferrable else "NOT DEFERRABLE")
    return " ".join(words).encode()
