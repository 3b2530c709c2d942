"""How many statements an operation sends to its database, and how long they take. 语句计数。

Whoever wants to know opens a tally around its work; statements of the tasks that the work starts are counted too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .. import clock


class Tally:
    """Statements so far, the seconds of all of them and of the slowest; waiting for a connection is among these.

    What begins and ends a transaction is not counted.
    """

    __slots__ = ("_running", "seconds", "slowest", "statements")

    def __init__(self) -> None:
        self.statements = 0
        self.seconds = 0.0
        self.slowest = 0.0
        self._running: set[float] = set()

    def running_for(self) -> float:
        """For how many seconds the statement is under way that began first; 0 where none is."""
        return clock.monotonic() - min(self._running) if self._running else 0.0

    def begun(self, at: float) -> None:
        """A statement begins."""
        self._running.add(at)

    def over(self, began: float) -> None:
        """A statement is over."""
        seconds = clock.monotonic() - began
        self._running.discard(began)
        self.statements += 1
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)


_current: ContextVar[Tally | None] = ContextVar("linli_tally", default=None)


@contextmanager
def tallied() -> Iterator[Tally]:
    """Count the statements of what runs inside."""
    tally = Tally()
    token = _current.set(tally)
    try:
        yield tally
    finally:
        _current.reset(token)


def begin() -> float:
    """A statement begins, now; the instant is that of `clock.monotonic`."""
    began = clock.monotonic()
    tally = _current.get()
    if tally is not None:
        tally.begun(began)
    return began


def count(began: float) -> None:
    """A statement is over that `began` at an instant of `clock.monotonic`."""
    tally = _current.get()
    if tally is not None:
        tally.over(began)
