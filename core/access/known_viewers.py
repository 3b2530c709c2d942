"""Viewers that were found before, by their tokens: asked for again without being read again. 会话缓存。

An entry holds while nothing that it rests on was changed, by whichever process, and until the earliest instant at
which a part of it begins or ends. Whether something was changed is asked of the database at each use: `stamp` is a
number that goes up with such a change (`records.watching`). So what was revoked before a request came is refused.
What somebody changed in the database by hand, past Linli, counts after a minute.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import clock
from .tokens import Found, digest
from .viewer import Viewer

LONGEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A viewer as found at `since`."""

    found: Found
    since: datetime

    def holds(self, stamp: int, now: datetime) -> bool:
        until = min(self.found.until or now + LONGEST, self.since + LONGEST)
        return stamp == self.found.stamp and self.since <= now < until


class KnownViewers:
    """The viewers of a district by the digests of their tokens, those that were found last."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    async def of(
        self, token: str, stamp: Callable[[], Awaitable[int]], find: Callable[[str], Awaitable[Found]]
    ) -> Viewer:
        """The viewer behind a token; `find` reads it, raising TokenRefusedError, and `stamp` the present number."""
        key = digest(token)
        entry = self._entries.get(key)
        if entry is not None and entry.holds(await stamp(), clock.now()):
            return entry.found.viewer
        self._entries.pop(key, None)
        now = clock.now()
        found = await find(token)
        self._keep(key, _Entry(found, now))
        return found.viewer

    def _keep(self, key: str, entry: _Entry) -> None:
        """As the latest; those that were found long ago make room, and are found anew when they are asked for."""
        self._entries[key] = entry
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
