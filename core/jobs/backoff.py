"""How long a timer that failed is left alone: 1 second, twice as long each time, 5 minutes at most."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from .. import clock
from ..pauses import doubled
from .models import Timer

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 300.0


def pause(attempts: int) -> float:
    """Seconds to wait after so many failures."""
    return doubled(attempts, FIRST_SECONDS, LONGEST_SECONDS)


class Backoff:
    """What one sweeper knows of timers that failed.

    Pauses are real time whatever the clock shows: a scenario that moves on by a month must not try a broken timer
    ten thousand times. A restart forgets them, so that everything is tried once when a server starts.
    """

    def __init__(self) -> None:
        self._paused: dict[UUID, tuple[int, float]] = {}
        self._began = clock.monotonic()

    def begin(self) -> None:
        """A sweep begins: what fails from now on is not tried again before the next one, so that this one ends."""
        self._began = clock.monotonic()

    def __len__(self) -> int:
        return len(self._paused)

    def note(self, timer_id: UUID, attempts: int) -> None:
        """A timer failed for the n-th time, just now."""
        self._paused[timer_id] = attempts, clock.monotonic() + pause(attempts)

    def ready(self, timer: Timer) -> bool:
        """Whether a timer may be tried. Its count of failures tells of those in other processes."""
        attempts, until = self._paused.get(timer.id, (timer.attempts, self._began))
        if timer.attempts > attempts:
            self.note(timer.id, timer.attempts)
            return False
        return timer.attempts == 0 or self._began >= until

    def keep(self, timer_ids: Collection[UUID]) -> None:
        """Forget all other timers: they wait no more."""
        self._paused = {timer_id: self._paused[timer_id] for timer_id in timer_ids if timer_id in self._paused}
