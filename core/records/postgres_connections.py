"""Connections to PostgreSQL: the pool that districts share, and whose schema each connection looks at."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal
from urllib.parse import urlsplit

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

from .poolers import refuse_unstated
from .store import PoolUsage, in_time, settle

log = structlog.get_logger(__name__)

STATEMENT_CACHE_SIZE = 500
CONNECT_SECONDS = 5.0

Pooler = Literal["session", "transaction"]
"""In which mode a pooler lends its sessions: for as long as a client stays, or for one transaction."""


_waiting: Counter[asyncpg.Pool] = Counter()
"""How many wait for a connection, by pool; asyncpg does not tell."""


class DistrictConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection of the pool that remembers whose schema it looks at."""

    __slots__ = ("_schema",)

    async def look_at(self, schema: str) -> None:
        """Point search_path at a district's schema; costs a round trip only when the district changes.

        `public` stays behind it for the operators of extensions, which have no schema in statements. Never sent
        together with BEGIN: a rollback would bring back the path of the district before.
        """
        if getattr(self, "_schema", None) != schema:
            self._schema = None
            await self.execute(f'SET search_path TO "{schema}", public')
            self._schema = schema

    async def look_away(self) -> None:
        """Nothing to do: who looks next says where."""

    async def begin(self, schema: str) -> None:
        """Begin a transaction that writes in a district's schema."""
        await self.look_at(schema)
        await self.execute("BEGIN READ WRITE")


class BorrowedConnection(DistrictConnection):
    """A connection of the pool behind a pooler in transaction mode: another session answers each transaction.

    What a session is told would count for whoever gets it next, another district among them. So each reading is a
    transaction too, and nothing outlives it.
    """

    __slots__ = ()

    async def look_at(self, schema: str) -> None:
        """Begin a transaction that reads in a district's schema."""
        await self.execute(f'BEGIN READ ONLY; SET LOCAL search_path TO "{schema}", public')

    async def look_away(self) -> None:
        """End what `look_at` began."""
        await settle(roll_back(self))

    async def begin(self, schema: str) -> None:
        """Begin a transaction that writes in a district's schema."""
        await self.execute(f'BEGIN READ WRITE; SET LOCAL search_path TO "{schema}", public')


async def _read_only(connection: asyncpg.Connection) -> None:
    await connection.execute("SET default_transaction_read_only = on")


async def _keep(_: asyncpg.Connection) -> None:
    """Nothing to reset: asyncpg's own reset would cost a round trip after every statement."""


async def open_pool(dsn: str, *, size: int = 10, pooler: Pooler | None = None, **connect: Any) -> asyncpg.Pool:
    """The pool that the districts of one database share.

    Its sessions only read: a unit of work says READ WRITE when it begins. Nothing is reset between borrowers, so
    settings and locks are to be those of a transaction, never of the session. `pooler` is the mode of the one that
    the DSN leads to; PoolerUnstatedError where it leads to one and none is stated.
    """
    pool = await asyncpg.create_pool(
        dsn.replace("postgres://", "postgresql://", 1),
        min_size=1,
        max_size=size,
        reset=_keep,
        **{"timeout": CONNECT_SECONDS, **_settings(pooler), **connect},
    )
    if pooler is None:
        try:
            async with pool.acquire() as connection:
                await refuse_unstated(connection)
        except BaseException:
            await settle(pool.close())
            raise
    return pool


def _settings(pooler: Pooler | None) -> dict[str, Any]:
    if pooler == "transaction":  # what one session has prepared the next one does not know
        return {"connection_class": BorrowedConnection, "statement_cache_size": 0}
    return {
        "connection_class": DistrictConnection,
        "init": _read_only,
        "statement_cache_size": STATEMENT_CACHE_SIZE,
    }


def is_lost(connection: PoolConnectionProxy) -> bool:
    """Whether a borrowed connection broke meanwhile."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # asyncpg takes a connection back by itself when it breaks
        return True


async def roll_back(connection: PoolConnectionProxy) -> None:
    """Undo; where that fails the connection is closed, and the server undoes what was begun on it."""
    try:
        if not is_lost(connection):
            await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        log.warning("rollback_failed", exc_info=error)
        if not is_lost(connection):
            connection.terminate()


async def acquire(pool: asyncpg.Pool, schema: str, patience: float) -> PoolConnectionProxy:
    """Borrow a connection for a district; raises StoreBusyError after `patience` seconds."""
    _waiting[pool] += 1
    try:
        return await in_time(pool.acquire(), patience, f"schema {schema}: a connection of the pool")
    finally:
        _waiting[pool] -= 1
        if not _waiting[pool]:
            del _waiting[pool]


def usage(pool: asyncpg.Pool) -> PoolUsage:
    """How busy a pool is; it is called as its database."""
    opened = pool.get_size()
    name = urlsplit(str(pool._connect_args[0])).path.strip("/") or "postgres"
    return PoolUsage(name, opened, opened - pool.get_idle_size(), _waiting[pool])


async def acquire_to_read(pool: asyncpg.Pool, schema: str, patience: float) -> PoolConnectionProxy:
    """Like `acquire`; the connection looks at the district's schema, until it `look_away`s."""
    connection = await acquire(pool, schema, patience)
    try:
        await connection.look_at(schema)
    except BaseException:
        await settle(give_back(pool, connection))
        raise
    return connection


async def give_back(pool: asyncpg.Pool, connection: PoolConnectionProxy) -> None:
    """Return a connection that was borrowed to read."""
    try:
        if not is_lost(connection):
            await connection.look_away()
    finally:
        await pool.release(connection)
