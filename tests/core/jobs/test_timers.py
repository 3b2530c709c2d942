"""Scheduling, replacing and cancelling timers, and who may declare which kinds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.jobs.models import Timer
from linli.core.jobs.timers import TimerKind, cancel, kinds_of, overdue, schedule
from linli.core.plugins.discovery import installed
from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl
from linli.core.records.store import WriteOutsideUnitOfWorkError
from linli.core.records.unit_of_work import transact, unit_of_work

from .conftest import RINGS, Bench, one_engine

plugin = Plugin(
    name="egg-timers",
    title=Title(en="Egg timers", zh="计时器"),
    description="Made for a test. 测试用。",
    version="0.1.0",
    requires=">=0.1,<0.2",
)
declared: list[str] = []

OF_CORE = ["core.retention", "core.file_expiry", "core.retention_rule"]


async def nothing(_district: District, _timer: Timer) -> None:
    """Does nothing when it falls due."""


@hookimpl
def linli_timers() -> Sequence[TimerKind]:
    """The kinds that the test at hand wants declared."""
    return [TimerKind(name, nothing, "Rings") for name in declared]


def declaring(district: District, *names: str, on: bool = True) -> District:
    """The district with this module as a plugin that declares kinds."""
    declared[:] = names
    configuration = district.configuration.model_copy(update={"plugins": ("egg-timers",) if on else ()})
    return District(district.key, configuration, installed([sys.modules[__name__]], entry_points=()), district.store)


async def test_a_timer_is_kept_with_its_record_or_not_at_all(bench: Bench) -> None:
    with bench.district.scope():
        with pytest.raises(ArithmeticError):
            async with unit_of_work():
                await schedule(RINGS, uuid4(), bench.at(60))
                raise ArithmeticError
        assert not await Timer.exists()


@one_engine
async def test_scheduling_and_cancelling_need_a_unit_of_work(bench: Bench) -> None:
    with bench.district.scope():
        with pytest.raises(WriteOutsideUnitOfWorkError):
            await schedule(RINGS, uuid4(), bench.at(60))
        with pytest.raises(WriteOutsideUnitOfWorkError):
            await cancel(RINGS, uuid4())


async def test_the_due_instant_is_kept_to_the_microsecond_and_in_utc(bench: Bench) -> None:
    subject, east = uuid4(), timezone(timedelta(hours=8))
    due = datetime(2026, 3, 9, 10, 0, 0, 1, tzinfo=east)
    with bench.district.scope():
        given = await transact(lambda _unit: schedule(RINGS, subject, due))
        kept = await Timer.get(subject_id=subject)
    assert kept.due_at == given.due_at == due
    assert given.due_at.utcoffset() == kept.due_at.utcoffset() == timedelta()
    assert (kept.id, kept.kind, kept.done_at, kept.attempts) == (given.id, RINGS, None, 0)


async def test_scheduling_the_same_again_replaces_the_instant(bench: Bench) -> None:
    subject = await bench.plan(60)
    await bench.plan(30, subject_id=subject)
    await bench.plan(90, "test.breaks", subject)
    with bench.district.scope():
        rows = await Timer.filter(subject_id=subject).order_by("due_at")
    assert [(row.kind, row.due_at) for row in rows] == [(RINGS, bench.at(30)), ("test.breaks", bench.at(90))]


async def test_two_who_schedule_the_same_at_the_same_moment_leave_one_timer(bench: Bench) -> None:
    subject = uuid4()
    await asyncio.gather(*(bench.plan(seconds, subject_id=subject) for seconds in range(1, 9)))
    assert (await bench.timer(subject)).due_at in [bench.at(seconds) for seconds in range(1, 9)]


async def test_a_cancelled_timer_is_forgotten_and_cancelling_nothing_does_nothing(bench: Bench) -> None:
    subject = await bench.plan(60)
    with bench.district.scope():
        for _ in range(2):
            await transact(lambda _unit: cancel(RINGS, subject))
        assert not await Timer.exists()


@one_engine
async def test_an_instant_without_a_zone_is_refused(bench: Bench) -> None:
    with bench.district.scope():
        async with unit_of_work():
            with pytest.raises(ValueError, match="has no time zone"):
                await schedule(RINGS, uuid4(), bench.at(60).replace(tzinfo=None))


async def test_overdue_names_what_fell_due_and_is_not_carried_out(bench: Bench, clock: FrozenClock) -> None:
    done, due, later = await bench.plan(1), await bench.plan(60), await bench.plan(60.000001)
    clock.advance(bench.at(1))
    await bench.sweeper().sweep()
    clock.advance(bench.at(60))
    with bench.district.scope():
        assert await overdue(RINGS, [done, due, later, uuid4()]) == {due}
        assert await overdue("test.breaks", [due]) == frozenset()
        assert await overdue(RINGS, []) == frozenset()


@one_engine
async def test_a_plugin_that_is_on_declares_kinds(district: District) -> None:
    kinds = kinds_of(declaring(district, "egg_timers.rings", "egg_timers.breaks"))
    assert list(kinds) == [*OF_CORE, "egg_timers.rings", "egg_timers.breaks"]
    assert kinds["egg_timers.rings"].fire is nothing


@one_engine
async def test_a_plugin_that_is_off_declares_none(district: District) -> None:
    assert list(kinds_of(declaring(district, "egg_timers.rings", on=False))) == OF_CORE


@pytest.mark.parametrize("names", [["venues.rings"], ["egg_timers.rings", "egg_timers.rings"]])
@one_engine
async def test_a_kind_of_another_plugin_or_declared_twice_is_refused(district: District, names: list[str]) -> None:
    with pytest.raises(ValueError, match="of plugin 'egg-timers'"):
        kinds_of(declaring(district, *names))


@pytest.mark.parametrize("name", ["rings", "Venues.rings", "venues.rings.twice", "egg-timers.rings", "v." + "r" * 59])
def test_a_kind_has_a_name_of_two_words_joined_by_a_point(name: str) -> None:
    with pytest.raises(ValueError, match="expected <plugin>.<thing>"):
        TimerKind(name, nothing, "Rings")


def test_a_kind_says_what_it_does() -> None:
    with pytest.raises(ValueError, match="describe what is done"):
        TimerKind("venues.rings", nothing, " ")
