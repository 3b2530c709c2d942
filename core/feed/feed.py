"""The feed of a district in this process: it reads new events once and hands them to all who follow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from ..records import sealed
from ..records.store import Store, scope
from ..tasks import spawn
from .follower import Follower, Wants
from .sqlite_watch import watching
from .told import Told, head, read

log = structlog.get_logger(__name__)

REMEMBERED = 2000
"""How many events are kept in memory for those who are a little behind."""
BATCH = 500
POLL_SECONDS = 1.0
"""How long until new events are found although nothing told of them."""
RETRY_SECONDS = 0.2
GATHER_SECONDS = 0.01
"""How long after one reading the next begins at the soonest: what comes meanwhile wakes everybody once."""


class Feed:
    """Reads while somebody follows: when this process sealed something, when another one did, and once a second.

    `head` is the newest event that was read, `forgotten` the newest of those that are not in memory any more. After an
    event of `turning` types places may have moved: `turn` is the newest one, and what was told before is read anew by
    whoever has not taken it yet.
    """

    def __init__(self, store: Store, turning: Collection[str] = ()) -> None:
        self.store = store
        self.head = self.forgotten = self.turn = 0
        self._turning = turning
        self.followers: set[Follower] = set()
        self._recent: deque[Told] = deque(maxlen=REMEMBERED)
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._starting = asyncio.Lock()

    def wake(self) -> None:
        """There may be something new."""
        self._woken.set()

    def since(self, position: int) -> Iterator[Told]:
        """The events beyond this position, which is not before `forgotten`."""
        skipped = position - self.forgotten
        return (self._recent[place] for place in range(skipped, len(self._recent)))

    async def current(self, told: Told) -> Told:
        """An event where it is now, if it was told before places may have moved; the district is entered."""
        if told.sequence >= self.turn:
            return told
        [again] = await read(told.sequence - 1, 1, until=told.sequence)
        return again

    @asynccontextmanager
    async def following(
        self, wants: Wants, *, after: int | None = None, types: Collection[str] | None = None
    ) -> AsyncIterator[Follower]:
        """Follow what happens from now on, or from what came `after` this sequence on."""
        async with self._starting:
            if self._task is None:
                await self._start()
        follower = Follower(self, self.head if after is None else after, wants, types)
        self.followers.add(follower)
        try:
            yield follower
        finally:
            self.followers.discard(follower)
            if not self.followers:
                self._stop()

    async def _start(self) -> None:
        with scope(self.store):
            self.head = self.forgotten = await head()
        self._unsubscribe = sealed.subscribe(self.store, self.wake)
        self._task = spawn(self._run, name=f"feed of {self.store.key}")

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._recent.clear()

    async def _run(self) -> None:
        async with watching(self.store, self.wake):
            while True:
                self._woken.clear()
                try:
                    while await self._advance() == BATCH:
                        pass
                except Exception as error:  # a database that restarts must not end following for good
                    log.error("feed_failed", district=self.store.key, exc_info=error)
                    await asyncio.sleep(RETRY_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._woken.wait()

    async def _advance(self) -> int:
        with scope(self.store):
            found = await read(self.head, BATCH)
        if found:
            self._remember(found)
            for follower in list(self.followers):
                follower.offer(found)
        return len(found)

    def _remember(self, found: Sequence[Told]) -> None:
        turns = [told.sequence for told in found if told.event.type in self._turning]
        if turns:
            self.turn = turns[-1]
            self._recent.clear()
            self.forgotten = self.head
        room = REMEMBERED - len(self._recent)
        self._recent.extend(found)
        self.forgotten += max(0, len(found) - room)
        self.head = found[-1].sequence
