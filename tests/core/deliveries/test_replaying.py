"""Telling handlers again: what was given up, and events of the past."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.core.clock import FrozenClock
from linli.core.deliveries import replaying
from linli.core.deliveries.replaying import handler_of, replay, retry, retry_all
from linli.core.errors import NotFoundError, RejectedError, ValidationError
from linli.core.records import outbox
from linli.core.records.models import Event
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact

from .conftest import BREAKS, COPIES, Bench


async def give_up(bench: Bench, clock: FrozenClock, count: int = 2) -> None:
    people = [await bench.person() for _ in range(count)]
    bench.broken = set(people)
    for _ in range(3):
        await bench.deliverer(BREAKS).drain()
        clock.advance(clock.now() + timedelta(minutes=5))
    assert {one.state for one in await bench.deliveries(BREAKS)} == {"DEAD"}
    bench.broken = set()


async def test_one_that_was_given_up_is_tried_anew_and_the_others_are_not(bench: Bench, clock: FrozenClock) -> None:
    await give_up(bench, clock)
    first, second = await bench.deliveries(BREAKS)
    with bench.district.scope():
        again = await transact(lambda _unit: retry(first))
        assert (again.state, again.attempts) == ("PENDING", 0)
        with pytest.raises(RejectedError) as refused:
            await transact(lambda _unit: retry(first))
    assert refused.value.code == "NOT_DEAD"
    assert (await bench.deliverer(BREAKS).drain()).done == 1
    assert [subject for _, subject, _ in bench.told] == [first.subject_id]
    assert [one.state for one in await bench.deliveries(BREAKS)] == ["DONE", "DEAD"]
    assert second.state == "DEAD"


async def test_all_that_was_given_up_is_tried_anew_and_that_is_on_record(bench: Bench, clock: FrozenClock) -> None:
    await give_up(bench, clock, 3)
    with bench.district.scope():
        assert await transact(lambda _unit: retry_all(BREAKS)) == 3
        assert await transact(lambda _unit: retry_all(BREAKS)) == 0
    assert (await bench.deliverer(BREAKS).drain()).done == 3
    with bench.district.scope():
        assert await Event.filter(type="core.deliveries_retried").count() == 1


async def test_events_from_before_a_plugin_was_on_are_told_by_a_replay(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "BATCH", 3)
    outbox.deliver_to(bench.district.store, {})
    people = [await bench.person() for _ in range(8)]
    assert await bench.deliveries(COPIES) == []
    told: list[tuple[int, int]] = []
    await seal_now(bench.district.store)
    with bench.district.scope():
        handler = handler_of(bench.handlers, COPIES)
        count = await replay(handler, 1, progress=lambda done, total: told.append((done, total)))
        assert count == 8
        assert told[-1][0] == told[-1][1]
        assert await Event.filter(type="core.deliveries_replayed").count() == 3
    await bench.deliverer(COPIES).drain()
    assert [subject for _, subject, _ in bench.told] == people


async def test_a_replay_tells_again_what_was_told_and_leaves_what_waits(bench: Bench) -> None:
    first, second = await bench.person(), await bench.person()
    await bench.deliverer(COPIES).drain()
    waiting = await bench.person()
    await seal_now(bench.district.store)
    numbers = [one.sequence or 0 for one in await bench.deliveries(COPIES)]
    with bench.district.scope():
        assert await replay(handler_of(bench.handlers, COPIES), numbers[1]) == 2
    bench.told.clear()
    assert (await bench.deliverer(COPIES).drain()).done == 2
    assert [subject for _, subject, _ in bench.told] == [second, waiting]
    assert first not in {subject for _, subject, _ in bench.told}
    assert len(await bench.copies()) == 4


async def test_a_replay_of_events_that_do_not_exist_is_refused(bench: Bench) -> None:
    await bench.person()
    await seal_now(bench.district.store)
    with bench.district.scope():
        handler = handler_of(bench.handlers, COPIES)
        for first, last in ((0, None), (2_000_000, None), (2, 1), (1, 2_000_000)):
            with pytest.raises(ValidationError) as refused:
                await replay(handler, first, last)
            assert [problem.code for problem in refused.value.problems] == ["OUT_OF_RANGE"]
        with pytest.raises(NotFoundError):
            handler_of(bench.handlers, "test.nobody")
