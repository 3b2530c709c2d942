from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.expressions import F

from linli.core.graph.models import OrgNode
from linli.core.records.postgres import PostgresStore
from linli.core.records.store import TransactionFailedError, scope
from linli.core.records.unit_of_work import ATTEMPTS, UnitOfWork, current_client, transact, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

pytestmark = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def in_unit(*names: str) -> None:
    async with unit_of_work():
        for name in names:
            await add(name)


async def deepen(name: str) -> None:
    assert await OrgNode.filter(name=name).update(depth=F("depth") + 1) == 1


async def value(statement: str) -> Any:
    """The first value of a statement, asked through this task's client."""
    [row] = await current_client().execute_query_dict(statement)
    return next(iter(row.values()))


async def small_store(stores: Stores) -> PostgresStore:
    """A store on a pool of one connection: whatever happens, happens there."""
    return await stores.postgres(await stores.pool(size=1))


async def test_work_that_deadlocks_is_done_anew_and_everything_is_kept(stores: Stores) -> None:
    store = await stores.postgres()
    met = asyncio.Barrier(2)
    attempts: list[UnitOfWork] = []

    def in_order(first: str, second: str) -> Callable[[UnitOfWork], Awaitable[None]]:
        async def work(unit: UnitOfWork) -> None:
            attempts.append(unit)
            await deepen(first)
            if len(attempts) <= 2:
                await met.wait()
            await deepen(second)

        return work

    with scope(store):
        await in_unit("a", "b")
        await asyncio.wait_for(asyncio.gather(transact(in_order("a", "b")), transact(in_order("b", "a"))), 20)
        assert [node.depth for node in await OrgNode.all()] == [2, 2]
    assert len(attempts) == 3
    await stores.still_works(store)


async def test_work_that_cannot_be_serialised_is_done_anew(stores: Stores) -> None:
    store = await stores.postgres()
    attempts: list[UnitOfWork] = []

    async def work(unit: UnitOfWork) -> None:
        attempts.append(unit)
        await current_client().execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert await names() == ["a"]
        if len(attempts) == 1:
            await stores.outside(store, "UPDATE core_org_node SET depth = depth + 10")
        await deepen("a")

    with scope(store):
        await in_unit("a")
        await transact(work)
        assert (await OrgNode.get(name="a")).depth == 11
    assert len(attempts) == 2


async def test_work_that_never_can_be_serialised_is_given_up(stores: Stores) -> None:
    store = await stores.postgres()
    attempts: list[UnitOfWork] = []

    async def work(unit: UnitOfWork) -> None:
        attempts.append(unit)
        await current_client().execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert await names() == ["a"]
        await stores.outside(store, "UPDATE core_org_node SET depth = depth + 10")
        await deepen("a")

    with scope(store):
        await in_unit("a")
        with pytest.raises(asyncpg.SerializationError):
            await transact(work)
    assert len(attempts) == ATTEMPTS
    await stores.still_works(store)


async def test_work_that_hides_a_passing_error_is_done_anew_too(stores: Stores) -> None:
    store = await stores.postgres()
    attempts: list[UnitOfWork] = []

    async def work(unit: UnitOfWork) -> None:
        attempts.append(unit)
        if len(attempts) == 1:
            with pytest.raises(asyncpg.SerializationError):
                await current_client().execute_query("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")

    with scope(store):
        await transact(work)
    assert len(attempts) == 2


@pytest.mark.parametrize(
    ("work", "error"),
    [
        (lambda _: in_order_twice(), IntegrityError),
        (lambda _: current_client().execute_query("SELECT nothing"), OperationalError),
        (lambda _: current_client().execute_query("SELECT 1 / 0"), OperationalError),
        (lambda _: current_client().execute_query("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$"), asyncpg.PostgresError),
    ],
)
async def test_work_is_not_done_anew_after_other_errors(
    stores: Stores, work: Callable[[UnitOfWork], Awaitable[Any]], error: type[Exception]
) -> None:
    store = await stores.postgres()
    attempts: list[UnitOfWork] = []

    async def counted(unit: UnitOfWork) -> None:
        attempts.append(unit)
        await work(unit)

    with scope(store), pytest.raises(error):
        await transact(counted)
    assert len(attempts) == 1
    await stores.still_works(store)


async def in_order_twice() -> None:
    await add("a")
    await add("a")


SHAPE = "SELECT * FROM shapes"


async def test_a_table_changed_by_a_migration_is_read_anew(stores: Stores) -> None:
    store = await small_store(stores)
    await stores.outside(store, "CREATE TABLE shapes (id int, size int); INSERT INTO shapes VALUES (1, 7)")
    attempts: list[UnitOfWork] = []

    async def read(unit: UnitOfWork) -> list[dict[str, Any]]:
        attempts.append(unit)
        return await current_client().execute_query_dict(SHAPE)

    with scope(store):
        assert await transact(read) == [{"id": 1, "size": 7}]
        await stores.outside(store, "ALTER TABLE shapes ALTER size TYPE bigint, ADD colour text DEFAULT 'red'")
        with pytest.raises(asyncpg.InvalidCachedStatementError):
            await in_bare_unit(lambda: current_client().execute_query_dict(SHAPE))
        await stores.outside(store, "ALTER TABLE shapes DROP colour")
        assert await current_client().execute_query_dict(SHAPE) == [{"id": 1, "size": 7}]
        await stores.outside(store, "ALTER TABLE shapes ALTER size TYPE text")
        attempts.clear()
        assert await transact(read) == [{"id": 1, "size": "7"}]
    assert len(attempts) == 2
    await stores.still_works(store)


async def in_bare_unit(step: Callable[[], Awaitable[Any]]) -> Any:
    async with unit_of_work():
        return await step()


async def test_districts_of_which_one_is_migrated_share_a_connection(stores: Stores) -> None:
    pool = await stores.pool(size=1)
    old, new = await stores.postgres(pool), await stores.postgres(pool)
    await stores.outside(old, "CREATE TABLE shapes (id int, size int); INSERT INTO shapes VALUES (1, 7)")
    await stores.outside(
        new,
        "CREATE TABLE shapes (colour text, id bigint, size text); INSERT INTO shapes VALUES ('red', 4294967296, 'L')",
    )

    async def read(ids: int) -> list[dict[str, Any]]:
        found = await current_client().execute_query_dict(SHAPE)
        assert await current_client().execute_query_dict(f"{SHAPE} WHERE id = $1", [ids]) == found
        return found

    for _ in range(5):
        with scope(old):
            assert await read(1) == [{"id": 1, "size": 7}]
            assert await in_bare_unit(lambda: read(1)) == [{"id": 1, "size": 7}]
        with scope(new):
            assert await in_bare_unit(lambda: read(2**32)) == [{"colour": "red", "id": 2**32, "size": "L"}]
            assert await read(2**32) == [{"colour": "red", "id": 2**32, "size": "L"}]


async def test_an_error_swallowed_beneath_the_unit_is_not_taken_for_a_commit(stores: Stores) -> None:
    store = await stores.postgres()

    async def work(_: UnitOfWork) -> None:
        await add("a")
        async with current_client().acquire_connection() as connection:
            with pytest.raises(asyncpg.UndefinedTableError):
                await connection.execute("SELECT * FROM nothing")

    with scope(store):
        with pytest.raises(TransactionFailedError, match="ROLLBACK"):
            await transact(work)
        assert await names() == []
    await stores.still_works(store)


async def test_rows_are_copied_in_a_unit(stores: Stores) -> None:
    store = await stores.postgres()
    await stores.outside(store, "CREATE TABLE shapes (id int, size int)")
    with scope(store):
        async with unit_of_work() as unit, unit.client.acquire_connection() as connection:
            await connection.copy_records_to_table("shapes", records=[(1, 2), (3, 4)], schema_name=store.schema)
        assert await value("SELECT sum(size) FROM shapes") == 6


WRITE_AND_WAIT = """
import asyncio, sys
from linli.core.graph.models import OrgNode
from linli.core.records import orm
from linli.core.records.postgres import PostgresStore, open_pool
from linli.core.records.store import scope
from linli.core.records.unit_of_work import unit_of_work

async def main():
    await orm.register("postgres", {"core": "linli.core.models"})
    with scope(PostgresStore(await open_pool(sys.argv[1], size=1), sys.argv[2])):
        async with unit_of_work():
            await OrgNode.create(kind="GRID", name="new", name_key="new", path="new/", depth=0)
            await OrgNode.filter(name="old").update(name="changed")
            print("written", flush=True)
            await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_program_killed_inside_a_unit_leaves_the_old_state(stores: Stores) -> None:
    store = await stores.postgres()
    with scope(store):
        await in_unit("old")
        arguments = [sys.executable, "-c", WRITE_AND_WAIT, stores.dsn, store.schema]
        program = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.PIPE)
        assert program.stdout is not None
        assert await program.stdout.readline() == b"written\n"
        program.kill()
        await program.wait()
        assert await names() == ["old"]
        async with asyncio.timeout(10):  # the server undoes what the dead had locked
            async with unit_of_work():
                assert await OrgNode.filter(name="old").update(name="next") == 1
        assert await names() == ["next"]
