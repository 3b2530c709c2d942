"""The sweeper of a district: carries out its timers when they fall due, in order. 到期清扫。

Every process that serves the district runs one; a lock lets one at a time choose a timer and carry it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from .. import clock
from ..records.keys import refresh
from ..tasks import spawn
from . import retention, waking
from .backoff import Backoff
from .firing import Firing
from .queue import first, parked
from .timers import TimerKind, kinds_of

if TYPE_CHECKING:
    from ..districts import District

POLL_SECONDS = 1.0
"""How soon a timer is seen that another process scheduled."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Swept:
    """What a sweep did: how many timers were carried out, how many failed, and when the next one is due."""

    fired: int = 0
    failed: int = 0
    next_due: datetime | None = None


class Sweeper:
    """Carries out one district's timers, until it is stopped.

    `kinds` are those of core and of the plugins that are on unless others are given. `turn` is held by whoever
    sweeps in this process: the sweeper itself, or a scenario that moves on from one due instant to the next.
    """

    def __init__(self, district: District, kinds: Mapping[str, TimerKind] | None = None) -> None:
        self.district = district
        self.turn = asyncio.Lock()
        self._kinds = kinds_of(district) if kinds is None else kinds
        self._backoff = Backoff()
        self._firing = Firing(district, self._kinds, self._backoff)
        self._woken = asyncio.Event()
        self._sleeps_until: datetime | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def sweep(self) -> Swept:
        """Carry out everything that is due, what falls due by that included, and try what fails once.

        Whoever calls it holds `turn`.
        """
        done = {"done": 0, "failed": 0, "nothing": 0}
        self._backoff.begin()
        with self.district.scope():
            while (due := await self._next_due()) is not None and due <= clock.now() and not self._stopping:
                done[await self._firing.once()] += 1
        return Swept(done["done"], done["failed"], due)

    async def _next_due(self) -> datetime | None:
        timer = await first(self._kinds, self._backoff)
        return None if timer is None else timer.due_at

    async def catch_up(self) -> None:
        """Carry out what fell due while nobody was there; a failure is logged, and left to the running sweeper."""
        try:
            await self._tell_parked()
            await self._begin_retention()
            async with self.turn:
                swept = await self.sweep()
        except Exception as error:  # one district's database must not keep the others from being served
            self._log_failure(error)
        else:
            log.info("caught_up", district=self.district.key, fired=swept.fired, failed=swept.failed)

    async def _tell_parked(self) -> None:
        with self.district.scope():
            for kind, number in sorted((await parked(self._kinds)).items()):
                log.warning("timers_parked", district=self.district.key, kind=kind, number=number)

    async def _begin_retention(self) -> None:
        if retention.DAILY in self._kinds:
            with self.district.scope():
                await retention.begin(self.district)

    def start(self) -> None:
        """Begin to sweep in the background."""
        self._task = spawn(self._run, name=f"sweeper of {self.district.key}")

    async def stop(self) -> None:
        """Let the timer under way be finished, then end."""
        self._stopping = True
        self._woken.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        ends = (clock.moved.subscribe(self._woken.set), waking.subscribe(self.district.store, self._scheduled))
        try:
            while not self._stopping:
                await self._round()
        finally:
            for end in ends:
                end()

    async def _round(self) -> None:
        self._woken.clear()
        self._sleeps_until = None
        try:
            await refresh(self.district.store)
            async with self.turn:
                swept = await self.sweep()
        except Exception as error:  # a database that restarts must not end sweeping for good
            self._log_failure(error)
            await self._rest(None)
        else:
            await self._rest(swept.next_due)

    def _log_failure(self, error: Exception) -> None:
        log.error("sweeping_failed", district=self.district.key, exc_info=error)

    def _scheduled(self, due_at: datetime) -> None:
        if self._sleeps_until is None or due_at < self._sleeps_until:
            self._woken.set()

    async def _rest(self, until: datetime | None) -> None:
        """Until the next due instant, a move of the clock, an earlier timer, or the poll."""
        self._sleeps_until = until
        seconds = POLL_SECONDS if until is None else min(POLL_SECONDS, (until - clock.now()).total_seconds())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._woken.wait()
