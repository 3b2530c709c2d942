"""A scenario that moves on: every timer sees its own time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from linli.core import clock as clocks
from linli.core.clock import Clock, FrozenClock
from linli.core.districts import District
from linli.core.errors import RejectedError
from linli.core.jobs.models import Timer
from linli.core.jobs.sweepers import Sweepers
from linli.core.jobs.timers import schedule

from .conftest import BREAKS, Bench, Logs, one_engine

TICK = "test.ticks"


class Ticks:
    """Timers that note what the clock shows when they are carried out."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.seen: list[tuple[datetime, datetime]] = []
        bench.kinds[TICK] = bench.kind(TICK, self._tick)

    async def _tick(self, _district: District, timer: Timer) -> None:
        self.seen.append((timer.due_at, clocks.now()))

    def sweepers(self) -> Sweepers:
        return Sweepers([self.bench.district], self.bench.kinds)

    @property
    def latest(self) -> float:
        """Seconds that the clock was ahead of the due instant, at most; never behind."""
        ahead = [(now - due).total_seconds() for due, now in self.seen]
        assert min(ahead) >= 0
        return max(ahead)


@pytest.fixture
def ticks(bench: Bench) -> Ticks:
    """Timers that note the time."""
    return Ticks(bench)


@pytest.fixture
def running_clock(bench: Bench) -> Iterator[Clock]:
    """A clock in scenario time that runs from the start of the bench."""
    running = Clock(bench.start)
    before = clocks.use(running)
    yield running
    clocks.use(before)


async def test_each_timer_sees_its_own_time_on_the_way(ticks: Ticks, running_clock: Clock) -> None:
    for day in (3, 1, 2):
        await ticks.bench.plan(day * 86400, TICK)
    await ticks.bench.plan(40 * 86400, TICK)
    end = ticks.bench.at(30 * 86400)
    done = await ticks.sweepers().advance(end)
    assert [due for due, _ in ticks.seen] == [ticks.bench.at(day * 86400) for day in (1, 2, 3)]
    assert ticks.latest < 60
    assert (done.fired, done.failed) == (3, 0)
    assert timedelta() <= done.now - end < timedelta(seconds=60)


@one_engine
async def test_what_a_timer_schedules_is_reached_on_the_way_too(ticks: Ticks, running_clock: Clock) -> None:
    async def chain(_district: District, timer: Timer) -> None:
        await schedule(TICK, timer.subject_id, timer.due_at + timedelta(minutes=15))

    ticks.bench.kinds["test.chains"] = ticks.bench.kind("test.chains", chain)
    await ticks.bench.plan(3600, "test.chains")
    done = await ticks.sweepers().advance(ticks.bench.at(7200))
    assert [due for due, _ in ticks.seen] == [ticks.bench.at(4500)]
    assert ticks.latest < 60
    assert done.fired == 2


@one_engine
async def test_a_timer_at_the_very_end_is_carried_out(ticks: Ticks, clock: FrozenClock) -> None:
    await ticks.bench.plan(60, TICK)
    assert (await ticks.sweepers().advance(ticks.bench.at(60))).fired == 1
    assert clock.now() == ticks.bench.at(60)


async def test_a_sweeper_at_work_takes_nothing_away_from_the_move(ticks: Ticks, running_clock: Clock) -> None:
    for hour in range(1, 6):
        await ticks.bench.plan(hour * 3600, TICK)
    sweepers = ticks.sweepers()
    sweepers.start()
    done = await sweepers.advance(ticks.bench.at(86400))
    await sweepers.stop()
    assert (done.fired, len(ticks.seen)) == (5, 5)
    assert ticks.latest < 60


@one_engine
async def test_a_broken_timer_is_tried_once_and_does_not_hold_up_the_move(
    ticks: Ticks, clock: FrozenClock, passing: Callable[[float], None]
) -> None:
    await ticks.bench.plan(60, BREAKS)
    await ticks.bench.plan(120, TICK)
    done = await ticks.sweepers().advance(ticks.bench.at(86400))
    assert (done.fired, done.failed) == (1, 1)


@one_engine
async def test_a_scenario_is_not_put_back_and_nothing_happens(ticks: Ticks, running_clock: Clock) -> None:
    await ticks.bench.plan(-60, TICK)
    with pytest.raises(RejectedError) as refused:
        await ticks.sweepers().advance(ticks.bench.at(-1))
    assert refused.value.code == "CLOCK_BACKWARDS"
    assert ticks.seen == []
    assert running_clock.now() >= ticks.bench.start


@one_engine
async def test_two_moves_at_once_follow_each_other(ticks: Ticks, clock: FrozenClock) -> None:
    await ticks.bench.plan(60, TICK)
    await ticks.bench.plan(120, TICK)
    sweepers = ticks.sweepers()
    near, far = await asyncio.gather(*(sweepers.advance(ticks.bench.at(seconds)) for seconds in (60, 120)))
    assert (near.fired, far.fired) == (1, 1)
    assert [now for _, now in ticks.seen] == [ticks.bench.at(60), ticks.bench.at(120)]


@one_engine
async def test_catching_up_tells_which_districts_are_behind(ticks: Ticks, logs: Logs) -> None:
    sweepers, behind = ticks.sweepers(), []

    async def look(_district: District, _timer: Timer) -> None:
        behind.append(sweepers.behind)

    ticks.bench.kinds["test.looks"] = ticks.bench.kind("test.looks", look)
    await ticks.bench.plan(-1, "test.looks")
    await sweepers.catch_up()
    assert behind == [(ticks.bench.district.key,)]
    assert sweepers.behind == ()
    assert [(line["event"], line["fired"]) for line in logs] == [("caught_up", 1)]
