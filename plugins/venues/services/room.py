"""Which unit of a venue is free, as the database knows it. 场地占用查询。"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from linli.core.errors import OverlappingError, RejectedError, text

from ..models import Booking, Venue, WaitlistEntry
from ..rules import OCCUPYING, Occupation, Room, free_unit
from .life import shown_state

OFFERED = "OFFERED"


def room_of(venue: Venue) -> Room:
    """How much fits into a venue."""
    return Room(
        capacity=venue.capacity,
        exclusive=venue.exclusive,
        units=venue.units,
        buffer_before=timedelta(minutes=venue.buffer_before_minutes),
        buffer_after=timedelta(minutes=venue.buffer_after_minutes),
    )


def held_until(venue: Venue, end: datetime) -> datetime | None:
    """Until when an exclusive unit is held by a booking that ends then; None where several share a unit.

    Two bookings keep the longer of the two buffers between them, since buffers may overlap buffers.
    """
    buffer = max(venue.buffer_before_minutes, venue.buffer_after_minutes)
    return end + timedelta(minutes=buffer) if venue.exclusive else None


async def occupations(
    venue: Venue, start: datetime, end: datetime, at: datetime, *, without: Collection[UUID] = ()
) -> list[Occupation]:
    """What takes room around a time: bookings, and units that are kept for somebody who waits.

    `at` is the instant of asking; `without` are ids of bookings and waitlist entries that do not count.
    """
    margin = timedelta(minutes=venue.buffer_before_minutes + venue.buffer_after_minutes)
    near = Q(venue_id=venue.id, start__lt=end + margin, end__gt=start - margin) & ~Q(id__in=list(without))
    bookings = await Booking.filter(near, state__in=[state.value for state in OCCUPYING])
    offers = await WaitlistEntry.filter(near, state=OFFERED, offered_until__gt=at)
    given = [one for one in bookings if shown_state(one, at) in OCCUPYING]
    return [
        *(Occupation(one.unit, one.start, one.end, one.party_size) for one in given),
        *(Occupation(one.unit, one.start, one.end, one.party_size) for one in offers if one.unit is not None),
    ]


async def unit_for(
    venue: Venue,
    start: datetime,
    end: datetime,
    party_size: int,
    at: datetime,
    *,
    wanted: int | None = None,
    without: Collection[UUID] = (),
) -> int | None:
    """The lowest unit with room, or the wanted one if it has; None when it is taken."""
    there = await occupations(venue, start, end, at, without=without)
    return free_unit(room_of(venue), there, start, end, party_size, wanted=wanted)


def taken(venue: Venue) -> RejectedError:
    """There is no room then: OVERLAPPING where a unit takes one booking, CAPACITY_EXCEEDED where it is shared."""
    if venue.exclusive:
        return OverlappingError(text("This time is taken", domain="venues"), path=("start",), plugin="venues")
    message = text("There is not enough room left at that time", domain="venues")
    return RejectedError(message, code="CAPACITY_EXCEEDED", path=("partySize",), plugin="venues")
