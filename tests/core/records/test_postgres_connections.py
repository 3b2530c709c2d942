from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from tortoise.connection import get_connections

from linli.core.graph.models import OrgNode
from linli.core.records.postgres import PostgresStore
from linli.core.records.postgres_connections import STATEMENT_CACHE_SIZE
from linli.core.records.store import ScopeError, scope
from linli.core.records.unit_of_work import UnitOfWork, current_client, transact, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

pytestmark = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    OSError,
)


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def in_unit(*names: str) -> None:
    async with unit_of_work():
        for name in names:
            await add(name)


async def value(statement: str) -> Any:
    """The first value of a statement, asked through this task's client."""
    [row] = await current_client().execute_query_dict(statement)
    return next(iter(row.values()))


async def small_store(stores: Stores) -> PostgresStore:
    """A store on a pool of one connection: whatever happens, happens there."""
    return await stores.postgres(await stores.pool(size=1))


async def end_the_connection(stores: Stores) -> None:
    """As when the server restarts."""
    await stores.execute(f"SELECT pg_terminate_backend({await value('SELECT pg_backend_pid()')})")


async def in_bare_unit(step: Callable[[], Awaitable[Any]]) -> Any:
    async with unit_of_work():
        return await step()


async def test_a_connection_looks_at_the_district_that_uses_it(stores: Stores) -> None:
    pool = await stores.pool(size=1)
    north, south = await stores.postgres(pool), await stores.postgres(pool)

    async def fail(_: UnitOfWork) -> None:
        assert await value("SELECT current_schema()") == south.schema
        raise ZeroDivisionError

    for store in (north, south, south, north):
        with scope(store):
            assert await value("SELECT current_schema()") == store.schema
            assert await in_bare_unit(lambda: value("SELECT current_schema()")) == store.schema
        with scope(south), pytest.raises(ZeroDivisionError):
            await transact(fail)
        with scope(store):
            assert await value("SELECT current_schema()") == store.schema


@pytest.mark.parametrize(
    "statement",
    ["SET search_path TO public", "set SEARCH_PATH to public", "SELECT set_config('search_path', 'public', false)"],
)
async def test_no_statement_changes_where_a_connection_looks(stores: Stores, statement: str) -> None:
    store = await stores.postgres()
    with scope(store):
        for ask in (current_client().execute_query, current_client().execute_query_dict):
            with pytest.raises(ScopeError, match="search_path"):
                await ask(statement)
        with pytest.raises(ScopeError, match="search_path"):
            await in_bare_unit(lambda: current_client().execute_query(statement))


@pytest.mark.parametrize("name", ["", "D", "d-1", 'd"', "d; DROP", "9d", "d" * 64])
async def test_a_schema_with_a_strange_name_is_refused(stores: Stores, name: str) -> None:
    pool = await stores.pool(size=1)
    with pytest.raises(ValueError, match="schema's name"):
        PostgresStore(pool, name)


async def test_reading_costs_one_statement_and_nothing_is_reset_after_it(stores: Stores) -> None:
    store = await small_store(stores)
    with scope(store):
        process = await value("SELECT pg_backend_pid()")
        await names()
    other = await asyncpg.connect(stores.dsn)
    try:
        last = await other.fetchval("SELECT query FROM pg_stat_activity WHERE pid = $1", process)
    finally:
        await other.close()
    assert last.startswith('SELECT "name"')
    assert last.endswith(f"/* {store.schema} */")


async def test_a_pool_is_opened_with_what_is_asked_for(stores: Stores) -> None:
    pool = await stores.pool(size=3)
    assert pool.get_max_size() == 3
    async with pool.acquire() as connection:
        assert await connection.fetchval("SHOW default_transaction_read_only") == "on"
        assert connection._stmt_cache.get_max_size() == STATEMENT_CACHE_SIZE
    behind_a_pooler = await stores.pool(size=1, statement_cache_size=0)
    async with behind_a_pooler.acquire() as connection:
        assert connection._stmt_cache.get_max_size() == 0


async def test_a_connection_lost_between_units_is_replaced(stores: Stores) -> None:
    store = await small_store(stores)
    with scope(store):
        await in_unit("a")
        await end_the_connection(stores)
        try:
            await in_unit("b")
        except LOST:
            await in_unit("b")
        assert await names() == ["a", "b"]
    await stores.still_works(store)


async def test_a_connection_lost_inside_a_unit_is_an_error_once(stores: Stores) -> None:
    store = await small_store(stores)
    attempts: list[UnitOfWork] = []

    async def work(unit: UnitOfWork) -> None:
        attempts.append(unit)
        await add("a")
        await end_the_connection(stores)
        await add("b")

    with scope(store):
        with pytest.raises(LOST):
            await transact(work)
        assert len(attempts) == 1
        assert await names() == []
    await stores.still_works(store)


async def test_a_connection_lost_before_the_commit_is_an_error_and_nothing_is_kept(stores: Stores) -> None:
    store = await small_store(stores)
    told: list[str] = []

    async def work(unit: UnitOfWork) -> None:
        unit.after_commit.append(lambda: told.append("committed"))
        await add("a")
        await end_the_connection(stores)

    with scope(store):
        with pytest.raises(LOST):
            await transact(work)
        assert await names() == []
    assert told == []
    await stores.still_works(store)


async def test_a_unit_that_fails_on_a_lost_connection_keeps_its_own_error(stores: Stores) -> None:
    store = await small_store(stores)

    async def work(_: UnitOfWork) -> None:
        await add("a")
        await end_the_connection(stores)
        raise ZeroDivisionError

    with scope(store), pytest.raises(ZeroDivisionError):
        await transact(work)
    await stores.still_works(store)


async def test_readers_of_a_lost_connection_fail_once(stores: Stores) -> None:
    store = await small_store(stores)

    async def sleep_on_the_server() -> None:
        await current_client().execute_query("SELECT pg_sleep(20)")

    with scope(store):
        process = await value("SELECT pg_backend_pid()")
        query = asyncio.create_task(sleep_on_the_server())
        await asyncio.sleep(0.05)
        await stores.execute(f"SELECT pg_terminate_backend({process})")
        with pytest.raises(LOST):
            await query
        assert await names() == []
    await stores.still_works(store)


async def test_nobody_closes_the_pool_that_districts_share(stores: Stores) -> None:
    store = await stores.postgres()
    with scope(store):
        await current_client().close()
        await get_connections().close_all(discard=False)
        await store.close()
        await in_unit("a")
        assert await names() == ["a"]
