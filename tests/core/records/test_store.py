from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import atomic, in_transaction

from linli.core.graph.models import OrgNode
from linli.core.records import orm
from linli.core.records.postgres import PostgresStore
from linli.core.records.store import (
    Store,
    StoreBusyError,
    TransactionFailedError,
    WriteOutsideUnitOfWorkError,
    driver_error,
    in_time,
    scope,
    settle,
)
from linli.core.records.unit_of_work import current_client, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

DEFAULTS: dict[str, Any] = {"kind": "GRID", "name_key": "b", "path": "b/", "depth": 0}


def node(name: str) -> OrgNode:
    return OrgNode(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def write_through_tortoise() -> None:
    async with in_transaction():
        await node("b").save()


@atomic()
async def write_atomically() -> None:
    await node("b").save()


async def change_and_save() -> None:
    found = await OrgNode.get(name="a")
    found.name = "b"
    await found.save()


async def delete_it() -> None:
    await (await OrgNode.get(name="a")).delete()


async def borrow_and_write() -> None:
    async with current_client().acquire_connection() as connection:
        await connection.execute("UPDATE core_org_node SET name = 'b'")


@pytest.mark.parametrize(
    "write",
    [
        lambda: node("b").save(),
        lambda: OrgNode.create(name="b", **DEFAULTS),
        change_and_save,
        delete_it,
        lambda: OrgNode.filter(name="a").update(name="b"),
        lambda: OrgNode.all().delete(),
        lambda: OrgNode.bulk_create([node("b"), node("c")]),
        lambda: OrgNode.bulk_create([node("b"), node("c")], batch_size=1),
        lambda: OrgNode.bulk_create([node("b")], ignore_conflicts=True),
        lambda: OrgNode.get_or_create(DEFAULTS, name="b"),
        lambda: OrgNode.update_or_create({"name": "b"}, path="a/"),
        write_through_tortoise,
        write_atomically,
        lambda: OrgNode.raw("UPDATE core_org_node SET name = 'b' RETURNING *"),
        lambda: current_client().execute_insert("UPDATE core_org_node SET name = 'b' RETURNING name", []),
        lambda: current_client().execute_many("UPDATE core_org_node SET name = 'b' WHERE 1 = 1", [[], []]),
        lambda: current_client().execute_query("UPDATE core_org_node SET name = 'b'"),
        lambda: current_client().execute_query("DELETE FROM core_org_node RETURNING name"),
        lambda: current_client().execute_query_dict("UPDATE core_org_node SET name = 'b' RETURNING name"),
        lambda: current_client().execute_query_dict_with_affected("DELETE FROM core_org_node RETURNING name"),
        lambda: current_client().execute_query("/* sic */ UPDATE core_org_node SET name = 'b'"),
        lambda: current_client().execute_query("WITH a AS (SELECT 'b' AS b) UPDATE core_org_node SET name = b FROM a"),
        lambda: current_client().execute_script("SELECT 1; UPDATE core_org_node SET name = 'b'"),
        lambda: current_client().execute_query("CREATE TABLE b (a int)"),
        lambda: current_client().execute_query("DROP TABLE core_org_relation"),
        borrow_and_write,
    ],
)
async def test_a_write_outside_a_unit_is_refused(
    stores: Stores, store: Store, write: Callable[[], Awaitable[Any]]
) -> None:
    with scope(store):
        async with unit_of_work():
            await node("a").save()
        with pytest.raises(WriteOutsideUnitOfWorkError, match="unit_of_work"):
            await write()
        assert await names() == ["a"]
    await stores.still_works(store)


@pytest.mark.parametrize(
    "statement",
    [
        "WITH gone AS (DELETE FROM core_org_node RETURNING *) SELECT count(*) FROM gone",
        "EXPLAIN ANALYZE DELETE FROM core_org_node",
        "SELECT * INTO copied FROM core_org_node",
        "SELECT * FROM core_org_node FOR UPDATE",
    ],
)
async def test_a_write_hidden_in_a_query_is_refused(stores: Stores, statement: str) -> None:
    store = await stores.make()
    if not isinstance(store, PostgresStore):
        pytest.skip("SQLite's queries have no place to hide a write in")
    with scope(store), pytest.raises(WriteOutsideUnitOfWorkError):
        await current_client().execute_query(statement)


async def test_a_reader_left_in_a_transaction_by_hand_comes_back_without_it(stores: Stores) -> None:
    store: Store = await (
        stores.sqlite(readers=1) if stores.dialect == "sqlite" else stores.postgres(await stores.pool(size=1))
    )
    with scope(store):
        async with current_client().acquire_connection() as connection:
            await connection.execute("SELECT 1") if stores.dialect == "postgres" else await connection.execute("BEGIN")
        assert await names() == []
        async with unit_of_work():
            await node("a").save()
        assert await names() == ["a"]


async def test_fifty_readers_are_not_held_up_by_a_long_unit_and_see_the_old_state_until_its_commit(
    store: Store,
) -> None:
    begun = asyncio.Event()

    async def look_often() -> list[list[str]]:
        await begun.wait()
        return [await names() for _ in range(5)]

    with scope(store):
        async with unit_of_work():
            await node("old").save()
        readers = [asyncio.create_task(look_often()) for _ in range(50)]
        async with unit_of_work():
            await node("new").save()
            begun.set()
            seen = await asyncio.wait_for(asyncio.gather(*readers), 20)
        assert seen == [[["old"]] * 5] * 50
        assert await asyncio.gather(*(names() for _ in range(50))) == [["new", "old"]] * 50


async def test_what_was_committed_is_seen_at_once_by_every_reader(store: Store) -> None:
    with scope(store):
        for number in range(20):
            async with unit_of_work():
                await node(f"{number:02}").save()
            counts = await asyncio.gather(*(OrgNode.all().count() for _ in range(8)))
            assert counts == [number + 1] * 8


async def test_a_query_that_finds_no_free_connection_gives_up_in_time(stores: Stores) -> None:
    if stores.dialect == "sqlite":
        store: Store = await stores.sqlite(readers=1, busy_timeout=0.05)
    else:
        store = await stores.postgres(await stores.pool(size=1), patience=0.05)
    with scope(store):
        async with current_client().acquire_connection():
            with pytest.raises(StoreBusyError, match=r"within 0\.05 s") as busy:
                await asyncio.gather(names())
        assert store.is_transient(busy.value)
        assert await names() == []
    await stores.still_works(store)


async def test_a_unit_that_finds_no_free_connection_gives_up_in_time(stores: Stores) -> None:
    if stores.dialect == "sqlite":
        store: Store = await stores.sqlite(busy_timeout=0.05)
    else:
        store = await stores.postgres(await stores.pool(size=1), patience=0.05)

    async def another() -> None:
        async with unit_of_work():
            pytest.fail("entered")

    with scope(store):
        waiting = asyncio.Event()

        async def wait_and_begin() -> None:
            await waiting.wait()
            await another()

        task = asyncio.create_task(wait_and_begin())
        async with unit_of_work():
            waiting.set()
            with pytest.raises(StoreBusyError, match=r"within 0\.05 s"):
                await task
            await node("a").save()
        assert await names() == ["a"]
    await stores.still_works(store)


async def test_a_task_that_a_unit_waits_for_and_that_finds_no_connection_does_not_hang(stores: Stores) -> None:
    if stores.dialect == "sqlite":
        pytest.skip("SQLite's readers are not the writer")
    store = await stores.postgres(await stores.pool(size=1), patience=0.05)
    asked = asyncio.Event()

    async def load() -> list[str]:
        await asked.wait()
        return await names()

    async def work() -> None:
        async with unit_of_work():
            asked.set()
            await loader

    with scope(store):
        loader = asyncio.create_task(load())
        await asyncio.sleep(0)
        with pytest.raises(StoreBusyError):
            await asyncio.wait_for(work(), 5)
    await stores.still_works(store)


async def test_work_that_is_settled_ends_before_its_cancellation_goes_on() -> None:
    ended: list[bool] = []

    async def work() -> str:
        await asyncio.sleep(0.01)
        ended.append(True)
        return "done"

    assert await settle(work()) == "done"
    task = asyncio.create_task(settle(work()))
    for _ in range(5):
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True, True]


async def test_work_that_is_settled_and_fails_raises_unless_it_was_cancelled() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await settle(fail())
    task = asyncio.create_task(settle(fail()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_work_in_time_keeps_its_own_result_and_errors() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    assert await in_time(asyncio.sleep(0, "done"), 1, "it") == "done"
    with pytest.raises(ZeroDivisionError):
        await in_time(fail(), 1, "it")
    with pytest.raises(StoreBusyError, match=r"it did not become free within 0\.01 s"):
        await in_time(asyncio.sleep(1), 0.01, "it")


def test_the_drivers_error_is_found_beneath_what_wraps_it() -> None:
    driver = ZeroDivisionError()
    failed = TransactionFailedError()
    failed.__cause__ = OperationalError(driver)
    assert driver_error(driver) is driver
    assert driver_error(IntegrityError(driver)) is driver
    assert driver_error(failed) is driver
    plain = OperationalError("no such table")
    assert driver_error(plain) is plain
    unexplained = TransactionFailedError()
    assert driver_error(unexplained) is unexplained


async def test_registering_wrong_models_leaves_nothing_registered(store: Store) -> None:
    apps = {"core": "linli.core.models"}
    with pytest.raises(Exception, match="nowhere"):
        await orm.register(store.dialect, {**apps, "other": "linli.nowhere"})
    await orm.register(store.dialect, apps)
    with scope(store):
        assert await names() == []
