"""The embedded store: one SQLite file per district, one writer, readers beside it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import aiosqlite
from tortoise.backends.base.client import TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper, translate_exceptions

from . import tally
from .sqlite_connections import Readers, connect, quieten, says
from .store import (
    PATIENCE_SECONDS,
    Dialect,
    NoDistrict,
    PoolUsage,
    StoreBusyError,
    StoreClosedError,
    WriteOutsideUnitOfWorkError,
    check_reader,
    driver_error,
    in_time,
    settle,
    waiters,
)
from .together import Change
from .transaction import UnitClient, UnitState, UnitTransaction
from .watching import NUMBER, glanced

if TYPE_CHECKING:
    from ..crypto.keyring import Keyring

__all__ = ["BUSY_TIMEOUT_SECONDS", "READERS", "SqliteReader", "SqliteStore", "SqliteTransaction", "connect"]

BUSY_TIMEOUT_SECONDS = PATIENCE_SECONDS
READERS = 4

_STAMP = NUMBER.format(place="")


class NoDistrictSqlite(SqliteClient):
    """Stands where no district is entered: knows the dialect, refuses everything."""

    def acquire_connection(self) -> NoReturn:
        raise NoDistrict("no district is entered here: use `with district.scope():`")

    def _in_transaction(self) -> NoReturn:
        self.acquire_connection()


client_class = NoDistrictSqlite


class _Borrowed:
    """Lends a reader for one statement."""

    __slots__ = ("_began", "_client", "_connection")

    def __init__(self, client: SqliteReader) -> None:
        self._client = client

    async def __aenter__(self) -> aiosqlite.Connection:
        self._began = tally.begin()
        self._connection = await self._client.readers.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.readers.give_back(self._connection, error)
        tally.count(self._began)
        if says(error, sqlite3.SQLITE_READONLY):
            raise WriteOutsideUnitOfWorkError("write inside `async with unit_of_work():`") from error


class SqliteReader(SqliteClient):
    """Answers queries outside units of work, on several connections at once; refuses to write."""

    def __init__(self, path: Path, *, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        super().__init__(str(path), connection_name="default")
        self.readers = Readers(path, busy_timeout)

    async def open(self, readers: int) -> None:
        await self.readers.open(readers)

    async def close(self) -> None:
        await self.readers.close()

    def acquire_connection(self) -> _Borrowed:  # type: ignore[override]  # the same protocol, other connections
        check_reader(self)
        return _Borrowed(self)

    @translate_exceptions
    async def fetch_value(self, statement: str, values: Sequence[Any]) -> Any:
        """The first value of a statement's first row."""
        async with self.acquire_connection() as connection:
            (row,) = await connection.execute_fetchall(statement, values)
            return row[0]

    def _in_transaction(self) -> TransactionContext:
        raise WriteOutsideUnitOfWorkError("write inside `async with unit_of_work():`")

    async def execute_script(self, query: str) -> NoReturn:
        self._in_transaction()
        raise AssertionError


class SqliteTransactionClient(UnitClient, SqliteTransactionWrapper):  # type: ignore[misc]  # lends the same way
    """The model queries of one unit of work; poisoned when it ends."""

    def is_open(self) -> bool:
        return self._connection.in_transaction

    @translate_exceptions
    async def execute_together(self, changes: Sequence[Change]) -> None:
        """Make changes one after the other while the connection's thread has the word once."""
        for text, _ in changes:
            self.note(text)
        async with self.acquire_connection() as connection:
            await connection._execute(_make, connection._conn, changes)


def _make(connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
    for text, rows in changes:
        connection.executemany(text, rows)


class SqliteTransaction(UnitTransaction):
    """A transaction on the writer's connection, which it holds until it ends."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.client = SqliteTransactionClient(store.writer_client, UnitState())

    async def _send_commit(self) -> None:
        await self._send("COMMIT")

    async def _undo(self) -> None:
        await quieten(self._store.writer)
        if self._store.writer.in_transaction:  # SQLite undoes by itself when the disk is full, or interrupted
            await self._send("ROLLBACK")

    async def _give_back(self) -> None:
        self._store.lock.release()

    @translate_exceptions
    async def _send(self, statement: str) -> None:
        await self._store.writer.execute_fetchall(statement)


class SqliteStore:
    """One district's file. `busy_timeout` is how long anybody waits for anything, in seconds.

    `key` is the district's; without one the file is named after it.
    """

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path, *, key: str | None = None, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        self.path = path
        self.place = path.stem
        self.key = key or self.place
        self.keyring: Keyring | None = None
        self.reader = SqliteReader(path, busy_timeout=busy_timeout)
        self.writer_client = SqliteClient(str(path), connection_name="default")
        self.lock = asyncio.Lock()
        self._busy_timeout = busy_timeout
        self._open = False
        self._glance: sqlite3.Connection | None = None

    @property
    def writer(self) -> aiosqlite.Connection:
        connection = self.writer_client._connection
        if connection is None:
            raise StoreClosedError(f"{self.path}: the store is not open")
        return connection

    async def open(self, *, readers: int = READERS) -> SqliteStore:
        """Open the writer and the readers; the file's folder is made when it is missing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.writer_client._connection = await connect(self.path, busy_timeout=self._busy_timeout)
        try:
            await self.reader.open(readers)
        except BaseException:
            await settle(self.writer_client.close())
            raise
        self._glance = sqlite3.connect(self.path, isolation_level=None, timeout=0, check_same_thread=False)
        self._open = True
        return self

    async def stamp(self) -> int:
        """How often who may do what was changed; read in this thread, since it takes ten microseconds."""
        if self._glance is None:
            raise StoreClosedError(f"{self.path}: the store is not open")
        try:
            return glanced(self._glance.execute(_STAMP).fetchall())
        except sqlite3.OperationalError as error:
            if not says(error, sqlite3.SQLITE_BUSY):
                raise
        return await self._stamp_in_time()

    async def _stamp_in_time(self) -> int:
        """The same where somebody holds the file, as while its log is put in order: then a reader waits for it."""
        connection, failure = await self.reader.readers.take(), None
        try:
            return glanced(list(await connection.execute_fetchall(_STAMP)))
        except BaseException as error:
            failure = error
            raise
        finally:
            await self.reader.readers.give_back(connection, failure)

    async def begin(self) -> SqliteTransaction:
        """Begin IMMEDIATE: the right to write is taken at once, so a unit that reads first cannot lose it later.

        Raises StoreBusyError when a unit of this process, or another process, keeps it longer than the busy timeout.
        """
        await in_time(self.lock.acquire(), self._busy_timeout, f"{self.path}: the right to write")
        try:
            await settle(self._begin())
        except BaseException:
            await settle(self._abandon())
            raise
        return SqliteTransaction(self)

    async def _begin(self) -> None:
        if not self._open:
            raise StoreClosedError(f"{self.path}: the store is not open")
        try:
            await self.writer.execute_fetchall("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if says(error, sqlite3.SQLITE_BUSY):
                raise StoreBusyError(f"{self.path}: another process kept the right to write") from error
            raise

    async def _abandon(self) -> None:
        try:
            if self.writer_client._connection is not None and self.writer.in_transaction:
                await self.writer.rollback()
        finally:
            self.lock.release()

    @property
    def usage(self) -> PoolUsage:
        """The connections that read, and the one that writes."""
        writing = self.lock.locked()
        read = self.reader.readers.usage
        return PoolUsage(self.key, read.open + 1, read.in_use + writing, read.waiting + waiters(self.lock))

    def is_transient(self, error: BaseException) -> bool:
        cause = driver_error(error)
        return isinstance(cause, StoreBusyError) or says(cause, sqlite3.SQLITE_BUSY)

    async def close(self) -> None:
        """Close what is open; a unit of work under way is waited for up to the busy timeout, later ones are refused."""
        self._open = False
        if self._glance is not None:
            self._glance.close()
            self._glance = None
        await self.reader.close()
        await in_time(self.lock.acquire(), self._busy_timeout, f"{self.path}: the right to write")
        try:
            await settle(self.writer_client.close())
        finally:
            self.lock.release()
