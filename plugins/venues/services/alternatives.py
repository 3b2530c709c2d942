"""Other times for somebody whose booking had to give way. 替代时段。"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.core import clock

from ..models import Booking, Closure
from ..rules import Standing, next_eligible_start
from .opening import Opening
from .room import unit_for
from .standing import standing_of

OFFERED = 3
TRIES = 60
HORIZON_DAYS = 14


async def alternatives(opening: Opening, booking: Booking, giving_way: Collection[UUID] = ()) -> list[dict[str, Any]]:
    """The next times at the same venue, as long and as many as before, that are open, free and not closed.

    `giving_way` are the bookings that leave together with this one: their times count as free.
    """
    found: list[dict[str, Any]] = []
    async for start, end in _free(opening, booking, {booking.id, *giving_way}):
        found.append({"venueId": str(booking.venue_id), "start": start.isoformat(), "end": end.isoformat()})
        if len(found) == OFFERED:
            break
    return found


async def _free(
    opening: Opening, booking: Booking, without: Collection[UUID]
) -> AsyncIterator[tuple[datetime, datetime]]:
    now, length = clock.now(), booking.end - booking.start
    standing = await standing_of(booking.person, opening.venue, booking.start, opening.settings.resident_scope)
    after = max(now, booking.start)
    for _ in range(TRIES):
        start = _next(opening, standing, after, booking)
        if start is None:
            return
        closure = await _closed_until(booking, start, start + length)
        span = (opening.venue, start, start + length, booking.party_size, now)
        if closure is None and await unit_for(*span, without=without) is not None:
            yield start, start + length
        after = closure or start + length


def _next(opening: Opening, standing: Standing, after: datetime, booking: Booking) -> datetime | None:
    found = next_eligible_start(
        opening.timetable, standing, opening.wall(after), booking.end - booking.start, horizon_days=HORIZON_DAYS
    )
    return None if found is None else opening.instant(found)


async def _closed_until(booking: Booking, start: datetime, end: datetime) -> datetime | None:
    closure = Closure.filter(venue_id=booking.venue_id, start__lt=end, end__gt=start).order_by("-end")
    last = await closure.first()
    return None if last is None else last.end
