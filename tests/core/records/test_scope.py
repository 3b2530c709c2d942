from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from tortoise.transactions import in_transaction

from linli.core.graph.models import OrgNode
from linli.core.records.postgres import PostgresStore
from linli.core.records.store import NoDistrict, ScopeError, Store, current_store, scope
from linli.core.records.unit_of_work import current_client, transact, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

ROUNDS = 500  # for each engine and pool size: 2000 in all, of four tasks each


def node(name: str, path: str = "") -> OrgNode:
    return OrgNode(kind="COMMUNITY", name=name, name_key=name, path=path or f"{name}/", depth=0)


async def add(name: str, path: str = "") -> None:
    async with unit_of_work():
        await node(name, path).save()


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def begin_unit() -> None:
    async with unit_of_work():
        pass


async def begin_tortoise_transaction() -> None:
    async with in_transaction():
        pass


async def do_nothing(_: object) -> None:
    pass


async def ask_for_the_store() -> None:
    current_store()


@pytest.mark.parametrize(
    "use",
    [
        lambda: node("a").save(),
        lambda: OrgNode.create(kind="GRID", name="a", name_key="a", path="a/", depth=0),
        OrgNode.all,
        lambda: OrgNode.all().count(),
        lambda: OrgNode.all().values("name"),
        lambda: OrgNode.filter(name="a").exists(),
        lambda: OrgNode.filter(name="a").update(name="b"),
        lambda: OrgNode.filter(name="a").delete(),
        lambda: OrgNode.bulk_create([node("a")]),
        lambda: OrgNode.get_or_create(kind="GRID", name="a", name_key="a", path="a/", depth=0),
        lambda: OrgNode.raw("SELECT * FROM core_org_node"),
        lambda: current_client().execute_query("SELECT 1"),
        lambda: current_client().execute_query_dict("SELECT 1"),
        lambda: current_client().execute_script("SELECT 1"),
        begin_tortoise_transaction,
        begin_unit,
        lambda: transact(do_nothing),
        ask_for_the_store,
    ],
)
async def test_outside_a_scope_everything_is_refused(dialect: str, use: Callable[[], Awaitable[Any]]) -> None:
    with pytest.raises(NoDistrict, match=r"district\.scope"):
        await use()


async def test_after_a_scope_everything_is_refused_again(store: Store) -> None:
    with scope(store):
        assert await OrgNode.all().count() == 0
    with pytest.raises(NoDistrict):
        await OrgNode.all().count()


async def visit_and_fail(store: Store) -> None:
    with scope(store):
        assert await names() == []
        await add("south")
        raise ZeroDivisionError


async def test_a_scope_inside_another_gives_way_to_it_again(stores: Stores) -> None:
    north, south = await stores.make(), await stores.make()
    with scope(north):
        await add("north")
        with pytest.raises(ZeroDivisionError):
            await visit_and_fail(south)
        assert current_store() is north
        assert await names() == ["north"]
    with scope(south):
        assert await names() == ["south"]


async def test_a_scope_holds_for_the_tasks_started_in_it_and_not_for_others(stores: Stores) -> None:
    north, south = await stores.make(), await stores.make()

    async def visit(store: Store, name: str) -> list[str]:
        with scope(store):
            await asyncio.gather(add(f"{name} 1", f"{name}/1/"), add(f"{name} 2", f"{name}/2/"))
            return await asyncio.create_task(names())

    in_north, in_south = await asyncio.gather(visit(north, "n"), visit(south, "s"))
    assert in_north == ["n 1", "n 2"]
    assert in_south == ["s 1", "s 2"]
    with pytest.raises(NoDistrict):
        await names()


async def test_another_district_cannot_be_entered_inside_a_unit_of_work(stores: Stores) -> None:
    north, south = await stores.make(), await stores.make()
    with scope(south):
        await add("south")

    async def visit(store: Store) -> None:
        with scope(store):
            pytest.fail(f"entered, and saw {await names()}")

    with scope(north):
        async with unit_of_work():
            await node("north").save()
            with pytest.raises(ScopeError, match="open unit of work"):
                await visit(south)
            assert await names() == ["north"]
        assert await names() == ["north"]


async def test_another_district_cannot_be_entered_in_a_child_task_of_a_unit_of_work(stores: Stores) -> None:
    north, south = await stores.make(), await stores.make()

    async def visit(store: Store) -> list[str]:
        with scope(store):
            return await names()

    with scope(north):
        async with unit_of_work():
            await node("north").save()
            outcomes = await asyncio.gather(*map(visit, [south, north, south]), return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [ScopeError] * 3
            with pytest.raises(ScopeError):
                await asyncio.create_task(visit(south))
        assert await names() == ["north"]


async def test_the_same_district_cannot_be_entered_again_during_its_own_unit_of_work(store: Store) -> None:
    async def write_again() -> None:
        with scope(store):
            await add("again")

    with scope(store):
        async with unit_of_work():
            with pytest.raises(ScopeError):
                await asyncio.wait_for(write_again(), 5)
            with pytest.raises(ScopeError):
                await asyncio.wait_for(asyncio.gather(write_again()), 5)


async def test_a_query_kept_from_one_district_is_refused_in_another(stores: Stores) -> None:
    north, south = await stores.make(), await stores.make()
    communities = OrgNode.filter(kind="COMMUNITY")
    with scope(north):
        await add("north")
        assert len(await communities) == 1
        assert len(await communities) == 1
    with scope(south), pytest.raises(ScopeError, match="build it anew"):
        await communities
    with scope(south):
        assert await communities.using_db(current_client()) == []


async def test_a_query_kept_from_before_a_unit_of_work_is_refused_in_it(store: Store) -> None:
    communities = OrgNode.filter(kind="COMMUNITY")
    with scope(store):
        assert await communities == []
        async with unit_of_work():
            await node("new").save()
            with pytest.raises(ScopeError, match="build it anew"):
                await communities
            assert len(await OrgNode.filter(kind="COMMUNITY")) == 1


async def test_a_store_answers_through_its_reader_where_no_district_is_entered(store: Store) -> None:
    assert await store.reader.execute_query_dict("SELECT count(*) AS n FROM core_org_node") == [{"n": 0}]


async def test_a_task_of_the_scope_may_read_while_a_unit_of_work_waits_for_it(store: Store) -> None:
    asked = asyncio.Event()

    async def load_when_asked() -> list[str]:
        await asked.wait()
        return await names()

    with scope(store):
        await add("old")
        loader = asyncio.create_task(load_when_asked())
        await asyncio.sleep(0)
        async with unit_of_work():
            await node("new").save()
            asked.set()
            assert await asyncio.wait_for(loader, 5) == ["old"]


async def wander(rng: random.Random, stores: list[Store]) -> None:
    """One task of an interleaving: visits districts, reads, writes, is in a hurry sometimes."""
    for _ in range(rng.randint(1, 3)):
        number = rng.randrange(len(stores))
        with scope(stores[number]):
            await rng.choice([look, look, write, undo, hurry])(rng, f"district {number}")


async def look(rng: random.Random, mine: str) -> None:
    await asyncio.sleep(0)
    found = await asyncio.gather(*(OrgNode.all().limit(5).values_list("name", flat=True) for _ in range(2)))
    assert {str(name) for some in found for name in some} <= {mine}, f"{mine} was answered {found}"


async def write(rng: random.Random, mine: str) -> None:
    async with unit_of_work():
        await look(rng, mine)
        await node(mine, f"{rng.getrandbits(64):x}/").save()
        await look(rng, mine)


async def undo(rng: random.Random, mine: str) -> None:
    async def work(_: object) -> None:
        await node(mine, f"{rng.getrandbits(64):x}/").save()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await transact(work)


async def hurry(rng: random.Random, mine: str) -> None:
    task = asyncio.ensure_future(rng.choice([look, write])(rng, mine))
    for _ in range(rng.randrange(12)):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


@pytest.mark.parametrize("pool_size", [1, 5])
async def test_interleaved_districts_never_see_each_other(stores: Stores, pool_size: int) -> None:
    seed = random.SystemRandom().getrandbits(32)
    sys.stdout.write(f"seed {seed}\n")
    rng = random.Random(seed)
    both: list[Store] = []
    if stores.dialect == "postgres":
        pool = await stores.pool(size=pool_size)
        both.extend([await stores.postgres(pool) for _ in range(2)])
    else:
        both.extend([await stores.sqlite(readers=pool_size) for _ in range(2)])
    for _ in range(ROUNDS):
        try:
            await asyncio.wait_for(asyncio.gather(*(wander(rng, both) for _ in range(4))), 30)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
    for number, store in enumerate(both):
        with scope(store):
            assert set(await names()) == {f"district {number}"}
        if isinstance(store, PostgresStore):
            assert store.pool.get_idle_size() == store.pool.get_size()
