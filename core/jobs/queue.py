"""A district's timers that wait, in the order in which they are carried out."""

from __future__ import annotations

from collections.abc import Collection

from tortoise.functions import Count

from .backoff import Backoff
from .models import Timer


async def first(kinds: Collection[str], backoff: Backoff) -> Timer | None:
    """The timer to be carried out next, due or not: the earliest that is neither parked nor paused."""
    if not kinds:
        return None
    places = len(backoff) + 1
    waiting = Timer.filter(done_at__isnull=True, kind__in=list(kinds)).order_by("due_at", "id")
    timers = await waiting.limit(places)
    if len(timers) < places:
        backoff.keep([timer.id for timer in timers])
    return next((timer for timer in timers if backoff.ready(timer)), None)


async def parked(kinds: Collection[str]) -> dict[str, int]:
    """How many timers wait of kinds that nobody here carries out, their plugin being off or gone; by kind."""
    waiting = Timer.filter(done_at__isnull=True).annotate(number=Count("id")).group_by("kind")
    counted = dict(await waiting.values_list("kind", "number"))
    return {kind: number for kind, number in counted.items() if kind not in kinds}
