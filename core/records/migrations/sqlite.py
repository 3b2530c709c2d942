"""The migrator's own connection to a SQLite file.

`foreign_keys` is off, since remaking a table drops it and would otherwise delete the rows that point at it; every
key is checked before each commit instead (sqlite.org, "Making Other Kinds Of Table Schema Changes").
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiosqlite
from tortoise.backends.base.client import NestedTransactionContext, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

from ...errors import text
from ..store import settle
from .errors import MigrationRefusedError, UnreadableNamespaceError
from .session import ALIAS, BUSY_SECONDS, ROWS_AT_ONCE, Session, Waiting, wait_for
from .sqlite_editor import SqliteEditor
from .statements import SQLITE, split

_WRITING = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = OFF", "secure_delete = ON")


class SqliteMigrationClient(SqliteTransactionWrapper):
    """Tortoise's client on the migrator's connection, always inside the migration's transaction."""

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(SqliteMigrationClient(self))

    async def execute_script(self, query: str) -> None:
        """Run a script statement by statement, since SQLite's own way commits first."""
        for statement in split(query, SQLITE):
            await self.execute_query(statement)


class SqliteSession(Session):
    """A connection to one file."""

    driver_errors = (sqlite3.Error,)
    instant_type = "TIMESTAMP"

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        parent = SqliteClient(str(path), connection_name=ALIAS)
        parent._connection = connection
        self.client: SqliteMigrationClient = SqliteMigrationClient(parent)
        self._connection = connection

    def editor(self) -> SqliteEditor:
        return SqliteEditor(self.client)

    async def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._connection.execute_fetchall(sql, values)]

    def instant(self, instant: datetime) -> str:
        return instant.isoformat(sep=" ", timespec="microseconds")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        try:
            await settle(self.query("BEGIN IMMEDIATE"))
            yield
            await self._check_keys()
            await settle(self.query("COMMIT"))
        except BaseException:
            if self._connection.in_transaction:
                await settle(self.query("ROLLBACK"))
            raise

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        await settle(self.query("BEGIN"))
        try:
            await self.query("SELECT count(*) FROM sqlite_master")  # what is read first fixes the moment
            yield
        finally:
            await settle(self.query("ROLLBACK"))

    async def tables(self) -> list[str]:
        rows = await self.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
        return [row["name"] for row in rows]

    async def referring(self, tables: list[str]) -> list[str]:
        rows = await self.query(
            'SELECT m.name, k."table" AS target FROM sqlite_master m'
            " JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table'"
        )
        return sorted({row["name"] for row in rows if row["target"] in tables and row["name"] not in tables})

    async def stored(self, tables: list[str]) -> list[str]:
        rows = await self.query("SELECT name FROM pragma_table_list WHERE type IN ('table', 'virtual')")
        return sorted(row["name"] for row in rows if row["name"] in tables)

    async def lock(self, tables: list[str]) -> None:
        """The transaction holds the right to write already."""

    async def rows(self, table: str, order: str | None) -> AsyncIterator[dict[str, Any]]:
        ordered = f' ORDER BY "{order}"' if order else ""
        async with self._connection.execute(f'SELECT * FROM "{table}"{ordered}') as cursor:  # noqa: S608
            while batch := list(await cursor.fetchmany(ROWS_AT_ONCE)):
                for row in batch:
                    yield dict(row)

    async def load(self, table: str, columns: Sequence[str], rows: AsyncIterator[tuple[Any, ...]]) -> None:
        names, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        statement = f'INSERT INTO "{table}" ({names}) VALUES ({places})'  # noqa: S608  names of ours
        batch: list[tuple[Any, ...]] = []
        async for row in rows:
            batch.append(row)
            if len(batch) == ROWS_AT_ONCE:
                await self._connection.executemany(statement, batch)
                batch = []
        await self._connection.executemany(statement, batch)

    @asynccontextmanager
    async def unkeyed(self) -> AsyncIterator[None]:
        yield  # the migrator's connection checks them before each commit, and not before

    async def drop(self, tables: list[str]) -> None:
        # a virtual table takes its shadow tables with it, and a view stands in the way of nothing once gone
        for condition in ("type = 'view'", "sql LIKE 'CREATE VIRTUAL%'", "type = 'table'"):
            rows = await self.query(f"SELECT name, type FROM sqlite_master WHERE {condition}")  # noqa: S608
            for row in rows:
                if row["name"] in tables:
                    await self.query(f'DROP {row["type"]} "{row["name"]}"')

    async def _check_keys(self) -> None:
        broken = await self.query("PRAGMA foreign_key_check")
        if broken:
            found = ", ".join(sorted({f"{row['table']} -> {row['parent']}" for row in broken}))
            raise MigrationRefusedError(text("The migration leaves broken foreign keys: {keys}", keys=found))


@asynccontextmanager
async def reading(path: Path) -> AsyncIterator[SqliteSession | None]:
    """Open a file that exists, or yield None; UnreadableNamespaceError when it cannot be read."""
    if not _exists(path):
        yield None
        return
    # read-write, for a reader of a file in WAL mode leaves its side files behind
    async with _opened(path, "rw", "query_only = ON") as session:
        yield session


@asynccontextmanager
async def migrating(path: Path, *, patience: float, waiting: Waiting | None) -> AsyncIterator[SqliteSession]:
    """Take the lock file beside the database, then open the database, making both where missing."""
    lock = _lock_file(path)
    try:
        await wait_for(lambda: _locked(lock), str(path), patience=patience, waiting=waiting)
        async with _opened(path, "rwc", *_WRITING) as session:
            yield session
            # what was encrypted or dropped is not to stay readable in the log beside the file
            await session.query("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        os.close(lock)


@asynccontextmanager
async def _opened(path: Path, mode: str, *pragmas: str) -> AsyncIterator[SqliteSession]:
    connection = aiosqlite.connect(_uri(path, mode), uri=True, isolation_level=None, timeout=BUSY_SECONDS)
    try:
        await connection
    except sqlite3.Error as error:
        await asyncio.to_thread(connection._thread.join)  # else it ends after the loop, and complains
        raise UnreadableNamespaceError(f"{path}: {error}") from error
    try:
        connection.row_factory = sqlite3.Row
        session = SqliteSession(connection, path)
        try:
            for pragma in pragmas:
                await session.query(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise UnreadableNamespaceError(f"{path}: {error}") from error
        yield session
    finally:
        await settle(connection.close())


def _exists(path: Path) -> bool:
    return path.exists()


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _lock_file(path: Path) -> int:
    """Open the lock file beside the database; it stays, since removing one that another waits for would free two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path.with_name(f"{path.name}.migrating"), os.O_CREAT | os.O_RDWR, 0o600)


async def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
