"""Where each district's data are, for serving and for migrating."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ..config import Configuration
from ..config.database import Pooler
from ..records import orm
from ..records.migrations.namespaces import Namespace, PostgresNamespace, SqliteNamespace
from ..records.store import Dialect, Store


def schema_of(key: str) -> str:
    """The PostgreSQL schema of a district."""
    return f"d_{key}"


def dialect_of(configuration: Configuration, key: str) -> Dialect:
    """The engine of a district."""
    return configuration.database_of(key).engine


async def register_models(configuration: Configuration, apps: Mapping[str, str]) -> None:
    """Register models, `{label: module}`, for the engines of all districts that are configured."""
    dialect, *other = sorted({dialect_of(configuration, key) for key in configuration.districts})
    await orm.register(dialect, apps, also=other[0] if other else None)


def namespace_of(configuration: Configuration, key: str) -> Namespace:
    """Where a district's tables are, for whoever migrates them: never behind a pooler in transaction mode."""
    database = configuration.database_of(key)
    if database.file is not None:
        return SqliteNamespace(database.file)
    direct = configuration.direct_database_of(key)
    return PostgresNamespace(direct.url, schema_of(key), pooled=configuration.pooler_of(key) == "session")


class Pools:
    """The pools of PostgreSQL connections, one per database, shared by the districts in it; each has `size` at most."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._open: dict[str, Any] = {}
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, dsn: str, pooler: Pooler | None) -> Any:
        """The pool of a database, opened when first asked for; one that does not answer keeps nobody else waiting."""
        from ..records.postgres import open_pool  # noqa: PLC0415  asyncpg is an extra

        async with self._opening[dsn]:
            if dsn not in self._open:
                self._open[dsn] = await open_pool(dsn, size=self._size, pooler=pooler)
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

    pool = await pools.of(database.url, configuration.pooler_of(key))
    return PostgresStore(pool, schema_of(key), key=key)
