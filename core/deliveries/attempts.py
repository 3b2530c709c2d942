"""One attempt of a handler at one event: limited in time, counted, and noted where it failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import structlog
from pydantic import BaseModel

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

log = structlog.get_logger(__name__)


class Attempts:
    """The attempts of one handler in one district."""

    def __init__(self, district: District, handler: Handler) -> None:
        self._district, self._plugin, self._handler = district, handler.plugin, handler.handler

    async def payload(self, event: Event) -> BaseModel | None:
        """What an event tells; None where that was erased, and there is nothing to handle."""
        return (await events.payloads([event], self._district.event_types))[event.id]

    async def handle(self, event: Event, payload: BaseModel) -> None:
        """Let the handler act, within its time; raises what it raises, and TimeoutError."""
        began, failed = clock.monotonic(), True
        try:
            async with asyncio.timeout(self._handler.seconds) as limit:
                await self._handler.handle(self._district, event, payload)
            if limit.expired():
                raise TimeoutError  # it swallowed its cancellation
            failed = False
        finally:
            seconds = clock.monotonic() - began
            self._district.hooks.count(self._plugin, self._handler.name, seconds, failed=failed)

    async def failed(self, delivery: Delivery, error: Exception) -> None:
        """Note a failure, and tell the log of it; it is tried again after a pause, or given up."""
        attempts = delivery.attempts + 1

        async def note(_unit: UnitOfWork) -> DeliveryState:
            return await turns.failed(delivery.id, attempts, self._handler.attempts, problem_of(error))

        state = await transact(note)
        log.error(
            "delivery_failed" if state is DeliveryState.PENDING else "delivery_dead",
            district=self._district.key,
            plugin=self._plugin,
            handler=self._handler.name,
            delivery=str(delivery.id),
            event_type=delivery.type,
            attempts=attempts,
            exc_info=error,
        )


def problem_of(error: Exception) -> str:
    """What an operator is told of a failure: the code of a refusal, else its kind; a message may hold values."""
    return (error.code if isinstance(error, RejectedError) else type(error).__name__)[:100]
