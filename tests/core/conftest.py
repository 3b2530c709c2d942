"""Bare stores with core's tables, on every engine that answers: for tests below the district."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import uuid
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.utils import get_schema_sql

from linli.core.crypto.keyring import Epoch, Keyring
from linli.core.crypto.masters import SECRET_BYTES, Masters
from linli.core.crypto.suites import INTERNATIONAL
from linli.core.graph.models import OrgNode
from linli.core.records import orm
from linli.core.records.postgres import PostgresStore, open_pool
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import Dialect, Store, scope
from linli.core.records.unit_of_work import unit_of_work
from linli.schema.testing.engines import leave, make_of

POSTGRES = os.environ.get("LINLI_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")


def keyring() -> Keyring:
    """Keys for a store that no migration has given any."""
    return Keyring("test", Masters(lambda: {"k1": bytes(SECRET_BYTES)}), (Epoch(1, "k1", INTERNATIONAL),))


class Stores:
    """Makes empty stores with core's tables, all of one engine, and takes them away again."""

    def __init__(self, dialect: Dialect, folder: Path) -> None:
        self.dialect = dialect
        self.dsn = POSTGRES
        self._folder = folder
        self._made: list[SqliteStore] = []
        self._schemas: list[str] = []
        self._pools: list[asyncpg.Pool] = []

    async def pool(self, **options: Any) -> asyncpg.Pool:
        """A pool that is closed after the test."""
        pool = await open_pool(self.dsn, **options)
        self._pools.append(pool)
        return pool

    async def sqlite(self, *, busy_timeout: float = 30.0, readers: int = 4) -> SqliteStore:
        """A district's file."""
        path = self._folder / f"district{len(self._made)}.sqlite3"
        store = await SqliteStore(path, busy_timeout=busy_timeout).open(readers=readers)
        store.keyring = keyring()
        self._made.append(store)
        await store.writer.executescript(_tables("sqlite"))
        return store

    async def postgres(self, pool: asyncpg.Pool | None = None, *, patience: float = 30.0) -> PostgresStore:
        """A district's schema, on a pool of its own unless one is given."""
        schema = f"d_test_{uuid.uuid4().hex[:12]}"
        self._schemas.append(schema)
        await make_of(self.dsn, schema, _tables("postgres"))
        store = PostgresStore(pool or await self.pool(), schema, patience=patience)
        store.keyring = keyring()
        return store

    async def make(self) -> Store:
        """A store of the engine under test."""
        return await (self.sqlite() if self.dialect == "sqlite" else self.postgres())

    async def outside(self, store: Store, statements: str) -> None:
        """Run statements on a connection that is not the store's and commit them: as another process would."""
        if isinstance(store, PostgresStore):
            await self.execute(f'SET search_path TO "{store.schema}", public; {statements}')
        elif isinstance(store, SqliteStore):
            other = sqlite3.connect(store.path, isolation_level=None)
            try:
                other.executescript(statements)
            finally:
                other.close()

    async def execute(self, statements: str) -> None:
        """Run statements on a connection of its own to the PostgreSQL server."""
        other = await asyncpg.connect(self.dsn)
        try:
            await other.execute(statements)
        finally:
            await other.close()

    async def still_works(self, store: Store) -> None:
        """Check that what went before left no connection and no lock behind, and that a unit can begin and end."""
        for _ in range(1000):  # asyncpg takes a moment to get a cancelled connection back
            if not _held(store):
                break
            await asyncio.sleep(0.001)
        assert not _held(store)
        with scope(store):
            async with asyncio.timeout(5), unit_of_work():
                await OrgNode.create(kind="GRID", name="~", name_key="~", path="~/", depth=0)
                assert await OrgNode.filter(path="~/").delete() == 1

    async def close(self) -> None:
        for store in self._made:
            await store.close()
        for pool in self._pools:
            await pool.close()
        for schema in self._schemas:
            await leave(self.dsn, schema)


@cache
def _tables(_: Dialect) -> str:
    """The statements that make core's tables, whose models are registered for this engine."""
    return get_schema_sql(get_connection("default"), safe=False)


def _held(store: Store) -> bool:
    if isinstance(store, PostgresStore):
        return bool(store.pool.get_idle_size() != store.pool.get_size())
    return isinstance(store, SqliteStore) and (store.lock.locked() or store.writer.in_transaction)


async def _answers() -> bool:
    try:
        await (await asyncpg.connect(POSTGRES)).close()
    except OSError:
        if "LINLI_TEST_POSTGRES" in os.environ:
            raise
        return False
    return True


@pytest.fixture(params=get_args(Dialect))
async def dialect(request: pytest.FixtureRequest) -> Dialect:
    """The engine under test, with core's models registered for it."""
    chosen: Dialect = request.param
    if chosen == "postgres" and not await _answers():
        pytest.skip("NO POSTGRESQL: set LINLI_TEST_POSTGRES to run this on PostgreSQL too")
    await orm.register(chosen, {"core": "linli.core.models"})
    return chosen


@pytest.fixture
async def stores(dialect: Dialect, tmp_path: Path) -> AsyncIterator[Stores]:
    """Makes as many stores as a test wants."""
    made = Stores(dialect, tmp_path)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def store(stores: Stores) -> Store:
    """An empty store with core's tables."""
    return await stores.make()
