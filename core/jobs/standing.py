"""How many timers and jobs of a district wait to be carried out, and for how long. 到期与任务情况。"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from tortoise.functions import Count, Min

from .. import clock
from .models import OPEN, Job, Timer

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


@dataclass(frozen=True)
class JobsOpen:
    """How many jobs of a kind are in a state, QUEUED or RUNNING, and seconds since the oldest of them was asked for."""

    kind: str
    state: str
    count: int = 0
    seconds: float = 0.0


async def jobs_open(kinds: Collection[str]) -> list[JobsOpen]:
    """Of each of these kinds in each state, and of others that wait for their plugin. The district is entered."""
    counted = Job.filter(state__in=OPEN).annotate(number=Count("id"), first=Min("created_at")).group_by("kind", "state")
    found = {
        (row["kind"], row["state"]): JobsOpen(
            row["kind"], row["state"], row["number"], max(0.0, (clock.now() - row["first"]).total_seconds())
        )
        for row in await counted.values("kind", "state", "number", "first")
    }
    none = {(kind, state): JobsOpen(kind, state) for kind in kinds for state in OPEN}
    return list((none | found).values())
