from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from tortoise.transactions import in_transaction

from linli.core.graph.models import OrgNode
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import Store, StoreBusyError, scope
from linli.core.records.unit_of_work import UnitOfWork, current_client, transact, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

When = Literal["asleep", "meanwhile", "awake"]
Awaits = Collection[int]


class Interrupted:
    """Awaits `work` in the present task and cancels that task at the awaits with the given numbers.

    `asleep` is when it begins to wait, `meanwhile` a turn of the loop later, `awake` when what it waits for is done.
    """

    def __init__(self, work: Awaitable[Any], at: Awaits, when: When) -> None:
        self._work, self._at, self._when = work, at, when
        self.awaits = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._work.__await__()
        error: BaseException | None = None
        while True:
            try:
                waiting = next(steps) if error is None else steps.throw(error)
            except StopIteration as done:
                return done.value
            self.awaits += 1
            if self.awaits in self._at:
                self._cancel(waiting)
            try:
                yield waiting
                error = None
            except BaseException as thrown:
                error = thrown

    def _cancel(self, waiting: asyncio.Future[Any] | None) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._when == "asleep":
            task.cancel()
        elif self._when == "meanwhile" or waiting is None:
            asyncio.get_running_loop().call_soon(task.cancel)
        else:
            waiting.add_done_callback(lambda _: task.cancel())


async def interrupt(work: Callable[[], Awaitable[Any]], at: Awaits, when: When) -> bool:
    """Do `work` in a task of its own, cancelled at these awaits; whether it got so far as to be cancelled."""

    async def run() -> bool:
        interrupted = Interrupted(work(), at, when)
        try:
            await interrupted
        except asyncio.CancelledError:
            assert interrupted.awaits >= min(at)
            return True
        return interrupted.awaits >= min(at)

    return await asyncio.wait_for(asyncio.create_task(run()), 20)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def soon(condition: Callable[[], bool]) -> None:
    """Wait the moment that asyncpg takes to get a connection back, or a thread to end."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.001)
    pytest.fail("it stays as it is")


WHEN: list[When] = ["asleep", "meanwhile", "awake"]
FURTHER = {"once": (), "twice": (1,), "twice with a pause": (2,), "again and again": range(1, 200)}

at_every_await = pytest.mark.parametrize("when", WHEN)
and_further = pytest.mark.parametrize("further", FURTHER.values(), ids=FURTHER.keys())


@at_every_await
@and_further
async def test_a_unit_cancelled_at_any_await_is_done_or_undone_and_holds_nothing(
    stores: Stores, store: Store, when: When, further: Awaits
) -> None:
    told: list[str] = []

    async def work() -> None:
        told.clear()
        with scope(store):
            async with unit_of_work() as unit:
                unit.before_commit.append(lambda: add("new 3"))
                unit.after_commit.append(lambda: told.append("committed"))
                assert await names() == ["old"]
                await add("new 1")
                async with in_transaction():
                    await add("new 2")

    with scope(store):
        async with unit_of_work():
            await add("old")
    number, reached = 0, True
    while reached:
        number += 1
        reached = await interrupt(work, {number, *(number + more for more in further)}, when)
        await stores.still_works(store)
        with scope(store):
            assert await names() == (["new 1", "new 2", "new 3", "old"] if told else ["old"]), f"at await {number}"
            async with asyncio.timeout(5), unit_of_work():
                await OrgNode.filter(name__startswith="new").delete()
    assert told == ["committed"]
    assert number > 8


@at_every_await
async def test_work_tried_anew_can_be_cancelled_at_any_await(stores: Stores, store: Store, when: When) -> None:
    async def work() -> None:
        attempts: list[UnitOfWork] = []

        async def busy_at_first(unit: UnitOfWork) -> None:
            attempts.append(unit)
            await asyncio.gather(names(), OrgNode.all().count())
            if len(attempts) < 2:
                raise StoreBusyError

        with scope(store):
            await transact(busy_at_first)

    await at_all_awaits(stores, store, work, when)


@at_every_await
async def test_a_query_can_be_cancelled_at_any_await(stores: Stores, store: Store, when: When) -> None:
    async def work() -> None:
        with scope(store):
            await asyncio.gather(names(), names())
            await names()

    await at_all_awaits(stores, store, work, when)


@at_every_await
async def test_a_unit_on_a_fresh_connection_can_be_cancelled_at_any_await(stores: Stores, when: When) -> None:
    if stores.dialect == "sqlite":
        pytest.skip("the writer of SQLite is always connected")
    store = await stores.postgres(await stores.pool(size=1))

    async def work() -> None:
        await store.pool.expire_connections()
        with scope(store):
            async with unit_of_work():
                await names()

    await at_all_awaits(stores, store, work, when)


async def at_all_awaits(stores: Stores, store: Store, work: Callable[[], Awaitable[None]], when: When) -> None:
    number, reached = 0, True
    while reached:
        number += 1
        reached = await interrupt(work, {number}, when)
        await stores.still_works(store)
    assert number > 2


async def hold_a_unit(release: asyncio.Event) -> None:
    async with unit_of_work():
        await release.wait()


async def hold_a_reader(release: asyncio.Event) -> None:
    async with current_client().acquire_connection():
        await release.wait()


async def begin_and_end() -> None:
    async with unit_of_work():
        await names()


@at_every_await
@pytest.mark.parametrize(("holding", "waiting"), [(hold_a_unit, begin_and_end), (hold_a_reader, names)])
@pytest.mark.parametrize("seconds", [0, 0.005])
async def test_waiting_for_a_turn_can_be_cancelled_at_any_await(
    stores: Stores,
    when: When,
    holding: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
    waiting: Callable[[], Awaitable[Any]],
    seconds: float,
) -> None:
    store: Store = await (
        stores.sqlite(readers=1) if stores.dialect == "sqlite" else stores.postgres(await stores.pool(size=1))
    )
    number, reached = 0, True
    while reached:
        number += 1
        with scope(store):
            release = asyncio.Event()
            holder = asyncio.create_task(holding(release))
            await asyncio.sleep(0.005)
            asyncio.get_running_loop().call_later(seconds, release.set)
            reached = await interrupt(waiting, {number}, when)
            release.set()
            await holder
            assert await asyncio.wait_for(names(), 5) == []
        await stores.still_works(store)
    assert number > 2


@at_every_await
async def test_a_connection_cancelled_at_any_await_of_a_change_of_district_is_no_stray(
    stores: Stores, when: When
) -> None:
    if stores.dialect == "sqlite":
        pytest.skip("districts share no connection")
    pool = await stores.pool(size=1)
    north, south = await stores.postgres(pool), await stores.postgres(pool)

    async def visit_south() -> None:
        with scope(south):
            await names()

    with scope(north):
        async with unit_of_work():
            await add("north")
    number, reached = 0, True
    while reached:
        number += 1
        with scope(north):
            assert await names() == ["north"]
        reached = await interrupt(visit_south, {number}, when)
        with scope(north):
            assert await names() == ["north"]
    assert number > 2


def connection_threads() -> int:
    return sum("_connection_worker" in thread.name for thread in threading.enumerate())


@at_every_await
async def test_opening_a_file_can_be_cancelled_at_any_await(dialect: str, tmp_path: Path, when: When) -> None:
    if dialect != "sqlite":
        pytest.skip("a schema has nothing to open")
    opened: list[SqliteStore] = []

    async def work() -> None:
        opened.append(await SqliteStore(tmp_path / "district.sqlite3").open(readers=2))

    threads = connection_threads()
    number, reached = 0, True
    while reached:
        number += 1
        reached = await interrupt(work, {number}, when)
        while opened:
            await opened.pop().close()
        await soon(lambda: connection_threads() <= threads)
    assert number > 10


@at_every_await
async def test_closing_a_file_can_be_cancelled_and_done_anew(dialect: str, tmp_path: Path, when: When) -> None:
    if dialect != "sqlite":
        pytest.skip("a schema has nothing to close")
    threads = connection_threads()
    number, reached = 0, True
    while reached:
        number += 1
        store = await SqliteStore(tmp_path / "district.sqlite3").open(readers=2)
        reached = await interrupt(store.close, {number}, when)
        await store.close()
        await soon(lambda: connection_threads() <= threads)
    assert number > 2
