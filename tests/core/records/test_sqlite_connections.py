from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosqlite
import pytest

from linli.core.graph.models import OrgNode
from linli.core.records.sqlite import READERS, SqliteStore
from linli.core.records.sqlite_connections import connect, quieten
from linli.core.records.store import scope
from linli.core.records.unit_of_work import current_client, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
ENDLESS = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000000)
    SELECT count(*) FROM numbers
"""


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def in_unit(name: str) -> None:
    async with unit_of_work():
        await add(name)


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
    threads = connection_threads()
    with pytest.raises(RuntimeError, match="journal_mode=memory"):
        await connect(Path(":memory:"))
    await all_threads_end(threads)


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
    threads = connection_threads()
    with pytest.raises(sqlite3.OperationalError):
        await SqliteStore(tmp_path).open()
    await all_threads_end(threads)


def connection_threads() -> int:
    return sum("_connection_worker" in thread.name for thread in threading.enumerate())


async def all_threads_end(but: int) -> None:
    """A connection's thread ends a moment after the connection is closed."""
    for _ in range(1000):
        if connection_threads() <= but:
            break
        await asyncio.sleep(0.001)
    assert connection_threads() <= but


async def test_a_new_file_can_be_opened_by_many_at_once(dialect: str, tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"{number}.sqlite3"
        opened = await asyncio.gather(*(SqliteStore(path).open(readers=1) for _ in range(6)))
        await asyncio.gather(*(store.close() for store in opened))


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


async def test_opening_waits_for_another_program_that_locks_the_file(dialect: str, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "district.sqlite3", busy_timeout=0.2)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("CREATE TABLE made_before_linli (a int)")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await store.open()
    opening = asyncio.create_task(store.open())
    await asyncio.sleep(0.05)
    assert not opening.done()
    other.execute("COMMIT")
    await opening
    await store.close()
    other.close()


async def test_an_idle_connection_is_quiet_at_once(stores: Stores) -> None:
    store = await stores.sqlite()
    await asyncio.wait_for(quieten(store.writer), 1)
    assert await store.writer.execute_fetchall("SELECT 1") is not None


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
        output, _ = await asyncio.to_thread(program.communicate, timeout=60)
    finally:
        program.kill()
    assert output == "done\n"
    assert program.returncode == 0
