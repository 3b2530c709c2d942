from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosqlite
import pytest
from tortoise.exceptions import OperationalError

from linli.core.graph.models import OrgNode
from linli.core.records.sqlite import READERS, SqliteStore
from linli.core.records.sqlite_connections import connect, quieten
from linli.core.records.store import StoreBusyError, StoreClosedError, scope
from linli.core.records.unit_of_work import UnitOfWork, current_client, transact, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
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


async def pragmas(connection: aiosqlite.Connection) -> dict[str, Any]:
    found = {}
    for name in (*PRAGMAS, "query_only"):
        [[found[name]]] = await connection.execute_fetchall(f"PRAGMA {name}")
    return found


async def test_writer_and_readers_have_their_pragmas(stores: Stores) -> None:
    store = await stores.sqlite()
    assert await pragmas(store.writer) == {**PRAGMAS, "query_only": 0}
    async with AsyncExitStack() as all_of_them:
        readers = [await all_of_them.enter_async_context(store.reader.acquire_connection()) for _ in range(READERS)]
        assert len(set(readers)) == READERS
        for reader in readers:
            assert await pragmas(reader) == {**PRAGMAS, "query_only": 1}


async def test_the_busy_timeout_is_that_of_every_connection(stores: Stores) -> None:
    store = await stores.sqlite(busy_timeout=1.5)
    async with store.reader.acquire_connection() as reader:
        assert (await pragmas(reader))["busy_timeout"] == 1500
    assert (await pragmas(store.writer))["busy_timeout"] == 1500


async def test_a_file_that_cannot_be_in_wal_mode_is_refused(dialect: str) -> None:
    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="journal_mode=memory"):
        await connect(Path(":memory:"))
    assert threading.active_count() == threads


async def test_a_file_survives_being_closed_and_opened_again(stores: Stores) -> None:
    store = await stores.sqlite()
    with scope(store):
        await in_unit("a")
    await store.close()
    await store.open()
    with scope(store):
        assert await names() == ["a"]
        await in_unit("b")
    await store.close()
    with sqlite3.connect(store.path) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
        assert plain.execute("SELECT name FROM core_org_node ORDER BY name").fetchall() == [("a",), ("b",)]
    plain.close()


async def test_the_folder_of_a_file_is_made(dialect: str, tmp_path: Path) -> None:
    store = await SqliteStore(tmp_path / "data" / "north" / "district.sqlite3").open()
    await store.close()
    assert store.path.exists()


async def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(dialect: str, tmp_path: Path) -> None:
    threads = threading.active_count()
    with pytest.raises(sqlite3.OperationalError):
        await SqliteStore(tmp_path).open()
    for _ in range(1000):
        if threading.active_count() == threads:
            break
        await asyncio.sleep(0.001)
    assert threading.active_count() == threads


async def test_a_new_file_can_be_opened_by_many_at_once(dialect: str, tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"{number}.sqlite3"
        opened = await asyncio.gather(*(SqliteStore(path).open(readers=1) for _ in range(6)))
        await asyncio.gather(*(store.close() for store in opened))


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


async def test_a_cancelled_query_does_not_keep_its_reader_busy(stores: Stores) -> None:
    store = await stores.sqlite(readers=1)
    with scope(store):
        query = asyncio.ensure_future(current_client().execute_query(ENDLESS))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        query.cancel()
        with pytest.raises(asyncio.CancelledError):
            await query
        assert await names() == []
        assert time.monotonic() - began < 2


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


async def test_an_idle_connection_is_quiet_at_once(stores: Stores) -> None:
    store = await stores.sqlite()
    await asyncio.wait_for(quieten(store.writer), 1)
    assert await store.writer.execute_fetchall("SELECT 1") is not None


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


async def test_a_changed_table_is_read_and_written_at_once(stores: Stores) -> None:
    store = await stores.sqlite()
    with scope(store):
        await in_unit("a")
        assert await asyncio.gather(*(names() for _ in range(8))) == [["a"]] * 8
        await stores.outside(store, "ALTER TABLE core_org_node ADD COLUMN extra int NOT NULL DEFAULT 7")
        assert await asyncio.gather(*(names() for _ in range(8))) == [["a"]] * 8
        [row] = await current_client().execute_query_dict("SELECT * FROM core_org_node")
        assert row["extra"] == 7
        await in_unit("b")
        assert await names() == ["a", "b"]


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


FORGET_TO_CLOSE = """
import asyncio, sys
from pathlib import Path
from linli.core.records.sqlite import SqliteStore

async def main():
    return await SqliteStore(Path(sys.argv[1])).open()

forgotten = asyncio.run(main())
print("done", flush=True)
"""


async def test_a_program_that_forgets_to_close_its_store_still_exits(dialect: str, tmp_path: Path) -> None:
    program = await asyncio.to_thread(run, FORGET_TO_CLOSE, tmp_path / "district.sqlite3")
    try:
        output, _ = await asyncio.to_thread(program.communicate, timeout=20)
    finally:
        program.kill()
    assert output == "done\n"
    assert program.returncode == 0
