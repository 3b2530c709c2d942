"""Connections to a district's SQLite file: their pragmas, and the readers that stand ready."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from pathlib import Path

import aiosqlite

from .. import clock
from .sqlite_functions import add_functions
from .store import PATIENCE_SECONDS, PoolUsage, StoreBusyError, StoreClosedError, settle

GRACE_SECONDS = 0.02
PAUSE_SECONDS = 0.01


def says(error: BaseException | None, code: int) -> bool:
    """Whether SQLite answered with a result code or one of its extended codes."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF == code


async def connect(
    path: Path, *, busy_timeout: float = PATIENCE_SECONDS, readonly: bool = False
) -> aiosqlite.Connection:
    """Open one connection with Linli's pragmas; `busy_timeout` in seconds.

    Readers are `query_only` rather than opened read-only: in WAL mode a read-only file cannot make its index. LIKE
    minds case as it does on PostgreSQL. Raises RuntimeError where the file system cannot do WAL.
    """
    opening = aiosqlite.connect(path, isolation_level=None)
    opening._thread.daemon = True  # a program that forgets to close must still be able to exit
    try:
        connection = await opening
    except BaseException:
        # aiosqlite lets its thread go without waiting; it would find the loop closed and say so on stderr
        await settle(asyncio.to_thread(opening._thread.join))
        raise
    connection.row_factory = sqlite3.Row
    try:
        await _prepare(connection, path, busy_timeout, readonly)
    except BaseException:
        await settle(connection.close())
        raise
    return connection


async def _prepare(connection: aiosqlite.Connection, path: Path, busy_timeout: float, readonly: bool) -> None:
    await connection.execute_fetchall(f"PRAGMA busy_timeout={int(busy_timeout * 1000)}")
    mode = await _journal_mode(connection, clock.monotonic() + busy_timeout)
    if mode != "wal":
        raise RuntimeError(f"{path}: SQLite answers journal_mode={mode} instead of wal; keep the file on a local disk")
    for pragma in (
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what was replaced or erased does not stay in free pages
        "case_sensitive_like=ON",
        f"query_only={'ON' if readonly else 'OFF'}",
    ):
        await connection.execute_fetchall(f"PRAGMA {pragma}")
    await add_functions(connection)


async def _journal_mode(connection: aiosqlite.Connection, deadline: float) -> str:
    """Switch to WAL; where another program does so too SQLite answers BUSY at once, whatever the busy timeout."""
    while True:
        try:
            [[mode]] = await connection.execute_fetchall("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not says(error, sqlite3.SQLITE_BUSY) or clock.monotonic() > deadline:
                raise
        else:
            return str(mode)
        await asyncio.sleep(PAUSE_SECONDS)


async def quieten(connection: aiosqlite.Connection) -> None:
    """Stop what a cancelled caller left running in the connection's thread, and return when the thread is idle."""
    idle = asyncio.ensure_future(connection.cursor())  # carried out after everything before it
    while not idle.done():
        await asyncio.wait([idle], timeout=GRACE_SECONDS)
        if not idle.done():
            await connection.interrupt()
    await idle


class Readers:
    """Connections that only read, each lent for one statement; who waits longest is served first."""

    def __init__(self, path: Path, busy_timeout: float) -> None:
        self._path, self._busy_timeout = path, busy_timeout
        self._idle: list[aiosqlite.Connection] = []
        self._waiting: deque[asyncio.Future[aiosqlite.Connection]] = deque()
        self._size = 0
        self._open = False

    async def open(self, size: int) -> None:
        """Open `size` connections; none stays open when one cannot be opened."""
        try:
            for _ in range(size):
                self._idle.append(await connect(self._path, busy_timeout=self._busy_timeout, readonly=True))
                self._size += 1
        except BaseException:
            await settle(self.close())
            raise
        self._open = True

    async def close(self) -> None:
        """Close every connection, those on loan when their statement is done; who waits for one is refused."""
        self._open = False
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(self._closed())
        while self._size:
            connection = self._idle.pop() if self._idle else await self._next()
            self._size -= 1
            await settle(connection.close())

    async def take(self) -> aiosqlite.Connection:
        """Borrow a connection; raises StoreBusyError when none is given back in time."""
        if not self._open:
            raise self._closed()
        return self._idle.pop() if self._idle else await self._next()

    async def give_back(self, connection: aiosqlite.Connection, error: BaseException | None) -> None:
        """Return a connection, idle and outside any transaction, whatever became of its statement."""
        try:
            if isinstance(error, asyncio.CancelledError):
                await settle(quieten(connection))
            if connection.in_transaction:
                await settle(connection.rollback())
        finally:
            self._hand_on(connection)

    @property
    def usage(self) -> PoolUsage:
        """How busy they are."""
        waiting = sum(not waiter.done() for waiter in self._waiting)
        return PoolUsage(self._path.stem, self._size, self._size - len(self._idle), waiting)

    async def _next(self) -> aiosqlite.Connection:
        waiter: asyncio.Future[aiosqlite.Connection] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        timer = waiter.get_loop().call_later(self._busy_timeout, self._give_up, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._hand_on(waiter.result())
            raise
        finally:
            timer.cancel()

    def _give_up(self, waiter: asyncio.Future[aiosqlite.Connection]) -> None:
        if not waiter.done():
            waited = f"within {self._busy_timeout:g} s"
            waiter.set_exception(StoreBusyError(f"{self._path}: a reading connection did not become free {waited}"))

    def _hand_on(self, connection: aiosqlite.Connection) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append(connection)

    def _closed(self) -> StoreClosedError:
        return StoreClosedError(f"{self._path}: the store is not open")
