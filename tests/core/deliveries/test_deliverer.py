"""Telling handlers of events: after the commit, in order per subject, once in effect, whatever fails meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from linli.core.clock import FrozenClock
from linli.core.deliveries import carrying
from linli.core.deliveries.handlers import EventHandler, Handler
from linli.core.deliveries.lag import lags
from linli.core.errors import RejectedError
from linli.core.people.event_types import PersonUpdated
from linli.core.people.models import Person
from linli.core.people.services import create_person
from linli.core.records.delivery_models import DeliveryState
from linli.core.records.models import EventPayload
from linli.core.records.sealing import Sealer
from linli.core.records.unit_of_work import transact

from .conftest import BREAKS, COPIES, Bench, Logs


async def test_a_handler_is_told_of_each_event_once(bench: Bench) -> None:
    people = [await bench.person() for _ in range(5)]
    done = await bench.deliverer(COPIES).drain()
    assert (done.done, done.failed) == (5, 0)
    assert {subject for _, subject, _ in bench.told} == set(people)
    assert (await bench.deliverer(COPIES).drain()).done == 0
    assert len(await bench.copies()) == 5
    assert {one.state for one in await bench.deliveries(COPIES)} == {DeliveryState.DONE.value}


async def test_events_of_one_subject_come_in_order_with_their_values(bench: Bench) -> None:
    person = await bench.person("甲")
    for name in ("乙", "丙", "丁"):
        await bench.rename(person, name)
    await bench.deliverer(COPIES).drain()
    numbers = [number or 0 for _, _, number in bench.told]
    assert len(numbers) == 4
    assert numbers == sorted(numbers)
    told = [payload.after.name for payload in bench.payloads if isinstance(payload, PersonUpdated) and payload.after]
    assert told == ["乙", "丙", "丁"]


async def test_nothing_is_delivered_of_what_was_undone(bench: Bench) -> None:
    async def undone(_unit: object) -> None:
        await create_person(name="王五")
        raise RejectedError("not now")

    with bench.district.scope(), pytest.raises(RejectedError):
        await transact(undone)
    assert (await bench.deliverer().drain()).done == 0
    assert await bench.deliveries(COPIES) == []


async def test_a_failure_is_undone_and_harms_no_other_subject_and_no_other_handler(bench: Bench, logs: Logs) -> None:
    people = [await bench.person() for _ in range(4)]
    bench.broken = {people[1]}
    done = await bench.deliverer().drain()
    assert done.failed >= 1
    assert {subject for name, subject, _ in bench.told if name == BREAKS} == set(people) - {people[1]}
    assert {subject for name, subject, _ in bench.told if name == COPIES} == set(people)
    assert len(await bench.copies()) == 7
    (failed,) = [one for one in await bench.deliveries(BREAKS) if one.subject_id == people[1]]
    assert (failed.state, failed.attempts, failed.problem) == ("PENDING", 1, "ArithmeticError")
    (line,) = [line for line in logs if line["event"] == "delivery_failed"]
    assert (line["handler"], line["plugin"], line["delivery"]) == (BREAKS, "graphql", str(failed.id))


async def test_what_comes_later_of_a_subject_waits_until_the_earlier_is_done(bench: Bench, clock: FrozenClock) -> None:
    person = await bench.person("甲")
    bench.broken = {person}
    await bench.rename(person, "乙")
    await bench.deliverer(BREAKS).drain()
    assert [one.attempts for one in await bench.deliveries(BREAKS)] == [1, 0]
    bench.broken = set()
    assert (await bench.deliverer(BREAKS).drain()).done == 0, "it is left alone for a second"
    clock.advance(clock.now() + timedelta(seconds=1))
    assert (await bench.deliverer(BREAKS).drain()).done == 2
    assert [number for _, _, number in bench.told] == [one.sequence for one in await bench.deliveries(BREAKS)]


async def test_what_failed_too_often_is_given_up_and_what_follows_goes_on(
    bench: Bench, clock: FrozenClock, logs: Logs
) -> None:
    person = await bench.person("甲")
    bench.broken = {person}
    for _ in range(3):
        await bench.deliverer(BREAKS).drain()
        clock.advance(clock.now() + timedelta(minutes=5))
    (given_up,) = await bench.deliveries(BREAKS)
    assert (given_up.state, given_up.attempts) == (DeliveryState.DEAD.value, 3)
    assert [line["attempts"] for line in logs if line["event"] == "delivery_dead"] == [3]
    bench.broken = set()
    await bench.rename(person, "乙")
    assert (await bench.deliverer(BREAKS).drain()).done == 1
    with bench.district.scope():
        (lag,) = await lags([BREAKS])
    assert (lag.pending, lag.dead, lag.seconds) == (0, 1, 0)


async def test_an_event_that_cannot_be_read_is_given_up_and_keeps_no_other_waiting(
    bench: Bench, clock: FrozenClock
) -> None:
    people = [await bench.person() for _ in range(4)]
    lost = next(one for one in await bench.deliveries(COPIES) if one.subject_id == people[0])
    with bench.district.scope():
        await transact(lambda _unit: EventPayload.filter(id=lost.event_id).delete())
    for _ in range(3):
        await bench.deliverer(COPIES).drain()
        clock.advance(clock.now() + timedelta(minutes=1))
    assert {subject for _, subject, _ in bench.told} == set(people[1:])
    (dead,) = [one for one in await bench.deliveries(COPIES) if one.id == lost.id]
    assert (dead.state, dead.problem) == ("DEAD", "LookupError")


async def test_a_handler_that_hangs_is_cut_off_at_its_time_limit_and_counted(bench: Bench) -> None:
    async def hang(*_: object) -> None:
        await Person.create(name="copy of nothing", name_key="")
        await asyncio.sleep(60)

    hanging = EventHandler(COPIES, {"core.person_created": 1}, hang, "Hangs", seconds=0.05)
    bench.handlers = {COPIES: Handler("graphql", hanging)}
    await bench.person()
    assert (await bench.deliverer().drain()).failed == 1
    assert await bench.copies() == []
    (delivery,) = await bench.deliveries(COPIES)
    assert delivery.problem == "TimeoutError"
    counted = bench.district.hooks.stats["graphql"].hooks[COPIES]
    assert counted.failures >= 1


async def test_a_refusal_is_told_by_its_code(bench: Bench) -> None:
    async def refuse(*_: object) -> None:
        raise RejectedError("no points are left", code="NO_POINTS")

    bench.handlers = {COPIES: Handler("graphql", EventHandler(COPIES, {"core.person_created": 1}, refuse, "Refuses"))}
    await bench.person()
    await bench.deliverer().drain()
    (delivery,) = await bench.deliveries(COPIES)
    assert delivery.problem == "NO_POINTS"


async def test_lag_counts_what_waits_and_since_when(bench: Bench, clock: FrozenClock) -> None:
    person = await bench.person()
    bench.broken = {person}
    await bench.deliverer().drain()
    clock.advance(clock.now() + timedelta(seconds=90))
    with bench.district.scope():
        found = {lag.handler: lag for lag in await lags([COPIES, BREAKS])}
    assert (found[COPIES].pending, found[COPIES].seconds) == (0, 0)
    assert (found[BREAKS].pending, found[BREAKS].seconds) == (1, 90)


async def test_a_running_deliverer_is_woken_by_a_commit(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.core.deliveries.deliverer.POLL_SECONDS", 60.0)
    sealers = [Sealer(bench.district.store)] if bench.district.store.dialect == "postgres" else []
    deliverer = bench.deliverer()
    for sealer in sealers:
        sealer.start()
    deliverer.start()
    try:
        await asyncio.sleep(0.1)
        person = await bench.person()
        async with asyncio.timeout(5):
            while len(bench.told) < 2:
                await asyncio.sleep(0.01)
    finally:
        await deliverer.stop()
        for sealer in sealers:
            await sealer.stop()
    assert {(name, subject) for name, subject, _ in bench.told} == {(COPIES, person), (BREAKS, person)}


async def test_two_deliverers_at_once_tell_each_event_once_and_in_order(bench: Bench) -> None:
    people = [await bench.person() for _ in range(6)]
    for round_ in range(4):
        for person in people:
            await bench.rename(person, f"第{round_}名")
    await asyncio.gather(*(bench.deliverer(COPIES).drain() for _ in range(4)))
    done = await bench.deliveries(COPIES)
    assert len(done) == 30
    assert {one.state for one in done} == {"DONE"}
    assert len(await bench.copies()) == 30
    assert len(set(await bench.copies())) == 30


async def test_a_failure_in_a_batch_undoes_it_and_the_rest_is_carried_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "BATCH", 20)
    people: list[UUID] = [await bench.person() for _ in range(30)]
    bench.broken = {people[7], people[25]}
    done = await bench.deliverer(BREAKS).drain()
    assert (done.done, done.failed) == (28, 2)
    assert len(await bench.copies()) == 28
