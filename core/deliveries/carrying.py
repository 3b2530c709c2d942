"""Carrying out deliveries: the handler's effect, and the note that it is done, in one unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..records.delivery_models import Delivery
from ..records.models import Event
from ..records.unit_of_work import UnitOfWork, transact
from . import turns
from .attempts import Attempts, Result
from .handlers import Handler

if TYPE_CHECKING:
    from ..districts import District

BATCH = 20


class Carrying:
    """Carries out the deliveries of one handler; the district is entered.

    Several are taken in one unit of work, since its commit costs more than most handlers do. Where one of them fails,
    all of them are undone, and they are taken one by one from then on until that one is out of the way.
    """

    def __init__(self, district: District, handler: Handler) -> None:
        self._handler = handler.handler
        self._attempts = Attempts(district, handler)
        self._most = BATCH
        self._under_way: Delivery | None = None

    async def once(self) -> tuple[Result, int]:
        """Carry out whose turn it is, and tell how many that were; a failure is logged, counted and paused.

        Raises what keeps any delivery from being carried out, such as a database that does not answer.
        """
        try:
            number = await transact(self._carry_out)
        except Exception as error:
            under_way, self._under_way = self._under_way, None
            if under_way is None:
                raise
            if self._most > 1:
                self._most = 1
                return await self.once()
            await self._attempts.failed(under_way, error)
            return "failed", 1
        self._most = min(self._most * 2, BATCH) if number else BATCH
        return ("done", number) if number else ("nothing", 0)

    async def _carry_out(self, unit: UnitOfWork) -> int:
        self._under_way = None
        taken = await take(self._handler.name, unit, self._most)
        for delivery, event in taken:
            self._under_way = delivery  # also while it is read: what cannot be must keep no other waiting
            payload = await self._attempts.payload(event)
            if await turns.done(delivery.id, None if payload else turns.ERASED) and payload:
                await self._attempts.handle(event, payload)
        self._under_way = None  # a commit that fails is nobody's fault
        return len(taken)


async def take(handler: str, unit: UnitOfWork, most: int) -> Sequence[tuple[Delivery, Event]]:
    """The deliveries whose turn it is with their events, in order, kept from others until the unit of work ends."""
    ids = await turns.whose(handler, unit.store.dialect, most)
    deliveries = await Delivery.filter(id__in=ids).order_by("sequence") if ids else []
    known = {event.id: event for event in await Event.filter(id__in=[one.event_id for one in deliveries])}
    return [(delivery, known[delivery.event_id]) for delivery in deliveries]
