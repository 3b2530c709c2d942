"""The migrator's own connection to a schema of PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext, TransactionContext

from ..poolers import refuse_unstated
from ..store import settle
from . import citus
from .errors import UnreadableNamespaceError
from .postgres_editor import PostgresEditor
from .session import ALIAS, BUSY_SECONDS, ROWS_AT_ONCE, Session, Waiting, wait_for
from .statements import POSTGRES, split

CONNECT_SECONDS = 5.0
KEYS = (
    "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS place, quote_ident(k.conname) AS name,"
    " pg_get_constraintdef(k.oid) AS definition FROM pg_catalog.pg_constraint k"
    " JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE k.contype = 'f' AND n.nspname = ? ORDER BY 1, 2"
)


class PostgresMigrationClient(TransactionWrapper):
    """Tortoise's client on the migrator's connection, always inside the migration's transaction."""

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(PostgresMigrationClient(self))

    async def execute_script(self, query: str) -> None:
        """Run a script statement by statement, since Citus takes no two in one message."""
        for statement in split(query, POSTGRES):
            await super().execute_script(statement)


class PostgresSession(Session):
    """A connection whose search_path is one schema."""

    driver_errors = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
    instant_type = "TIMESTAMPTZ"

    def __init__(self, connection: Any, schema: str) -> None:
        parent = AsyncpgDBClient(connection_name=ALIAS)
        parent._connection = connection
        self.client: PostgresMigrationClient = PostgresMigrationClient(parent)
        self._connection = connection
        self._schema = schema

    def editor(self) -> PostgresEditor:
        return PostgresEditor(self.client)

    async def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        for number in range(1, len(values) + 1):
            sql = sql.replace("?", f"${number}", 1)
        return [dict(row) for row in await self._connection.fetch(sql, *values)]

    def instant(self, instant: datetime) -> datetime:
        return instant

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        async with self._connection.transaction():
            await self._connection.execute(f"SET LOCAL search_path TO {quoted(self._schema)}")
            yield

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            await self._connection.execute(f"SET LOCAL search_path TO {quoted(self._schema)}")
            yield

    async def tables(self) -> list[str]:
        rows = await self.query(
            "SELECT c.relname::text AS name FROM pg_catalog.pg_class c"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1",
            self._schema,
        )
        return [row["name"] for row in rows]

    async def referring(self, tables: list[str]) -> list[str]:
        rows = await self.query(
            "SELECT DISTINCT f.relname::text AS name FROM pg_catalog.pg_constraint k"
            " JOIN pg_catalog.pg_class f ON f.oid = k.conrelid"
            " JOIN pg_catalog.pg_class t ON t.oid = k.confrelid"
            " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
            " WHERE k.contype = 'f' AND n.nspname = ? AND t.relname = ANY(?::text[])"
            " AND NOT f.relname = ANY(?::text[]) ORDER BY 1",
            self._schema,
            tables,
            tables,
        )
        return [row["name"] for row in rows]

    async def stored(self, tables: list[str]) -> list[str]:
        rows = await self.query(
            "SELECT relname::text AS name FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace(?)"
            " AND relname = ANY(?::text[]) AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1",
            quoted(self._schema),
            tables,
        )
        return [row["name"] for row in rows]

    async def lock(self, tables: list[str]) -> None:
        if names := ", ".join(map(quoted, await self.stored(tables))):
            await self._connection.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")

    async def rows(self, table: str, order: str | None) -> AsyncIterator[dict[str, Any]]:
        ordered = f" ORDER BY {quoted(order)}" if order else ""
        statement = f"SELECT * FROM {quoted(table)}{ordered}"  # noqa: S608  names of ours
        async for row in self._connection.cursor(statement, prefetch=ROWS_AT_ONCE):
            yield dict(row)

    async def load(self, table: str, columns: Sequence[str], rows: AsyncIterator[tuple[Any, ...]]) -> None:
        await self._connection.copy_records_to_table(
            table, records=rows, columns=list(columns), schema_name=self._schema
        )

    @asynccontextmanager
    async def unkeyed(self) -> AsyncIterator[None]:
        keys = await self.query(KEYS, self._schema)
        for key in keys:
            await self._connection.execute(f"ALTER TABLE {key['place']} DROP CONSTRAINT {key['name']}")
        yield
        for key in keys:
            await self._connection.execute(
                f"ALTER TABLE {key['place']} ADD CONSTRAINT {key['name']} {key['definition']}"
            )

    async def drop(self, tables: list[str]) -> None:
        rows = await self.query(
            "SELECT relname::text AS name, relkind::text AS kind FROM pg_catalog.pg_class"
            " WHERE relnamespace = to_regnamespace(?) AND relname = ANY(?::text[])",
            quoted(self._schema),
            tables,
        )
        # one statement per kind, so that what points at each other goes together without CASCADE
        for noun, kinds in {"MATERIALIZED VIEW": "m", "VIEW": "v", "FOREIGN TABLE": "f", "TABLE": "rp"}.items():
            names = [quoted(row["name"]) for row in rows if row["kind"] in kinds]
            if names:
                await self._connection.execute(f"DROP {noun} {', '.join(sorted(names))}")


@asynccontextmanager
async def reading(
    connection: str | Mapping[str, Any], schema: str, *, pooled: bool = False
) -> AsyncIterator[PostgresSession | None]:
    """Open a schema that exists, or yield None; UnreadableNamespaceError when the server does not answer."""
    async with _connected(connection, schema, pooled=pooled) as session:
        found = await session.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?", schema)
        yield session if found else None


@asynccontextmanager
async def migrating(
    connection: str | Mapping[str, Any], schema: str, *, patience: float, waiting: Waiting | None, pooled: bool = False
) -> AsyncIterator[PostgresSession]:
    """Take the schema's advisory lock, then make the schema where missing; the lock ends with the connection."""
    async with _connected(connection, schema, pooled=pooled) as session:
        await wait_for(partial(_locked, session, schema), f"schema {schema}", patience=patience, waiting=waiting)
        await session.query(f"SET lock_timeout = '{BUSY_SECONDS:.0f}s'")
        if not await session.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?", schema):
            await _make(session, schema)
        yield session


async def _make(session: PostgresSession, schema: str) -> None:
    first = await citus.before_schema(session.query)
    async with session.transaction():
        for statement in (*first, f"CREATE SCHEMA {quoted(schema)}"):
            await session.query(statement)


def quoted(name: str) -> str:
    """A name as PostgreSQL reads it literally."""
    return '"' + name.replace('"', '""') + '"'


@asynccontextmanager
async def _connected(
    connection: str | Mapping[str, Any], schema: str, *, pooled: bool
) -> AsyncIterator[PostgresSession]:
    opened = await _opened(connection, schema)
    try:
        if not pooled:
            await refuse_unstated(opened)
        await opened.execute(f"SET search_path TO {quoted(schema)}")
        yield PostgresSession(opened, schema)
    finally:
        await settle(opened.close(timeout=BUSY_SECONDS))


async def _opened(connection: str | Mapping[str, Any], schema: str) -> asyncpg.Connection:
    given = {"dsn": connection} if isinstance(connection, str) else dict(connection)
    try:
        # a statement prepared before a DDL of the same transaction would fail after it
        return await asyncpg.connect(**{"timeout": CONNECT_SECONDS, **given, "statement_cache_size": 0})
    except TimeoutError as error:
        raise UnreadableNamespaceError(f"schema {schema}: no answer within {CONNECT_SECONDS:g} seconds") from error
    except (*PostgresSession.driver_errors, UnicodeError) as error:  # the latter for names that no host can have
        raise UnreadableNamespaceError(f"schema {schema}: {error or type(error).__name__}") from error


async def _locked(session: PostgresSession, schema: str) -> bool:
    key = int.from_bytes(sha256(f"linli migrations {schema}".encode()).digest()[:8], "big", signed=True)
    [row] = await session.query("SELECT pg_try_advisory_lock(?) AS held", key)
    return bool(row["held"])
