"""Carrying out what falls due: in order, once, at its time, whatever fails meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextvars import Context
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from linli.core import clock as clocks
from linli.core.clock import Clock, FrozenClock
from linli.core.districts import District
from linli.core.jobs import firing, queue
from linli.core.jobs.backoff import Backoff
from linli.core.jobs.models import Timer
from linli.core.jobs.sweeper import POLL_SECONDS, Sweeper
from linli.core.jobs.timers import cancel, schedule, timer_id
from linli.core.records.store import StoreBusyError

from .conftest import BREAKS, RINGS, Bench, Logs, one_engine

SOON = POLL_SECONDS / 2
"""Seconds within which only a sweeper that was woken does something."""


async def until(happened: Callable[[], bool], seconds: float = 5.0) -> float:
    """Waits for something; the seconds that it took."""
    started = clocks.monotonic()
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.002)
    return clocks.monotonic() - started


async def asleep(sweeper: Sweeper) -> None:
    """Waits until a sweeper has nothing to do."""
    await until(lambda: sweeper._sleeps_until is not None)


async def test_what_is_due_is_carried_out_in_order_and_noted(bench: Bench, clock: FrozenClock) -> None:
    planned = [await bench.plan(seconds) for seconds in (30, 10, 20, 40)]
    clock.advance(bench.at(30))
    swept = await bench.sweeper().sweep()
    assert bench.fired == [planned[1], planned[2], planned[0]]
    assert (swept.fired, swept.failed, swept.next_due) == (3, 0, bench.at(40))
    assert (await bench.timer(planned[0])).done_at == clock.now()
    assert (await bench.timer(planned[3])).done_at is None


async def test_what_falls_due_at_one_instant_is_carried_out_by_id(bench: Bench, clock: FrozenClock) -> None:
    planned = [await bench.plan(10) for _ in range(8)]
    clock.advance(bench.at(10))
    await bench.sweeper().sweep()
    assert bench.fired == sorted(planned, key=lambda subject: timer_id(RINGS, subject))


async def test_what_a_timer_schedules_takes_its_place_in_the_order(bench: Bench, clock: FrozenClock) -> None:
    chained = uuid4()

    async def chain(_district: District, timer: Timer) -> None:
        bench.fired.append(timer.subject_id)
        await schedule(RINGS, chained, timer.due_at + timedelta(seconds=5))

    bench.kinds["test.chains"] = bench.kind("test.chains", chain)
    first, last = await bench.plan(10, "test.chains"), await bench.plan(20)
    clock.advance(bench.at(3600))
    await bench.sweeper().sweep()
    assert bench.fired == [first, chained, last]


async def test_a_timer_that_schedules_itself_recurs(bench: Bench, clock: FrozenClock) -> None:
    seen: list[datetime] = []

    async def recur(_district: District, timer: Timer) -> None:
        seen.append(timer.due_at)
        await schedule("test.recurs", timer.subject_id, timer.due_at + timedelta(hours=1))

    bench.kinds["test.recurs"] = bench.kind("test.recurs", recur)
    await bench.plan(0, "test.recurs")
    clock.advance(bench.at(3 * 3600))
    swept = await bench.sweeper().sweep()
    assert seen == [bench.at(hour * 3600) for hour in range(4)]
    assert swept.next_due == bench.at(4 * 3600)


async def test_two_sweepers_carry_out_each_timer_once_and_in_order(bench: Bench, clock: FrozenClock) -> None:
    planned = [await bench.plan(seconds) for seconds in range(20)]
    clock.advance(bench.at(60))
    one, other = await asyncio.gather(bench.sweeper().sweep(), bench.sweeper().sweep())
    assert one.fired + other.fired == 20
    assert bench.fired == planned
    assert await bench.effects() == sorted(map(str, planned))


async def test_two_sweepers_never_carry_out_timers_at_the_same_time(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def linger(_district: District, timer: Timer) -> None:
        begun.set()
        await go_on.wait()
        bench.fired.append(timer.subject_id)

    bench.kinds["test.lingers"] = bench.kind("test.lingers", linger)
    lingering, other = await bench.plan(0, "test.lingers"), await bench.plan(0)
    first = asyncio.create_task(bench.sweeper("test.lingers").sweep())
    await begun.wait()
    second = asyncio.create_task(bench.sweeper(RINGS).sweep())
    await asyncio.sleep(0.1)
    assert bench.fired == []
    go_on.set()
    await asyncio.gather(first, second)
    assert bench.fired == [lingering, other]


async def test_a_replaced_timer_falls_due_at_its_new_instant_only(bench: Bench, clock: FrozenClock) -> None:
    subject = await bench.plan(10)
    await bench.plan(20, subject_id=subject)
    clock.advance(bench.at(10))
    assert (await bench.sweeper().sweep()).fired == 0
    clock.advance(bench.at(20))
    assert (await bench.sweeper().sweep()).fired == 1


@one_engine
async def test_a_timer_that_was_carried_out_and_is_scheduled_anew_falls_due_anew(
    bench: Bench, clock: FrozenClock
) -> None:
    subject = await bench.plan(0)
    await bench.sweeper().sweep()
    await bench.plan(20, subject_id=subject)
    clock.advance(bench.at(20))
    await bench.sweeper().sweep()
    assert bench.fired == [subject, subject]


@one_engine
async def test_a_timer_cancelled_while_another_is_carried_out_does_not_fire(bench: Bench, clock: FrozenClock) -> None:
    called_off = await bench.plan(20)

    async def call_off(_district: District, _timer: Timer) -> None:
        await cancel(RINGS, called_off)

    bench.kinds["test.calls_off"] = bench.kind("test.calls_off", call_off)
    await bench.plan(10, "test.calls_off")
    clock.advance(bench.at(20))
    assert (await bench.sweeper().sweep()).fired == 1
    assert bench.fired == []


async def test_timers_of_a_plugin_that_is_off_wait_until_it_is_on(bench: Bench, clock: FrozenClock, logs: Logs) -> None:
    parked, other = await bench.plan(10), await bench.plan(20, BREAKS)
    bench.broken = False
    clock.advance(bench.at(20))
    without = bench.sweeper(BREAKS)
    await without.catch_up()
    assert bench.fired == [other]
    assert [(line["event"], line["kind"], line["number"]) for line in logs if "kind" in line] == [
        ("timers_parked", RINGS, 1)
    ]
    assert (await bench.timer(parked)).attempts == 0
    await bench.sweeper().sweep()
    assert bench.fired == [other, parked]


@one_engine
async def test_where_no_kind_is_known_nothing_is_done(bench: Bench) -> None:
    await bench.plan(0)
    swept = await Sweeper(bench.district, {}).sweep()
    assert (swept.fired, swept.failed, swept.next_due) == (0, 0, None)
    assert await Sweeper(bench.district).sweep() == swept


async def test_a_failing_timer_leaves_nothing_is_logged_and_blocks_no_other(
    bench: Bench, clock: FrozenClock, logs: Logs
) -> None:
    broken, sound = await bench.plan(10, BREAKS), await bench.plan(20)
    clock.advance(bench.at(20))
    swept = await bench.sweeper().sweep()
    assert (swept.fired, swept.failed, swept.next_due) == (1, 1, None)
    assert await bench.effects() == [str(sound)]
    (line,) = (line for line in logs if line["event"] == "timer_failed")
    assert (line["kind"], line["attempts"], line["timer"]) == (BREAKS, 1, str(timer_id(BREAKS, broken)))
    assert isinstance(line["exc_info"], ArithmeticError)


@one_engine
async def test_a_failing_timer_is_tried_again_after_its_pause(bench: Bench, passing: Callable[[float], None]) -> None:
    broken, sweeper = await bench.plan(0, BREAKS), bench.sweeper()
    tries = []
    for seconds in (0, 0.9, 0.1, 1.9, 0.1, 3.9):
        passing(seconds)
        tries.append((await sweeper.sweep()).failed)
    assert tries == [1, 0, 1, 0, 1, 0]
    assert (await bench.timer(broken)).attempts == 3
    bench.broken = False
    passing(0.1)
    assert (await sweeper.sweep()).fired == 1
    assert await bench.effects() == [str(broken)]


async def test_many_failing_timers_keep_a_later_one_from_nothing(bench: Bench, clock: FrozenClock) -> None:
    for _ in range(12):
        await bench.plan(1, BREAKS)
    sound = await bench.plan(2)
    clock.advance(bench.at(2))
    swept = await bench.sweeper().sweep()
    assert (swept.failed, swept.fired) == (12, 1)
    assert await bench.effects() == [str(sound)]


@one_engine
async def test_a_timer_that_takes_too_long_counts_as_failed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_district: District, _timer: Timer) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(firing, "FIRE_SECONDS", 0.05)
    bench.kinds["test.hangs"] = bench.kind("test.hangs", hang)
    hanging = await bench.plan(0, "test.hangs")
    assert (await bench.sweeper().sweep()).failed == 1
    assert (await bench.timer(hanging)).attempts == 1


async def test_a_sweeper_wakes_within_100_ms_of_a_due_instant(bench: Bench) -> None:
    before = clocks.use(Clock(bench.start))
    late: list[float] = []

    async def tell(_district: District, timer: Timer) -> None:
        late.append((clocks.now() - timer.due_at).total_seconds())

    bench.kinds["test.tells"] = bench.kind("test.tells", tell)
    try:
        for seconds in (0.3, 0.4, 0.5):
            await bench.plan(seconds, "test.tells")
        async with bench.running():
            await until(lambda: len(late) == 3)
    finally:
        clocks.use(before)
    assert min(late) >= 0
    assert sorted(late)[1] < 0.1  # one may be late on a machine that has other things to do


async def test_a_sweeper_is_woken_by_a_commit_that_scheduled_an_earlier_timer(bench: Bench) -> None:
    later = await bench.plan(3600)
    async with bench.running() as sweeper:
        await asleep(sweeper)
        sooner = await bench.plan(0)
        assert await until(lambda: bool(bench.fired)) < SOON
    assert bench.fired == [sooner]
    assert (await bench.timer(later)).done_at is None


async def test_a_sweeper_is_woken_by_a_move_of_the_clock(bench: Bench, clock: FrozenClock) -> None:
    subject = await bench.plan(3600)
    async with bench.running() as sweeper:
        await asleep(sweeper)
        clock.advance(bench.at(3600))
        assert await until(lambda: bool(bench.fired)) < SOON
    assert bench.fired == [subject]


async def test_a_timer_that_another_process_scheduled_is_found_within_the_poll(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.core.jobs.timers.waking.tell", lambda *_: None)
    await bench.plan(3600)
    async with bench.running() as sweeper:
        await asleep(sweeper)
        await bench.plan(0)
        assert await until(lambda: bool(bench.fired)) < POLL_SECONDS + SOON


async def test_a_sweeper_outlives_a_database_that_does_not_answer(
    bench: Bench, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, failures = bench.district.store.begin, [StoreBusyError("away"), OSError("away")]

    async def away() -> object:
        if failures:
            raise failures.pop()
        return await begin()

    subject = await bench.plan(0)
    monkeypatch.setattr(bench.district.store, "begin", away)
    await bench.sweeper().catch_up()
    async with bench.running():
        await until(lambda: bench.fired == [subject])
    assert [line["event"] for line in logs] == ["sweeping_failed"]
    assert (await bench.timer(subject)).attempts == 0


@one_engine
async def test_a_sweeper_that_is_stopped_finishes_the_timer_under_way_and_no_other(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def linger(_district: District, timer: Timer) -> None:
        bench.fired.append(timer.subject_id)
        begun.set()
        await go_on.wait()

    bench.kinds["test.lingers"] = bench.kind("test.lingers", linger)
    first, second = [await bench.plan(seconds, "test.lingers") for seconds in (-2, -1)]
    sweeper = bench.sweeper()
    sweeper.start()
    await begun.wait()
    stopping = asyncio.create_task(sweeper.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert bench.fired == [first]
    assert (await bench.timer(first)).done_at is not None
    assert (await bench.timer(second)).done_at is None


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)  # on SQLite no request writes meanwhile
async def test_a_timer_replaced_by_a_request_while_it_is_chosen_does_not_fire(
    bench: Bench, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = await bench.plan(10)
    clock.advance(bench.at(10))
    choose = queue.first

    async def choose_slowly(kinds: Collection[str], backoff: Backoff) -> Timer | None:
        timer = await choose(kinds, backoff)
        await asyncio.create_task(bench.plan(20, subject_id=subject), context=Context())
        return timer

    monkeypatch.setattr(firing, "first", choose_slowly)
    assert (await bench.sweeper().sweep()).fired == 0
    assert bench.fired == []
    assert (await bench.timer(subject)).done_at is None
