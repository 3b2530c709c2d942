"""Handlers that work outside of the district: told at least once, in order per subject, without a transaction."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from linli.core.clock import FrozenClock
from linli.core.deliveries import turns
from linli.core.deliveries.handlers import EventHandler, Handler, wanted_by
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records import outbox
from linli.core.records.models import Event
from linli.core.records.unit_of_work import in_unit, transact

from .conftest import ON, SENDS, Bench


class Receiver:
    """Somebody outside, who gets what is sent; `deaf` to some subjects, and slow where it is said."""

    def __init__(self, bench: Bench) -> None:
        self.got: list[tuple[UUID, int | None]] = []
        self.deaf: set[UUID] = set()
        self.seconds = 0.0
        self.at_once = self.most_at_once = 0
        handler = EventHandler(SENDS, ON, self.send, "Sends it", attempts=3, seconds=0.5, outside=True)
        bench.handlers = {SENDS: Handler("graphql", handler)}
        outbox.deliver_to(bench.district.store, wanted_by(bench.handlers))

    async def send(self, _district: District, event: Event, _payload: object) -> None:
        assert not in_unit()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
            if event.subject_id in self.deaf:
                raise ConnectionError("refused on purpose")
            self.got.append((event.subject_id, event.sequence))
        finally:
            self.at_once -= 1


@pytest.fixture
def receiver(bench: Bench) -> Receiver:
    return Receiver(bench)


async def test_what_is_sent_is_sent_once_and_in_order_per_subject(bench: Bench, receiver: Receiver) -> None:
    people = [await bench.person() for _ in range(3)]
    for round_ in range(3):
        for person in people:
            await bench.rename(person, f"第{round_}名")
    done = await bench.deliverer().drain()
    assert (done.done, done.failed) == (12, 0)
    for person in people:
        numbers = [number or 0 for subject, number in receiver.got if subject == person]
        assert len(numbers) == 4
        assert numbers == sorted(numbers)
    assert {one.state for one in await bench.deliveries(SENDS)} == {"DONE"}


async def test_subjects_are_sent_at_one_time_and_others_write_meanwhile(bench: Bench, receiver: Receiver) -> None:
    receiver.seconds = 0.2
    for _ in range(6):
        await bench.person()
    sending = asyncio.create_task(bench.deliverer().drain())
    await asyncio.sleep(0.1)
    with bench.district.scope():
        async with asyncio.timeout(0.5):
            await transact(lambda _unit: Person.create(name="meanwhile", name_key=""))
    await sending
    assert receiver.most_at_once > 1
    assert len(receiver.got) == 6


async def test_a_receiver_that_is_down_gets_everything_in_order_once_it_is_back(
    bench: Bench, receiver: Receiver, clock: FrozenClock
) -> None:
    person, other = await bench.person(), await bench.person()
    await bench.rename(person, "乙")
    receiver.deaf = {person}
    await bench.deliverer().drain()
    assert [subject for subject, _ in receiver.got] == [other]
    (waiting,) = [one for one in await bench.deliveries(SENDS) if one.attempts == 1 and one.subject_id == person]
    assert (waiting.state, waiting.problem) == ("PENDING", "ConnectionError")
    receiver.deaf = set()
    clock.advance(clock.now() + timedelta(seconds=1))
    assert (await bench.deliverer().drain()).done == 2
    numbers = [number or 0 for subject, number in receiver.got if subject == person]
    assert len(numbers) == 2
    assert numbers == sorted(numbers)


async def test_what_a_dead_process_was_sending_is_taken_over_after_its_lease(
    bench: Bench, receiver: Receiver, clock: FrozenClock
) -> None:
    await bench.person()
    receiver.seconds = 30.0
    dying = asyncio.create_task(bench.deliverer().drain())
    await asyncio.sleep(0.2)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    receiver.seconds = 0.0
    assert (await bench.deliverer().drain()).done == 0, "it is leased"
    clock.advance(clock.now() + timedelta(seconds=29))
    assert (await bench.deliverer().drain()).done == 1
    assert len(receiver.got) == 1


async def test_a_receiver_that_hangs_is_cut_off(bench: Bench, receiver: Receiver) -> None:
    await bench.person()
    receiver.seconds = 5.0
    assert (await bench.deliverer().drain()).failed == 1
    (delivery,) = await bench.deliveries(SENDS)
    assert delivery.problem == "TimeoutError"


async def test_noting_that_fails_spoils_no_other_and_is_sent_again_after_its_lease(
    bench: Bench, receiver: Receiver, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await bench.person() for _ in range(3)]
    broken: list[UUID] = []
    note = turns.done

    async def failing(delivery_id: UUID, outcome: str | None = None) -> bool:
        if not broken:
            broken.append(delivery_id)
        if broken == [delivery_id]:
            raise ConnectionError("the database is gone")
        await asyncio.sleep(0.1)
        return await note(delivery_id, outcome)

    monkeypatch.setattr(turns, "done", failing)
    with pytest.raises(ConnectionError):
        await bench.deliverer().drain()
    assert sorted(one.state for one in await bench.deliveries(SENDS)) == ["DONE", "DONE", "PENDING"]
    monkeypatch.setattr(turns, "done", note)
    clock.advance(clock.now() + timedelta(seconds=10))
    assert (await bench.deliverer().drain()).done == 1
    assert sorted(Counter(subject for subject, _ in receiver.got).values()) == [1, 1, 2]
    assert {subject for subject, _ in receiver.got} == set(people)
