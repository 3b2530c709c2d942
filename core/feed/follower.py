"""One who follows a district's events: where it stands, and what it still has to see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from ..records.store import scope
from .told import Told, head, read

if TYPE_CHECKING:
    from .feed import Feed

CHUNK = 50
"""How many events one takes at once: what concerns its rights is looked at between two of these."""

Wants = Callable[[Told], bool]


class Follower:
    """Takes the events that it wants from a feed, in order, none lost and none twice, from `position` on.

    What the feed still has in memory comes from there; whoever is further behind reads from the database, at its own
    pace, so that nobody is dropped because others are many. It keeps no events itself. `wants` says which ones
    concern it and must not ask a database; `types` are those that can, None where any may.
    """

    def __init__(self, feed: Feed, position: int, wants: Wants, types: Collection[str] | None) -> None:
        self.position = position
        self._feed, self._wants, self._types = feed, wants, types
        self._woken = asyncio.Event()
        self._waiting = self._interrupted = False

    def interrupt(self) -> None:
        """Let `take` return at once, this once, with nothing."""
        self._interrupted = True
        self._woken.set()

    def offer(self, events: Sequence[Told]) -> None:
        """The feed has these new ones; one that waits is woken only by what it wants."""
        if not self._waiting or self._woken.is_set():
            return
        for told in events:
            if told.sequence <= self.position:
                continue
            if self._wants(told):
                self._woken.set()
                return
            self.position = told.sequence

    async def take(self, patience: float) -> list[Told]:
        """The next events that it wants, as soon as there are any; none after `patience` seconds without."""
        while not self._interrupted:
            while self.position < self._feed.head:
                found = self._remembered() if self.position >= self._feed.forgotten else await self._read()
                if found:
                    return found
            if not await self._rest(patience):
                break
        self._interrupted = False
        return []

    async def _rest(self, patience: float) -> bool:
        """Until something that it wants is there; whether it is."""
        self._woken.clear()
        self._waiting = True
        try:
            async with asyncio.timeout(patience):
                return await self._woken.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting = False

    def _remembered(self) -> list[Told]:
        taken: list[Told] = []
        for told in self._feed.since(self.position):
            self.position = told.sequence
            if self._wants(told):
                taken.append(told)
                if len(taken) == CHUNK:
                    break
        return taken

    async def _read(self) -> list[Told]:
        with scope(self._feed.store):
            until = await head()
            found = await read(self.position, CHUNK, self._types, until)
        self.position = found[-1].sequence if len(found) == CHUNK else max(until, self.position)
        return [told for told in found if self._wants(told)]
