"""The one place that reads the time: everything else asks `now()`, so that a server can run at another time.

`linli serve --clock` and the tests replace the clock; ids and the insides of libraries may read the system's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .errors import RejectedError, text


class Moved:
    """Whoever waits for an instant, to be told when the clock is moved or replaced."""

    def __init__(self) -> None:
        self._waiting: dict[object, Callable[[], None]] = {}

    def subscribe(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called after every move, in the thread that moves; the answer ends that."""
        key = object()
        self._waiting[key] = tell
        return lambda: self._waiting.pop(key, None) and None

    def tell(self) -> None:
        """The clock was moved."""
        for tell in tuple(self._waiting.values()):
            tell()


moved = Moved()


class Clock:
    """A clock that runs: at `start` when it is made, one second per second from then on.

    One that was given a start runs in `scenario` time: its server may be moved on, never back.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self.scenario = start is not None
        self._offset = timedelta() if start is None else _utc(start) - datetime.now(UTC)

    def now(self) -> datetime:
        """The present instant, in UTC, with microseconds."""
        return datetime.now(UTC) + self._offset

    def advance(self, to: datetime) -> None:
        """Move the clock to an instant; it goes on running from there.

        Raises RejectedError CLOCK_BACKWARDS in scenario time when the instant has passed.
        """
        self.check(to)
        self._move(_utc(to))
        moved.tell()

    def check(self, to: datetime) -> None:
        """Raise what `advance` would raise, and move nothing."""
        now = self.now()
        if self.scenario and _utc(to) < now:
            told = text("The clock shows {now} and is not put back to {to}", now=now.isoformat(), to=to.isoformat())
            raise RejectedError(told, code="CLOCK_BACKWARDS", path=["to"], details={"now": now.isoformat()})

    def _move(self, to: datetime) -> None:
        self._offset += to - self.now()


class FrozenClock(Clock):
    """A clock that stands still until it is moved, to and fro. For tests."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = _utc(at)

    def now(self) -> datetime:
        """The instant at which it stands."""
        return self._at

    def _move(self, to: datetime) -> None:
        self._at = to


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone, so it is not an instant")
    return instant.astimezone(UTC)


_clock = Clock()


def now() -> datetime:
    """The present instant, in UTC."""
    return _clock.now()


def current() -> Clock:
    """The clock in use."""
    return _clock


def use(clock: Clock) -> Clock:
    """Put another clock in use for the whole process and return the one before."""
    global _clock
    before, _clock = _clock, clock
    moved.tell()
    return before


def monotonic() -> float:
    """Seconds that only ever grow: for measuring durations, never for telling the time."""
    return time.monotonic()
