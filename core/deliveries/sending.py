"""Carrying out deliveries outside of the district: leased, sent without a unit of work, then noted. 对外投递。"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import clock
from ..pauses import doubled
from ..records.delivery_models import Delivery
from ..records.models import Event
from ..records.unit_of_work import UnitOfWork, transact
from . import turns
from .attempts import Attempts, Result
from .carrying import take
from .handlers import Handler

if TYPE_CHECKING:
    from ..districts import District

FIRST_SECONDS, LONGEST_SECONDS = 0.5, 60.0
AT_ONCE = 8
"""How many deliveries of one handler are under way in a process: of as many subjects."""
GRACE_SECONDS = 5.0
"""For noting what came of it, before others take a delivery for abandoned."""


class Sending:
    """Carries out the deliveries of one handler that sends something; the district is entered.

    Where nothing came through at one time, the receiver is left alone for a while, twice as long each time: whoever is
    down for an hour is not called by every subject that waits.
    """

    def __init__(self, district: District, handler: Handler) -> None:
        self._handler = handler.handler
        self._attempts = Attempts(district, handler)
        self._fruitless = 0
        self._quiet_until = 0.0

    async def once(self) -> tuple[Result, int]:
        """Send whose turn it is, at one time; a failure is logged, counted and paused, each on its own."""
        if clock.monotonic() < self._quiet_until:
            return "nothing", 0
        taken = await transact(self._lease)
        if not taken:
            return "nothing", 0
        outcomes = await asyncio.gather(*(self._send(*one) for one in taken), return_exceptions=True)
        sent = [one is True for one in outcomes]
        self._judge(any(sent))
        for one in outcomes:
            if isinstance(one, BaseException):  # noting it failed: the lease gives it to somebody later
                raise one
        return ("done", sum(sent)) if any(sent) else ("failed", len(sent))

    def _judge(self, came_through: bool) -> None:
        self._fruitless = 0 if came_through else self._fruitless + 1
        pause = doubled(self._fruitless, FIRST_SECONDS, LONGEST_SECONDS) if self._fruitless else 0.0
        self._quiet_until = clock.monotonic() + pause

    async def _lease(self, unit: UnitOfWork) -> Sequence[tuple[Delivery, Event]]:
        taken = await take(self._handler.name, unit, AT_ONCE)
        await turns.lease([delivery.id for delivery, _ in taken], self._handler.seconds + GRACE_SECONDS)
        return taken

    async def _send(self, delivery: Delivery, event: Event) -> bool:
        try:
            payload = await self._attempts.payload(event)
            if payload is not None:
                await self._attempts.handle(event, payload)
        except Exception as error:  # a receiver that fails, whatever way, is told again later
            await self._attempts.failed(delivery, error)
            return False
        await transact(lambda _unit: turns.done(delivery.id, None if payload else turns.ERASED))
        return True
