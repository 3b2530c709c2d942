from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest
import structlog

from linli.core.graph.models import OrgNode
from linli.core.records.store import NoDistrict, Store, current_store, scope
from linli.core.records.unit_of_work import UnitOfWork, current_unit, transact, unit_of_work
from linli.core.tasks import spawn, stop_all

seen: ContextVar[str] = ContextVar("seen", default="nothing")


@pytest.fixture(autouse=True)
async def _stop() -> AsyncIterator[None]:
    yield
    await stop_all()


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def count() -> None:
    await OrgNode.all().count()


async def write() -> None:
    async with unit_of_work():
        pass


async def ask_for_the_store() -> None:
    current_store()


async def ask_for_the_unit() -> None:
    current_unit()


@pytest.mark.parametrize("work", [count, write, ask_for_the_store, lambda: add("a")])
async def test_a_spawned_task_sees_no_district(store: Store, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with scope(store), structlog.testing.capture_logs():
        task = spawn(work, name="stray")
        await asyncio.wait([task])
        assert type(task.exception()) is NoDistrict
        async with unit_of_work():
            task = spawn(work, name="stray")
            await asyncio.wait([task])
            assert type(task.exception()) is NoDistrict


async def test_a_spawned_task_sees_no_unit_of_work(store: Store) -> None:
    with scope(store), structlog.testing.capture_logs():
        async with unit_of_work():
            task = spawn(ask_for_the_unit, name="stray")
            await asyncio.wait([task])
    assert "unit_of_work" in str(task.exception())


async def test_a_task_spawned_in_a_unit_enters_the_district_and_writes_by_itself(store: Store) -> None:
    entered = asyncio.Event()
    started: list[asyncio.Task[None]] = []

    async def work() -> None:
        with scope(store):
            assert await OrgNode.all().count() == 0
            entered.set()
            async with unit_of_work():
                await add("spawned")

    async def start_and_fail(_: UnitOfWork) -> None:
        await add("undone")
        started.append(spawn(work, name="writer"))
        await asyncio.wait_for(entered.wait(), 5)
        raise ZeroDivisionError

    with scope(store):
        with pytest.raises(ZeroDivisionError):
            await transact(start_and_fail)
        await asyncio.gather(*started)
        assert [node.name for node in await OrgNode.all()] == ["spawned"]


async def test_a_spawned_task_sees_no_context_even_where_its_work_is_made() -> None:
    found: list[str] = []

    def make() -> Coroutine[Any, Any, None]:
        found.append(seen.get())

        async def work() -> None:
            found.append(seen.get())

        return work()

    seen.set("something")
    await spawn(make, name="look")
    assert found == ["nothing", "nothing"]


async def test_the_failure_of_a_spawned_task_is_logged_with_its_name() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with structlog.testing.capture_logs() as logs:
        task = spawn(fail, name="sweeper")
        await asyncio.wait([task])
        await asyncio.sleep(0)
    [entry] = logs
    assert entry["event"] == "task_failed"
    assert entry["task"] == "sweeper"
    assert isinstance(entry["exc_info"], ZeroDivisionError)


async def test_a_cancelled_task_is_no_failure() -> None:
    with structlog.testing.capture_logs() as logs:
        task = spawn(wait, name="wait")
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert logs == []


async def wait() -> None:
    await asyncio.Event().wait()


async def test_a_spawned_task_is_kept_alive_without_anybody_holding_it() -> None:
    done: list[bool] = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(True)

    reference = weakref.ref(spawn(work, name="alone"))
    gc.collect()
    assert reference() is not None
    await asyncio.sleep(0.05)
    assert done == [True]


async def test_stopping_cancels_and_waits_for_what_cleans_up_and_what_that_starts() -> None:
    ended: list[str] = []

    async def child() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("child")

    async def parent() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            spawn(child, name="child")
            await asyncio.sleep(0)
            ended.append("parent")

    spawn(parent, name="parent")
    await asyncio.sleep(0)
    await stop_all()
    assert ended == ["parent", "child"]
    await stop_all()


async def test_a_spawned_task_may_stop_all_others() -> None:
    other = spawn(wait, name="other")
    await asyncio.wait_for(spawn(stop_all, name="stopper"), 5)
    assert other.cancelled()


async def test_a_task_that_fails_while_it_is_stopped_is_logged() -> None:
    async def fail_in_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError

    with structlog.testing.capture_logs() as logs:
        spawn(fail_in_the_end, name="fails")
        await asyncio.sleep(0)
        await stop_all()
    assert [entry["event"] for entry in logs] == ["task_failed"]
