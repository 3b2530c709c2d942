from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from linli.core import clock
from linli.core.records import sealing
from linli.core.records.event_types import EventType, Public
from linli.core.records.events import append, sealed_events
from linli.core.records.models import Event
from linli.core.records.sealing import Sealer, seal_now
from linli.core.records.store import ScopeError, Store, scope
from linli.core.records.unit_of_work import unit_of_work
from linli.core.records.verify import verify

if TYPE_CHECKING:
    from tests.core.conftest import Stores


class Noted(BaseModel):
    text: Public[str]


NOTED = EventType("core.noted", 1, Noted, "Something was noted")


on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)


@pytest.fixture
def in_scope(store: Store) -> Iterator[Store]:
    with scope(store):
        yield store


@pytest.fixture
async def sealer(in_scope: Store) -> AsyncIterator[Sealer]:
    running = Sealer(in_scope)
    running.start()
    yield running
    await running.stop()


async def note(*texts: str) -> UUID:
    async with unit_of_work() as unit:
        for text in texts:
            await append(NOTED, "Note", uuid4(), Noted(text=text))
    return unit.id


async def sequences() -> list[int | None]:
    return [event.sequence for event in await sealed_events()]


async def until_sealed(count: int, seconds: float = 5.0) -> float:
    """Waits until so many events are sealed; how long that took, in seconds."""
    start = clock.monotonic()
    async with asyncio.timeout(seconds):
        while await sealed_events().count() < count:
            await asyncio.sleep(0.001)
    return clock.monotonic() - start


@on_sqlite
async def test_on_sqlite_an_event_is_sealed_when_its_unit_commits(in_scope: Store) -> None:
    async with unit_of_work():
        event = await append(NOTED, "Note", uuid4(), Noted(text="a"))
    found = await Event.get(id=event.id)
    assert (found.sequence, found.chain) == (event.sequence, event.chain) == (1, event.chain)
    assert found.chain is not None
    assert found.arrival is None
    assert await seal_now(in_scope) == 0


@on_postgres
async def test_on_postgres_an_event_is_unsealed_until_it_is_sealed(in_scope: Store) -> None:
    await note("a", "b")
    assert await Event.filter(sequence=None, chain=None, arrival__not_isnull=True).count() == 2
    assert await seal_now(in_scope) == 2
    assert await sequences() == [1, 2]
    assert await seal_now(in_scope) == 0
    assert (await verify()).ok


@on_postgres
async def test_a_sealer_seals_within_100_ms_of_a_commit(in_scope: Store, sealer: Sealer) -> None:
    waits = []
    for count in range(1, 12):
        await note("a")
        waits.append(await until_sealed(count))
    assert sorted(waits)[len(waits) // 2] < 0.1


@on_postgres
async def test_a_sealer_finds_by_its_poll_what_no_commit_told_it_of(in_scope: Store) -> None:
    sealer = Sealer(in_scope, poll_seconds=0.05)
    sealer.start()
    await until_idle()
    sealing._sealers.pop(in_scope)
    await note("a")
    await until_sealed(1)
    await sealer.stop()


async def until_idle() -> None:
    await asyncio.sleep(0.1)


@on_postgres
async def test_a_sealer_seals_what_is_left_when_it_is_stopped(in_scope: Store) -> None:
    sealer = Sealer(in_scope, poll_seconds=60)
    sealer.start()
    await note(*"abc")
    await sealer.stop()
    assert await sequences() == [1, 2, 3]
    await note("d")
    assert await sequences() == [1, 2, 3]


@on_postgres
async def test_a_sealer_outlives_a_failure(in_scope: Store, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "RETRY_SECONDS", 0.01)
    await note("a")
    await stores.outside(in_scope, "ALTER TABLE core_event RENAME TO core_event_away")
    sealer = Sealer(in_scope, poll_seconds=0.02)
    sealer.start()
    await until_idle()
    await stores.outside(in_scope, "ALTER TABLE core_event_away RENAME TO core_event")
    await until_sealed(1)
    await sealer.stop()
    assert (await verify()).ok


async def test_sealing_inside_a_unit_of_work_is_refused(in_scope: Store) -> None:
    async with unit_of_work():
        with pytest.raises(ScopeError):
            await seal_now(in_scope)


async def test_units_that_commit_one_after_the_other_are_sealed_in_that_order(in_scope: Store) -> None:
    committed = [await note(*"abc"[: 1 + place % 3]) for place in range(12)]
    await seal_now(in_scope)
    order = list(dict.fromkeys([event.transaction_id for event in await sealed_events()]))
    assert order == committed


async def test_the_clock_running_backwards_does_not_change_the_order(in_scope: Store) -> None:
    frozen = clock.FrozenClock(clock.now())
    before = clock.use(frozen)
    try:
        committed = []
        for _ in range(5):
            frozen.advance(frozen.now().replace(year=frozen.now().year - 1, day=1))
            committed.append(await note("a"))
        await seal_now(in_scope)
        assert [event.transaction_id for event in await sealed_events()] == committed
    finally:
        clock.use(before)


async def test_an_undone_unit_leaves_no_gap(in_scope: Store) -> None:
    async def fail() -> None:
        async with unit_of_work() as unit:
            await append(NOTED, "Note", uuid4(), Noted(text="b"))
            unit.before_commit.append(refuse)

    async def refuse() -> None:
        raise LookupError

    await note("a")
    with pytest.raises(LookupError):
        await fail()
    await note("c")
    await seal_now(in_scope)
    assert await sequences() == [1, 2]
    assert (await verify()).ok


@on_postgres
async def test_a_unit_that_commits_late_comes_after_what_is_sealed_already(in_scope: Store) -> None:
    written, go_on = asyncio.Event(), asyncio.Event()

    async def late() -> UUID:
        async with unit_of_work() as unit:
            await append(NOTED, "Note", uuid4(), Noted(text="late"))

            async def wait() -> None:
                written.set()
                await go_on.wait()

            unit.before_commit.append(wait)
        return unit.id

    task = asyncio.create_task(late())
    await written.wait()
    early = await note("early")
    await seal_now(in_scope)
    go_on.set()
    latecomer = await task
    await seal_now(in_scope)
    assert [event.transaction_id for event in await sealed_events()] == [early, latecomer]
    assert (await verify()).ok


@on_postgres
async def test_a_batch_never_ends_in_the_midst_of_a_unit(in_scope: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    monkeypatch.setattr(sealing, "UNSEALED", sealing.UNSEALED.replace("FIRST 500", "FIRST 3"))
    units = [await note(*["x"] * size) for size in (2, 4, 1, 1, 7, 2)]
    batches: list[int] = []
    original = sealing._seal_batch

    async def counted(unit: Any) -> int:
        batches.append(await original(unit))
        return batches[-1]

    monkeypatch.setattr(sealing, "_seal_batch", counted)
    assert await seal_now(in_scope) == 17
    assert batches == [6, 9, 2]
    assert list(dict.fromkeys([event.transaction_id for event in await sealed_events()])) == units
    assert (await verify()).ok


async def test_many_writers_and_sealers_give_one_chain_without_a_gap(in_scope: Store) -> None:
    sealers = [Sealer(in_scope, poll_seconds=0.01) for _ in range(3)]
    for sealer in sealers:
        sealer.start()

    async def write(writer: int) -> None:
        for place in range(10):
            await note(*[f"{writer}/{place}"] * random.randint(1, 3))

    await asyncio.gather(*(write(writer) for writer in range(8)))
    for sealer in sealers:
        await sealer.stop()
    events = await sealed_events()
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    units = [event.transaction_id for event in events]
    assert len(events) == await Event.all().count() >= 80
    assert len([unit for place, unit in enumerate(units) if units[place - 1 : place] != [unit]]) == 80
    assert (await verify()).ok
