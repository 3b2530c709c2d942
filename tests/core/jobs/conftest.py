"""Timers whose effect is a row, so that what was undone leaves nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.jobs.models import Timer
from linli.core.jobs.sweeper import Sweeper
from linli.core.jobs.timers import Fire, TimerKind, schedule
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact

Logs = list[MutableMapping[str, Any]]

RINGS, BREAKS = "test.rings", "test.breaks"

one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what no engine has to do with: tests on PostgreSQL take longer."""


class Bench:
    """A district with timers of two kinds: one that leaves a row, and one that fails while `broken`."""

    def __init__(self, district: District, clock: FrozenClock) -> None:
        self.district = district
        self.clock = clock
        self.start = clock.now()
        self.broken = True
        self.fired: list[UUID] = []
        self.kinds = {kind.name: kind for kind in (self.kind(RINGS, self._ring), self.kind(BREAKS, self._break))}

    def kind(self, name: str, fire: Fire) -> TimerKind:
        return TimerKind(name, fire, "Leaves a row")

    async def _ring(self, _district: District, timer: Timer) -> None:
        await Person.create(name=str(timer.subject_id), name_key="")
        self.fired.append(timer.subject_id)

    async def _break(self, district: District, timer: Timer) -> None:
        await self._ring(district, timer)
        if self.broken:
            raise ArithmeticError("broken on purpose")

    def at(self, seconds: float) -> datetime:
        """An instant after the start."""
        return self.start + timedelta(seconds=seconds)

    async def plan(self, seconds: float, kind: str = RINGS, subject_id: UUID | None = None) -> UUID:
        """Schedule a timer so many seconds after the start; the subject's id."""
        subject = subject_id or uuid4()
        with self.district.scope():
            await transact(lambda _unit: schedule(kind, subject, self.at(seconds)))
        return subject

    async def effects(self) -> list[str]:
        """The subjects whose effect was kept, as texts, sorted."""
        with self.district.scope():
            return sorted(person.name for person in await Person.all())

    async def timer(self, subject_id: UUID) -> Timer:
        """The subject's timer."""
        with self.district.scope():
            return await Timer.get(subject_id=subject_id)

    def sweeper(self, *names: str) -> Sweeper:
        """A sweeper for the kinds named, or for all."""
        return Sweeper(self.district, {name: self.kinds[name] for name in names or self.kinds})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Sweeper]:
        """A sweeper at work in the background."""
        sweeper = self.sweeper()
        sweeper.start()
        try:
            yield sweeper
        finally:
            await sweeper.stop()


@pytest.fixture
def bench(district: District, clock: FrozenClock) -> Bench:
    """A district with timers to try."""
    return Bench(district, clock)


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    """What is logged."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Makes the seconds pass that a timer is left alone after it failed, without waiting."""
    passed = [0.0]
    monkeypatch.setattr("linli.core.jobs.backoff.clock.monotonic", lambda: passed[0])

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    return let_pass
