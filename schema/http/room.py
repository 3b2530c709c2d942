"""How many connections that stay open one address and one account may have, in one process. 长连接上限。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from linli.core.config import ServerConfiguration


class NoRoomError(Exception):
    """There are as many as may be."""


class Room:
    """Counts who is there; whoever leaves makes room."""

    def __init__(self, server: ServerConfiguration) -> None:
        self._most = {"address": server.max_streams_per_address, "account": server.max_streams_per_account}
        self._there: Counter[tuple[str, Hashable]] = Counter()

    @property
    def taken(self) -> int:
        """How many connections there are."""
        return sum(count for (what, _), count in self._there.items() if what == "address")

    @contextmanager
    def of(self, what: str, whose: Hashable) -> Iterator[None]:
        """Take a place of an "address" or of an "account" while this lasts. Raises NoRoomError."""
        key = what, whose
        if self._there[key] >= self._most[what]:
            raise NoRoomError
        self._there[key] += 1
        try:
            yield
        finally:
            self._there[key] -= 1
            if not self._there[key]:
                del self._there[key]
