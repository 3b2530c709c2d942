"""Several processes on one district. Run as a program, this file is one of them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import BaseModel

from linli.core.records import orm
from linli.core.records.event_types import EventType, Public
from linli.core.records.events import append, sealed_events
from linli.core.records.models import Event
from linli.core.records.postgres import PostgresStore, open_pool
from linli.core.records.sealing import Sealer, seal_now
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import unit_of_work
from linli.core.records.verify import verify


class Noted(BaseModel):
    text: Public[str]


NOTED = EventType("core.noted", 1, Noted, "Something was noted")
POSTGRES = os.environ.get("LINLI_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Store]:
    """A district's store by the address that another process was given: a file, or `schema@dsn`."""
    if "@postgres" not in address:
        await orm.register("sqlite", {"core": "linli.core.models"})
        file = await SqliteStore(Path(address)).open()
        try:
            yield file
        finally:
            await file.close()
        return
    schema, _, dsn = address.partition("@")
    await orm.register("postgres", {"core": "linli.core.models"})
    pool = await open_pool(dsn)
    try:
        yield PostgresStore(pool, schema)
    finally:
        await pool.close()


async def write(units: int, size: int) -> None:
    for _ in range(units):
        async with unit_of_work():
            for place in range(size):
                await append(NOTED, "Note", uuid4(), Noted(text=str(place)))
        print("committed", flush=True)


async def program(address: str, writers: int, units: int, sealing: str) -> None:
    async with opened(address) as store:
        sealer = Sealer(store) if sealing == "seal" else None
        if sealer is not None:
            sealer.start()
        with scope(store):
            await asyncio.gather(*(write(units, 2) for _ in range(writers)))
        if sealer is not None:
            await sealer.stop()


class Processes:
    """Starts this file as a program, as often as a test wants, and ends what still runs after it."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []

    def start(self, store: Store, *, writers: int, units: int, sealing: bool) -> subprocess.Popen[str]:
        arguments = [address(store), str(writers), str(units), "seal" if sealing else "no"]
        process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True)
        self._started.append(process)
        return process

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def processes() -> Iterator[Processes]:
    started = Processes()
    yield started
    started.end()


def address(store: Store) -> str:
    """What another process needs to open the store."""
    if isinstance(store, PostgresStore):
        return f"{store.schema}@{POSTGRES}"
    assert isinstance(store, SqliteStore)
    return str(store.path)


async def ended(process: subprocess.Popen[str]) -> int:
    """Waits for a process without keeping the loop; its exit code."""
    await asyncio.to_thread(process.communicate, None, 60)
    return process.returncode


async def test_two_processes_with_eight_writers_give_one_chain_without_a_gap(
    store: Store, processes: Processes
) -> None:
    both = [processes.start(store, writers=4, units=125, sealing=True) for _ in range(2)]
    assert [await ended(process) for process in both] == [0, 0]
    with scope(store):
        events = await sealed_events()
        assert [event.sequence for event in events] == list(range(1, 2001))
        assert [event.ordinal for event in events] == [0, 1] * 1000
        assert len({event.transaction_id for event in events}) == 1000
        result = await verify()
    assert result.ok
    assert result.checked == 2000


async def test_what_a_killed_process_left_unsealed_is_sealed_by_the_next(store: Store, processes: Processes) -> None:
    process = processes.start(store, writers=1, units=100_000, sealing=False)
    assert process.stdout is not None
    for _ in range(10):
        assert await asyncio.to_thread(process.stdout.readline) == "committed\n"
    process.kill()
    assert await ended(process) == -signal.SIGKILL
    with scope(store):
        unsealed = await Event.filter(sequence=None).count()
        assert (unsealed == 0) is (store.dialect == "sqlite")
        sealer = Sealer(store)
        sealer.start()
        await sealer.stop()
        events = await sealed_events()
        assert len(events) == await Event.all().count() >= 20
        assert [event.ordinal for event in events] == [0, 1] * (len(events) // 2)
        assert (await verify()).ok


async def test_a_process_killed_while_it_seals_leaves_a_chain_that_goes_on(store: Store, processes: Processes) -> None:
    for _ in range(3):
        process = processes.start(store, writers=4, units=100_000, sealing=True)
        assert process.stdout is not None
        for _ in range(random.randint(5, 40)):
            await asyncio.to_thread(process.stdout.readline)
        process.kill()
        await ended(process)
    with scope(store):
        await seal_now(store)
        assert [event.sequence for event in await sealed_events()] == list(range(1, await Event.all().count() + 1))
        assert (await verify()).ok


if __name__ == "__main__":
    asyncio.run(program(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
