"""The deliverer of a district: tells handlers of events, each handler on its own. 事件投递器。

Every process that serves the district runs one; on PostgreSQL they share the work, and what a process held that dies
is free at once, with its transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from .. import clock
from ..records import outbox
from ..records.sealing import seal_now
from ..tasks import spawn
from .carrying import Carrying
from .handlers import Handler, Handlers
from .sending import Sending
from .turns import any_waits

if TYPE_CHECKING:
    from ..districts import District

POLL_SECONDS = 2.0
"""How soon an event is seen that another process sealed and did not live to handle."""
AT_ONCE = 4
"""How many handlers of a district are at work at one time in a process."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What was done: how many deliveries were carried out, how many attempts failed."""

    done: int = 0
    failed: int = 0


class Deliverer:
    """Tells the handlers of one district of events, until it is stopped."""

    def __init__(self, district: District, handlers: Handlers | None = None) -> None:
        self.district = district
        self._handlers = district.event_handlers if handlers is None else handlers
        self._places = asyncio.Semaphore(AT_ONCE)
        self._lanes: list[_Lane] = []
        self._running: list[asyncio.Task[None]] = []
        self._unsubscribe: list[Callable[[], object]] = []

    async def drain(self) -> Delivered:
        """Carry out everything whose turn it is, and what comes of it, and try what fails once."""
        total = Delivered()
        lanes = [_Lane(self.district, one, self._places) for one in self._handlers.values()]
        while lanes:
            await seal_now(self.district.store)
            rounds = [await lane.drain() for lane in lanes]
            done = sum(each.done for each in rounds)
            total = Delivered(total.done + done, total.failed + sum(each.failed for each in rounds))
            if not done:
                break
        return total

    def start(self) -> None:
        """Begin to tell in the background."""
        self._lanes = [_Lane(self.district, one, self._places) for one in self._handlers.values()]
        self._unsubscribe = [
            end
            for lane in self._lanes
            for end in (outbox.subscribe(self.district.store, lane.wake), clock.moved.subscribe(lane.wake))
        ]
        self._running = [spawn(lane.run, name=f"handler {lane.name} of {self.district.key}") for lane in self._lanes]

    async def stop(self) -> None:
        """Let the deliveries under way be finished, then end."""
        for lane in self._lanes:
            lane.stop()
        if self._running:
            await asyncio.wait(self._running)
        for end in self._unsubscribe:
            end()


class _Lane:
    """One handler at work."""

    def __init__(self, district: District, handler: Handler, places: asyncio.Semaphore) -> None:
        self.name = handler.handler.name
        self._district, self._places = district, places
        self._work = (Sending if handler.handler.outside else Carrying)(district, handler)
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping = True
        self.wake()

    async def drain(self) -> Delivered:
        done = failed = 0
        result = None
        with self._district.scope():
            while result != "nothing" and not self._stopping and await any_waits(self.name):
                async with self._places:
                    result, number = await self._work.once()
                done += number if result == "done" else 0
                failed += number if result == "failed" else 0
        return Delivered(done, failed)

    async def run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                await self.drain()
            except Exception as error:  # a database that restarts must not end this for good
                log.error("delivering_failed", district=self._district.key, handler=self.name, exc_info=error)
            await self._rest()

    async def _rest(self) -> None:
        """Until something is sealed here, the clock is moved, or the poll, which also finds what failed before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()
