"""What one process hears of another over PostgreSQL: by NOTIFY, and nothing is lost where listening is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import asyncpg
import pytest
from pydantic import BaseModel

from linli.core.feed import Feed, Follower, feed, listening
from linli.core.feed.listening import Listener
from linli.core.records.event_types import EventType, Public
from linli.core.records.events import append
from linli.core.records.postgres import PostgresStore
from linli.core.records.sealing import seal_now
from linli.core.records.store import scope
from linli.core.records.unit_of_work import unit_of_work
from tests.core.conftest import Stores
from tests.schema.commands.ways import Way

pytestmark = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)

NEVER = 3600.0


class Noted(BaseModel):
    text: Public[str]


NOTED = EventType("core.noted", 1, Noted, "Something was noted")


@pytest.fixture
def never_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds learn by being told alone."""
    monkeypatch.setattr(feed, "POLL_SECONDS", NEVER)


@pytest.fixture
async def here(stores: Stores) -> PostgresStore:
    """A district as this process knows it."""
    return await stores.postgres()


@pytest.fixture
async def there(stores: Stores, here: PostgresStore) -> PostgresStore:
    """The same as another process knows it: what is sealed through it, nobody here is told of."""
    made = PostgresStore(await stores.pool(), here.schema)
    made.keyring = here.keyring
    return made


async def note(store: PostgresStore) -> None:
    """Something happens, and is sealed."""
    with scope(store):
        async with unit_of_work():
            await append(NOTED, "Note", uuid4(), Noted(text="x"))
    await seal_now(store)


@asynccontextmanager
async def listened(url: str, store: PostgresStore, wake: Callable[[], None]) -> AsyncIterator[None]:
    task = asyncio.create_task(Listener(url, {store.schema: wake}).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def take(follower: Follower, count: int) -> list[int]:
    """The sequences of the next events."""
    found: list[int] = []
    while len(found) < count:
        told = await follower.take(20.0)
        assert told, f"only {found} came"
        found += [one.sequence for one in told]
    return found


async def ask(stores: Stores, query: str) -> int:
    """A number that the server answers."""
    connection = await asyncpg.connect(stores.dsn)
    try:
        found: int = await connection.fetchval(query)
        return found
    finally:
        await connection.close()


LISTENERS = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND application_name = '{}'"


@pytest.mark.usefixtures("never_polled")
async def test_what_happens_while_a_listener_is_cut_off_is_told_when_it_listens_again(
    stores: Stores, here: PostgresStore, there: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "RETRY_SECONDS", 0.3)
    name = f"linli-{uuid4().hex[:8]}"
    feeding, listeners = Feed(here), LISTENERS.format(name)
    async with listened(f"{stores.dsn}?application_name={name}", here, feeding.wake):
        while not await ask(stores, f"SELECT count(*) {listeners}"):
            await asyncio.sleep(0.02)
        async with feeding.following(lambda _: True) as follower:
            await note(there)
            assert await take(follower, 1) == [1]
            assert await ask(stores, f"SELECT count(pg_terminate_backend(pid)) {listeners}") == 1
            await note(there)
            await note(there)
            assert await take(follower, 2) == [2, 3]
            while not await ask(stores, f"SELECT count(*) {listeners}"):
                await asyncio.sleep(0.02)
            await note(there)
            assert await take(follower, 1) == [4]


@pytest.mark.usefixtures("never_polled")
async def test_a_server_that_was_away_is_listened_to_again(
    stores: Stores, here: PostgresStore, there: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "RETRY_SECONDS", 0.1)
    feeding, way = Feed(here), Way(stores.dsn)
    with way.opened():
        async with listened(way.url, here, feeding.wake), feeding.following(lambda _: True) as follower:
            await note(there)
            assert await take(follower, 1) == [1]
            way.cut()
            await asyncio.sleep(0.3)
            await note(there)
            assert await follower.take(0.3) == [], "nobody told"
            way.open()
            assert await take(follower, 1) == [2]


async def test_without_anybody_listening_events_are_found_by_looking(here: PostgresStore, there: PostgresStore) -> None:
    feeding = Feed(here)
    async with feeding.following(lambda _: True) as follower:
        for number in range(1, 4):
            await note(there)
            assert await take(follower, 1) == [number]
