from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tortoise.exceptions import OperationalError

from linli.core.graph.models import OrgNode
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import StoreBusyError, StoreClosedError, scope
from linli.core.records.unit_of_work import UnitOfWork, current_client, transact, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

ENDLESS = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000000)
    SELECT count(*) FROM numbers
"""
ENDLESS_WRITE = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000000)
    INSERT INTO numbers SELECT n FROM numbers
"""


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def in_unit(name: str) -> None:
    async with unit_of_work():
        await add(name)


@contextmanager
def another_writer(store: SqliteStore) -> Iterator[None]:
    """Another program that holds the right to write."""
    other = sqlite3.connect(store.path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_a_closed_store_refuses_everything(stores: Stores) -> None:
    store = await stores.sqlite()
    await store.close()
    await store.close()
    with scope(store):
        with pytest.raises(StoreClosedError):
            await names()
        with pytest.raises(StoreClosedError):
            await in_unit("a")


async def test_a_store_that_was_never_opened_refuses_everything(dialect: str, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "district.sqlite3")
    with scope(store):
        with pytest.raises(StoreClosedError):
            await names()
        with pytest.raises(StoreClosedError):
            await in_unit("a")
    await store.close()
    assert not store.path.exists()


async def test_closing_waits_for_what_is_under_way_and_refuses_what_comes_later(stores: Stores) -> None:
    store = await stores.sqlite(readers=1)
    closing = asyncio.Event()

    async def write_late() -> None:
        await closing.wait()
        await in_unit("late")

    with scope(store):
        late_writer = asyncio.create_task(write_late())
        async with store.reader.acquire_connection():
            late_reader = asyncio.create_task(names())
            await asyncio.sleep(0)
            async with unit_of_work():
                closed = asyncio.create_task(store.close())
                await asyncio.sleep(0.01)
                closing.set()
                await asyncio.sleep(0.01)
                assert not closed.done()
                await add("a")
        with pytest.raises(StoreClosedError):
            await late_reader
        with pytest.raises(StoreClosedError):
            await late_writer
        await closed
    await store.open()
    with scope(store):
        assert await names() == ["a"]


async def test_closing_gives_up_on_a_unit_that_does_not_end(stores: Stores) -> None:
    store = await stores.sqlite(busy_timeout=0.05)
    with scope(store):
        async with unit_of_work():
            await add("a")
            with pytest.raises(StoreBusyError):
                await store.close()
    await store.close()
    await store.open()
    with scope(store):
        assert await names() == ["a"]


async def test_a_unit_that_cannot_begin_since_another_program_writes_lets_go(stores: Stores) -> None:
    store = await stores.sqlite(busy_timeout=0.05)
    with scope(store):
        with another_writer(store):
            for _ in range(2):
                with pytest.raises(StoreBusyError, match="another process") as busy:
                    await in_unit("a")
                assert not store.lock.locked()
            assert await names() == []
        assert store.is_transient(busy.value)
        await in_unit("a")
        assert await names() == ["a"]


async def test_a_unit_waits_for_another_program_that_writes(stores: Stores) -> None:
    store = await stores.sqlite()
    with scope(store):
        with another_writer(store):
            unit = asyncio.create_task(in_unit("a"))
            await asyncio.sleep(0.1)
            assert not unit.done()
            assert await names() == []
        await unit
        assert await names() == ["a"]


async def test_a_unit_is_tried_anew_while_another_program_writes(stores: Stores) -> None:
    store = await stores.sqlite(busy_timeout=0.01)

    async def work(_: UnitOfWork) -> None:
        await add("a")

    with scope(store):
        with another_writer(store):
            with pytest.raises(StoreBusyError):
                await transact(work)
            unit = asyncio.create_task(transact(work))
            await asyncio.sleep(0.05)
        await unit
        assert await names() == ["a"]


async def test_a_unit_cancelled_while_it_waits_for_another_program_lets_go(stores: Stores) -> None:
    store = await stores.sqlite(busy_timeout=0.2)
    with scope(store):
        with another_writer(store):
            unit = asyncio.create_task(in_unit("a"))
            await asyncio.sleep(0.05)
            unit.cancel()
            with pytest.raises(asyncio.CancelledError):
                await unit
            assert not store.lock.locked()
        await in_unit("b")
        assert await names() == ["b"]


async def test_busy_is_passing_and_other_errors_are_not(stores: Stores) -> None:
    store = await stores.sqlite()
    other = sqlite3.connect(store.path, isolation_level=None, timeout=0)
    with another_writer(store), pytest.raises(sqlite3.OperationalError) as busy:
        other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as wrong:
        other.execute("SELECT * FROM nothing")
    other.close()
    assert store.is_transient(busy.value)
    assert store.is_transient(OperationalError(busy.value))
    assert not store.is_transient(wrong.value)
    assert not store.is_transient(OperationalError(wrong.value))
    assert not store.is_transient(ValueError())


async def test_two_programs_write_to_one_file(stores: Stores) -> None:
    store = await stores.sqlite()
    beside = await SqliteStore(store.path).open()

    async def write(mine: SqliteStore, kind: str) -> None:
        with scope(mine):
            for number in range(20):
                await in_unit(f"{kind} {number}")
                assert f"{kind} {number}" in await names()

    try:
        await asyncio.gather(write(store, "server"), write(beside, "command"))
    finally:
        await beside.close()
    with scope(store):
        assert await OrgNode.all().count() == 40


@pytest.mark.parametrize("statement", [ENDLESS, ENDLESS_WRITE])
async def test_a_unit_cancelled_in_a_long_statement_lets_go(stores: Stores, statement: str) -> None:
    store = await stores.sqlite()
    await stores.outside(store, "CREATE TABLE numbers (n int)")

    async def work() -> None:
        async with unit_of_work():
            await add("a")
            await current_client().execute_query(statement)

    with scope(store):
        unit = asyncio.create_task(work())
        await asyncio.sleep(0.05)
        began = time.monotonic()
        unit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await unit
        assert time.monotonic() - began < 2
        assert await names() == []
    await stores.still_works(store)


async def test_a_full_disk_undoes_the_unit_and_lets_go(stores: Stores) -> None:
    store = await stores.sqlite()

    async def work() -> None:
        async with unit_of_work():
            await add("a")
            await OrgNode.filter(name="a").update(attributes={"long": "x" * 100_000})

    with scope(store):
        [[pages]] = await store.writer.execute_fetchall("PRAGMA page_count")
        await store.writer.execute_fetchall(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(OperationalError, match="full"):
            await work()
        assert await names() == []
        await store.writer.execute_fetchall("PRAGMA max_page_count=1000000")
    await stores.still_works(store)


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


WRITE_AND_WAIT = """
import asyncio, sys
from pathlib import Path
from linli.core.graph.models import OrgNode
from linli.core.records import orm
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import scope
from linli.core.records.unit_of_work import unit_of_work

async def main():
    await orm.register("sqlite", {"core": "linli.core.models"})
    store = await SqliteStore(Path(sys.argv[1])).open()
    with scope(store):
        async with unit_of_work():
            await OrgNode.create(kind="GRID", name="new", name_key="new", path="new/", depth=0)
            await OrgNode.filter(name="old").update(name="changed")
            print("written", flush=True)
            await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_program_killed_inside_a_unit_leaves_the_old_state(stores: Stores) -> None:
    store = await stores.sqlite()
    with scope(store):
        await in_unit("old")
        program = await asyncio.to_thread(run, WRITE_AND_WAIT, store.path)
        with program:
            assert program.stdout is not None
            assert await asyncio.to_thread(program.stdout.readline) == "written\n"
            program.kill()
        assert await names() == ["old"]
        await in_unit("next")
        assert await names() == ["next", "old"]
