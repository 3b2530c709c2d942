"""Carrying out one timer: its effect, and the note that it is done, in one unit of work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import structlog
from tortoise.expressions import F
from tortoise.queryset import QuerySet

from .. import clock
from ..records.unit_of_work import UnitOfWork, transact
from .backoff import Backoff
from .models import Timer
from .queue import first
from .timers import TimerKind

if TYPE_CHECKING:
    from ..districts import District

Result = Literal["done", "failed", "nothing"]

FIRE_SECONDS = 60.0
"""How long one timer may take before it counts as failed."""

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('linli.sweep.' || current_schema(), 0))"

log = structlog.get_logger(__name__)


class Firing:
    """Carries out the timer whose turn it is; the district is entered."""

    def __init__(self, district: District, kinds: Mapping[str, TimerKind], backoff: Backoff) -> None:
        self._district, self._kinds, self._backoff = district, kinds, backoff
        self._timer: Timer | None = None

    async def once(self) -> Result:
        """Choose and carry out under the district's lock; a timer that fails is logged, counted and paused.

        Raises what keeps any timer from being carried out, such as a database that does not answer.
        """
        try:
            return await transact(self._carry_out)
        except Exception as error:
            if self._timer is None:
                raise
            await self._failed(self._timer, error)
            return "failed"

    async def _carry_out(self, unit: UnitOfWork) -> Result:
        self._timer = None
        if unit.store.dialect == "postgres":
            # SQLite has one writer. A statement of its own: what follows sees what the sweeper before us committed.
            await unit.client.execute_query(LOCK)
        timer = await first(self._kinds, self._backoff)
        if timer is None or timer.due_at > clock.now():
            return "nothing"
        # Noted before it fires, so that a timer can schedule itself anew. Whoever changes it now waits for us or we
        # for them, and then nothing is noted.
        noted = await _waiting(timer).update(done_at=clock.now())
        if noted:
            self._timer = timer
            async with asyncio.timeout(FIRE_SECONDS):
                await self._kinds[timer.kind].fire(self._district, timer)
        return "done" if noted else "nothing"

    async def _failed(self, timer: Timer, error: Exception) -> None:
        attempts = timer.attempts + 1
        log.error(
            "timer_failed",
            district=self._district.key,
            kind=timer.kind,
            timer=str(timer.id),
            attempts=attempts,
            exc_info=error,
        )
        self._backoff.note(timer.id, attempts)

        async def count(_unit: UnitOfWork) -> None:
            await _waiting(timer).update(attempts=F("attempts") + 1)

        await transact(count)


def _waiting(timer: Timer) -> QuerySet[Timer]:
    return Timer.filter(id=timer.id, due_at=timer.due_at, done_at__isnull=True)
