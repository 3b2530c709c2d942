"""Where each district's data are, for serving and for migrating."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from ..config import Configuration
from ..records.migrations.namespaces import Namespace, PostgresNamespace, SqliteNamespace
from ..records.store import Dialect, Store


def schema_of(key: str) -> str:
    """The PostgreSQL schema of a district."""
    return f"d_{key}"


def dialect_of(configuration: Configuration) -> Dialect:
    """The engine of all districts: Tortoise fixes the dialect for the whole process."""
    return "sqlite" if configuration.database.url.startswith("sqlite:") else "postgres"


def namespace_of(configuration: Configuration, key: str) -> Namespace:
    """Where a district's tables are, for whoever migrates them: never behind a pooler in transaction mode."""
    database, shared = configuration.database_of(key), configuration.database
    if database.file is not None:
        return SqliteNamespace(database.file)
    direct = configuration.direct_database_of(key)
    return PostgresNamespace(direct.url, schema_of(key), pooled=shared.pooler == "session")


class Pools:
    """The pools of PostgreSQL connections, one per database, shared by the districts in it."""

    def __init__(self, size: int, pooler: Literal["session", "transaction"] | None = None) -> None:
        self._size, self._pooler = size, pooler
        self._open: dict[str, Any] = {}
        self._opening = asyncio.Lock()

    async def of(self, dsn: str) -> Any:
        """The pool of a database, opened when first asked for."""
        from ..records.postgres import open_pool  # noqa: PLC0415  asyncpg is an extra

        async with self._opening:
            if dsn not in self._open:
                self._open[dsn] = await open_pool(dsn, size=self._size, pooler=self._pooler)
        return self._open[dsn]

    async def close(self) -> None:
        for pool in self._open.values():
            await pool.close()


async def open_store(configuration: Configuration, key: str, pools: Pools) -> Store:
    """Open a district's database for serving; it is not migrated here."""
    database = configuration.database_of(key)
    if database.file is not None:
        from ..records.sqlite import SqliteStore  # noqa: PLC0415  only the engine in use is imported

        return await SqliteStore(database.file, key=key).open()
    from ..records.postgres import PostgresStore  # noqa: PLC0415

    return PostgresStore(await pools.of(database.url), schema_of(key), key=key)
