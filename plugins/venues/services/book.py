"""Booking a venue, for oneself or for somebody else. 预约场所。"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from linli.core import clock
from linli.core.access.on_behalf import tell
from linli.core.access.viewer import Viewer
from linli.core.districts import District

from ..events import BOOKING
from ..models import Booking
from .access import OWN, Behalf, acting_for
from .asking import free_room, judge
from .giving import Asked, give
from .opening import opening_of
from .records import free_id, venue_to_book
from .steps import settle_venue


async def book(
    district: District,
    viewer: Viewer,
    *,
    venue_id: UUID,
    start: datetime,
    end: datetime,
    unit: int | None = None,
    party_size: int = 1,
    person_id: UUID | None = None,
    booking_id: UUID | None = None,
    behalf: Behalf = OWN,
) -> Booking:
    """Book [start, end) in the lowest free unit, or in the wanted one.

    Raises NotFoundError, ForbiddenError for somebody who may not book for that person, ConflictError for an id in
    use, and then what `judge` raises; at last OVERLAPPING or CAPACITY_EXCEEDED where there is no room.
    """
    venue = await venue_to_book(district, viewer, venue_id)
    acting = await acting_for(district, viewer, venue, person_id, behalf)
    id_ = await free_id(Booking, booking_id)
    now, opening = clock.now(), await opening_of(district, venue)
    await settle_venue(opening)
    asked = Asked(acting.person, start, end, party_size, viewer.account_id, now, unit, channel=acting.channel.value)
    answer = await judge(opening, asked)
    booking = await give(opening, asked, answer, await free_room(opening, asked), id_)
    await tell(acting, "bookVenue", BOOKING, booking.id)
    return booking
