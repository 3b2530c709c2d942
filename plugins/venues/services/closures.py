"""Closing a venue for a time. 停用场所。"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import invalid
from linli.core.records import events

from ..events import CLOSED, VENUE, ClosurePayload
from ..models import Booking, Closure, WaitlistEntry
from ..permissions import CLOSURE_WRITE
from ..rules import Action, BookingState, ClosureKind
from .access import require_manages
from .alternatives import alternatives
from .life import Note
from .local import wall
from .opening import Opening, opening_of
from .records import checked_reason, venue_to_book
from .steps import settle_venue, take
from .waitlist import WaitingState, change

_GIVES_WAY = {
    BookingState.CONFIRMED: Action.DISPLACE,
    BookingState.PROVISIONAL: Action.DISPLACE,
    BookingState.REQUESTED: Action.REJECT,
}
"""What a closure does to a booking; those who are inside already stay."""


async def close_venue(
    district: District,
    viewer: Viewer,
    *,
    venue_id: UUID,
    start: datetime,
    end: datetime,
    kind: ClosureKind = ClosureKind.MAINTENANCE,
    reason: str | None = None,
) -> Closure:
    """Close a venue during [start, end): bookings in that time are DISPLACED, with other times offered.

    Nobody is to blame for that. Requests are rejected. Raises NotFoundError, ForbiddenError, ValidationError.
    """
    venue = await venue_to_book(district, viewer, venue_id)
    require_manages(viewer, CLOSURE_WRITE, venue.owner)
    stated = checked_reason(reason)
    _check_span(district, start, end)
    opening = await opening_of(district, venue)
    await settle_venue(opening)
    closure = await Closure.create(
        venue_id=venue.id, start=start, end=end, kind=kind.value, reason=stated, created_at=clock.now()
    )
    displaced = await _clear(opening, closure)
    payload = ClosurePayload(
        closure_id=closure.id, start=start, end=end, kind=kind.value, reason=stated, displaced=displaced
    )
    await events.append(CLOSED, VENUE, venue.id, payload, org_id=venue.owner_id)
    return closure


def _check_span(district: District, start: datetime, end: datetime) -> None:
    wall(start, district.zone), wall(end, district.zone)  # refuses years that no calendar knows
    if end <= start:
        raise invalid("end", "END_NOT_AFTER_START", "A closure must end after it starts", domain="venues")
    if end <= clock.now():
        raise invalid("end", "IN_THE_PAST", "This time is over", domain="venues")


async def _clear(opening: Opening, closure: Closure) -> int:
    """Move everybody out of the closed time; how many bookings were displaced."""
    touched = {"venue_id": closure.venue_id, "start__lt": closure.end, "end__gt": closure.start}
    for entry in await WaitlistEntry.filter(**touched, state=WaitingState.OFFERED):
        entry.venue = opening.venue
        await change(entry, WaitingState.WAITING, unit=None, offered_until=None)
    found = Booking.filter(**touched, state__in=[state.value for state in _GIVES_WAY]).select_related("person")
    bookings = await found.order_by("start", "id")
    leaving = [booking.id for booking in bookings]
    displaced = 0
    for booking in bookings:
        booking.venue = opening.venue
        displaced += await _give_way(opening, booking, closure, leaving)
    return displaced


async def _give_way(opening: Opening, booking: Booking, closure: Closure, leaving: list[UUID]) -> bool:
    action = _GIVES_WAY[BookingState(booking.state)]
    note = Note(clock.now(), reason=closure.reason, cause="closure", closure_id=closure.id)
    booking.alternatives = await alternatives(opening, booking, leaving)
    await take(opening, booking, action, note, closure_id=closure.id, alternatives=booking.alternatives)
    return action is Action.DISPLACE
