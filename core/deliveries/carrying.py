"""Carrying out one delivery: the handler's effect, and the note that it is done, in one unit of work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import structlog

from .. import clock
from ..errors import RejectedError
from ..records import events
from ..records.delivery_models import Delivery, DeliveryState
from ..records.models import Event
from ..records.unit_of_work import UnitOfWork, transact
from . import turns
from .handlers import Handler

if TYPE_CHECKING:
    from ..districts import District

Result = Literal["done", "failed", "nothing"]

ERASED = "ERASED"
BATCH = 20

log = structlog.get_logger(__name__)


class Carrying:
    """Carries out the deliveries of one handler; the district is entered.

    Several are taken in one unit of work, since its commit costs more than most handlers do. Where one of them fails,
    all of them are undone, and they are taken one by one from then on until that one is out of the way.
    """

    def __init__(self, district: District, handler: Handler) -> None:
        self._district, self._handler = district, handler
        self._most = BATCH
        self._under_way: Delivery | None = None

    async def once(self) -> tuple[Result, int]:
        """Carry out whose turn it is, and tell how many that were; a failure is logged, counted and paused.

        Raises what keeps any delivery from being carried out, such as a database that does not answer.
        """
        try:
            number = await transact(self._carry_out)
        except Exception as error:
            if self._under_way is None:
                raise
            if self._most > 1:
                self._most = 1
                return await self.once()
            await self._failed(self._under_way, error)
            return "failed", 1
        self._most = BATCH if number == 0 else min(self._most * 2, BATCH)
        return ("done", number) if number else ("nothing", 0)

    async def _carry_out(self, unit: UnitOfWork) -> int:
        self._under_way = None
        ids = await turns.whose(self._handler.handler.name, unit.store.dialect, self._most)
        deliveries = await Delivery.filter(id__in=ids).order_by("sequence") if ids else []
        known = {event.id: event for event in await Event.filter(id__in=[one.event_id for one in deliveries])}
        for delivery in deliveries:
            await self._tell(delivery, known[delivery.event_id])
        self._under_way = None  # a commit that fails is nobody's fault
        return len(deliveries)

    async def _tell(self, delivery: Delivery, event: Event) -> None:
        payload = (await events.payloads([event], self._district.event_types))[event.id]
        if not await turns.done(delivery.id, ERASED if payload is None else None):
            return
        if payload is None:
            return
        self._under_way = delivery
        began, handler = clock.monotonic(), self._handler.handler
        failed = True
        try:
            async with asyncio.timeout(handler.seconds) as limit:
                await handler.handle(self._district, event, payload)
            if limit.expired():
                raise TimeoutError  # it swallowed its cancellation
            failed = False
        finally:
            seconds = clock.monotonic() - began
            self._district.hooks.count(self._handler.plugin, handler.name, seconds, failed=failed)

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        attempts, handler = delivery.attempts + 1, self._handler.handler

        async def note(_unit: UnitOfWork) -> DeliveryState:
            return await turns.failed(delivery.id, attempts, handler.attempts, problem_of(error))

        state = await transact(note)
        log.error(
            "delivery_failed" if state is DeliveryState.PENDING else "delivery_dead",
            district=self._district.key,
            plugin=self._handler.plugin,
            handler=handler.name,
            delivery=str(delivery.id),
            event_type=delivery.type,
            attempts=attempts,
            exc_info=error,
        )


def problem_of(error: Exception) -> str:
    """What an operator is told of a failure: the code of a refusal, else its kind; a message may hold values."""
    return (error.code if isinstance(error, RejectedError) else type(error).__name__)[:100]
