"""All sweepers of a process: they catch up together, and a scenario moves them on together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .. import clock
from ..deliveries.deliverer import Deliverer
from ..errors import RejectedError
from .runner import Runner
from .sweeper import Sweeper, Swept
from .timers import TimerKind

if TYPE_CHECKING:
    from ..districts import District


@dataclass(frozen=True)
class Advance:
    """What a move of the clock did: what it shows now, how many timers were carried out on the way, and failed.

    What handlers did about the events in between is done too, and not counted.
    """

    now: datetime
    fired: int
    failed: int


class Sweepers:
    """The sweepers of a process's districts. `behind` are the keys of those that have not caught up yet."""

    def __init__(self, districts: Iterable[District], kinds: Mapping[str, TimerKind] | None = None) -> None:
        self._kinds = kinds
        served = list(districts)
        self._sweepers = [Sweeper(district, kinds) for district in served]
        self._deliverers = {district.key: Deliverer(district) for district in served}
        self._runners = [Runner(district) for district in served]
        self.behind: tuple[str, ...] = ()

    async def catch_up(self) -> None:
        """Carry out, one district after the other, what fell due while no server ran."""
        self.behind = tuple(sweeper.district.key for sweeper in self._sweepers)
        for sweeper in self._sweepers:
            await sweeper.catch_up()
            self.behind = self.behind[1:]

    def start(self) -> None:
        """Begin to sweep in the background."""
        for sweeper in self._sweepers:
            sweeper.start()
        for deliverer in self._deliverers.values():
            deliverer.start()
        for runner in self._runners:
            runner.start()

    async def take_on(self, district: District) -> None:
        """One more district: carry out what fell due there, and begin to sweep."""
        sweeper = Sweeper(district, self._kinds)
        await sweeper.catch_up()
        self._sweepers.append(sweeper)
        sweeper.start()
        deliverer = self._deliverers[district.key] = Deliverer(district)
        deliverer.start()
        runner = Runner(district)
        self._runners.append(runner)
        runner.start()

    async def stop(self) -> None:
        """Let the timers and deliveries under way be finished and jobs be free for others, then end."""
        for runner in self._runners:
            await runner.stop()
        for sweeper in self._sweepers:
            await sweeper.stop()
        for deliverer in self._deliverers.values():
            await deliverer.stop()

    async def advance(self, to: datetime) -> Advance:
        """Move the clock on to an instant, stopping at every due one between, so that each timer sees its own time.

        Raises RejectedError CLOCK_BACKWARDS in scenario time when the instant has passed.
        """
        running = clock.current()
        async with AsyncExitStack() as stack:
            for sweeper in self._sweepers:
                await stack.enter_async_context(sweeper.turn)
            running.check(to)
            return await _Walk(running, self._sweepers, self._deliverers).to(to)


class _Walk:
    """One move of the clock through the due instants; nobody else sweeps in this process meanwhile."""

    def __init__(self, running: clock.Clock, sweepers: Iterable[Sweeper], deliverers: Mapping[str, Deliverer]) -> None:
        self._clock = running
        self._sweepers = tuple(sweepers)
        self._deliverers = deliverers
        self._upcoming: dict[Sweeper, datetime | None] = {}
        self._fired = self._failed = 0

    async def to(self, end: datetime) -> Advance:
        """Walk there."""
        await self._sweep_all()
        while (following := self._following()) is not None and following[0] <= end:
            self._move(following[0])
            await self._sweep(following[1])
        self._move(end)
        await self._sweep_all()
        return Advance(self._clock.now(), self._fired, self._failed)

    def _following(self) -> tuple[datetime, Sweeper] | None:
        due = [(at, sweeper) for sweeper, at in self._upcoming.items() if at is not None]
        return min(due, key=lambda pair: pair[0], default=None)

    def _move(self, to: datetime) -> None:
        """Move on; the clock may have run past the instant by itself while others were carried out."""
        if to > self._clock.now():
            with suppress(RejectedError):  # it passed between the two looks
                self._clock.advance(to)

    async def _sweep_all(self) -> None:
        for sweeper in self._sweepers:
            await self._sweep(sweeper)

    async def _sweep(self, sweeper: Sweeper) -> None:
        """Carry out what is due, and what handlers do about it, which may make more fall due at this instant."""
        handled = True
        while handled:
            swept: Swept = await sweeper.sweep()
            self._upcoming[sweeper] = swept.next_due
            self._fired += swept.fired
            self._failed += swept.failed
            handled = (await self._deliverers[sweeper.district.key].drain()).done > 0
