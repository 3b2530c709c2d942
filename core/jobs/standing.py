"""How many timers of a district wait to be carried out, and how many of them longer than they should. 到期情况。"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from .. import clock
from .models import Timer

LATE = timedelta(minutes=1)
"""Sweepers look every second: who waits that long is late."""


@dataclass(frozen=True)
class TimersDue:
    """Timers whose instant has passed; `late` are those of them that passed LATE ago."""

    due: int
    late: int


async def timers_due(kinds: Collection[str]) -> TimersDue:
    """Count the timers of these kinds; others are parked and nobody's fault. The district is entered."""
    now = clock.now()
    waiting = Timer.filter(done_at__isnull=True, kind__in=list(kinds))
    return TimersDue(
        await waiting.filter(due_at__lte=now).count(), await waiting.filter(due_at__lte=now - LATE).count()
    )
