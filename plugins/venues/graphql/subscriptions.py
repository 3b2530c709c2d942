"""What can be followed around venues. 场所订阅。"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Optional
from uuid import UUID

import strawberry

from linli.core.errors import NotFoundError, text
from linli.core.feed import Told
from linli.core.records.models import Event
from linli.schema.context import Context, Info
from linli.schema.contributions import fields
from linli.schema.declare.pages import output
from linli.schema.scalars import Long
from linli.schema.subscriptions import Source, subscription
from linli.schema.subscriptions.resuming import resumed

from .. import models
from ..events import BOOKING_EVENTS
from .bookings import Booking

STEPS = frozenset(event.name for event in BOOKING_EVENTS.values())


@dataclass(frozen=True)
class Change:
    """A step of a booking."""

    sequence: int
    type: str
    booking: models.Booking


BookingChange = output(
    "BookingChange",
    "A step in the life of a booking. 预约变化。",
    {
        "sequence": (Long, "Its place among all events of the district; resume after it. 序号。", None),
        "type": (str, "What happened, as venues.<what>. 事件类型。", None),
        "booking": (Booking, "The booking as it is now. 预约。", None),
    },
)


async def _changes(_root: Any, info: Info, venue_id: str, after: int | None = None) -> Source:
    """Steps of the bookings of one venue that the viewer sees. Raises NotFoundError, and ValidationError."""
    wanted = info.context.required_id(venue_id, "Venue", "venueId")
    if await info.context.loaders.by_id(models.Venue).load(wanted) is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("venueId",))
    return Source(partial(_change, wanted), types=STEPS, after=await resumed(after))


async def _change(venue_id: UUID, context: Context, told: Told) -> Change | None:
    if await told.fact(_venue_of) != venue_id:
        return None
    found = await context.loaders.by_id(models.Booking).load(told.event.subject_id)
    return None if found is None else Change(told.sequence, told.event.type, found)


async def _venue_of(event: Event) -> UUID | None:
    booking = await models.Booking.get_or_none(id=event.subject_id)
    return None if booking is None else booking.venue_id


@fields("What can be followed around venues. 场所订阅。")
class VenueSubscription:
    """Root fields."""

    booking_changed = subscription(
        "The bookings of a venue as they change, as far as the viewer sees them. 场所预约变化。",
        _changes,
        BookingChange,
        venue_id=(strawberry.ID, "Of which venue. 场所。"),
        after=(Optional[Long], "First what came after this sequence: the last that one received. 从该序号之后续传。"),
    )
