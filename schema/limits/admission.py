"""How often an account may ask, or an address without a token, and how much at once; in each process. 限流。"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import ExitStack, contextmanager
from math import ceil

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.config import Limits
from linli.core.errors import Text, text

from ..places import FullError, Places
from ..problems import ProblemError

MINUTE = 60.0
KEPT = 20_000
"""How many accounts and addresses are remembered; of more, those that asked longest ago are forgotten."""


class Rate:
    """Lets everybody have so many requests in a minute, all at once or one by one (the generic cell rate algorithm).

    For each the instant is kept at which all of its allowance is free again.
    """

    def __init__(self, per_minute: int) -> None:
        self._apart = MINUTE / per_minute
        self._free_at: OrderedDict[Hashable, float] = OrderedDict()

    def wait(self, whose: Hashable) -> float:
        """Take one; the seconds to wait where none is left, else 0."""
        now = clock.monotonic()
        free_at = max(self._free_at.get(whose, now), now) + self._apart
        if free_at - now > MINUTE:
            return free_at - now - MINUTE
        self._free_at[whose] = free_at
        self._free_at.move_to_end(whose)
        if len(self._free_at) > KEPT:
            self._free_at.popitem(last=False)
        return 0.0


class Admission:
    """Who may ask a district now."""

    def __init__(self, limits: Limits) -> None:
        self._per_minute = limits.requests_per_minute, limits.requests_per_minute_anonymous
        self._most = limits.concurrent, limits.concurrent_anonymous
        self._rates = tuple(None if one is None else Rate(one) for one in self._per_minute)
        self._places = Places()

    def count(self, viewer: Viewer, address: str) -> None:
        """Count a request. Raises ProblemError RATE_LIMITED where there were too many."""
        rate = self._rates[viewer.anonymous]
        seconds = 0.0 if rate is None else rate.wait(_key(viewer, address))
        if seconds > 0:
            told = text(
                "Too many requests, allowed {allowed} a minute: wait {seconds} seconds",
                allowed=self._per_minute[viewer.anonymous],
                seconds=ceil(seconds),
            )
            raise TooManyError(told, seconds)

    @contextmanager
    def of(self, viewer: Viewer, address: str) -> Iterator[None]:
        """Count a request, which is under way while this lasts. Raises ProblemError RATE_LIMITED."""
        self.count(viewer, address)
        key, most = _key(viewer, address), self._most[viewer.anonymous]
        with ExitStack() as place:
            try:
                place.enter_context(self._places.of(key, most))
            except FullError:
                raise TooManyError(_under_way(most), 1) from None
            yield


class TooManyError(ProblemError):
    """RATE_LIMITED: too much for now; after so many seconds it is worth trying again."""

    def __init__(self, message: Text, seconds: float) -> None:
        super().__init__("RATE_LIMITED", message, retryAfterSeconds=max(1, ceil(seconds)))


def _under_way(most: int) -> Text:
    return text("Too many requests are under way for you at once, allowed {allowed}: wait for answers", allowed=most)


def _key(viewer: Viewer, address: str) -> Hashable:
    return viewer.account_id or address
