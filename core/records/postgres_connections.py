"""Connections to PostgreSQL: the pool that districts share, and whose schema each connection looks at."""

from __future__ import annotations

from typing import Any

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

from .store import in_time, settle

log = structlog.get_logger(__name__)

STATEMENT_CACHE_SIZE = 500


class DistrictConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A pooled connection that remembers whose schema it looks at."""

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


async def _read_only(connection: asyncpg.Connection) -> None:
    await connection.execute("SET default_transaction_read_only = on")


async def _keep(_: asyncpg.Connection) -> None:
    """Nothing to reset: asyncpg's own reset would cost a round trip after every statement."""


async def open_pool(dsn: str, *, size: int = 10, **connect: Any) -> asyncpg.Pool:
    """The pool that the districts of one database share.

    Its sessions only read: a unit of work says READ WRITE when it begins. Nothing is reset between borrowers, so
    settings and locks are to be those of a transaction, never of the session.
    """
    return await asyncpg.create_pool(
        dsn.replace("postgres://", "postgresql://", 1),
        min_size=1,
        max_size=size,
        connection_class=DistrictConnection,
        init=_read_only,
        reset=_keep,
        **{"statement_cache_size": STATEMENT_CACHE_SIZE, **connect},
    )


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
    """Borrow a connection that looks at a schema; raises StoreBusyError after `patience` seconds."""
    connection = await in_time(pool.acquire(), patience, f"schema {schema}: a connection of the pool")
    try:
        await connection.look_at(schema)
    except BaseException:
        await settle(pool.release(connection))
        raise
    return connection
