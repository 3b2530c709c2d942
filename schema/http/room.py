"""How many connections that stay open one address and one account may have, in one process. 长连接上限。"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager

from linli.core.config import ServerConfiguration

from ..places import Places


class Room:
    """Counts the connections that are there."""

    def __init__(self, server: ServerConfiguration) -> None:
        self._most = {"address": server.max_streams_per_address, "account": server.max_streams_per_account}
        self._places = {what: Places() for what in self._most}

    @property
    def taken(self) -> int:
        """How many connections there are."""
        return len(self._places["address"])

    def of(self, what: str, whose: Hashable) -> AbstractContextManager[None]:
        """Take a place of an "address" or of an "account" while this lasts. Raises FullError."""
        return self._places[what].of(whose, self._most[what])
