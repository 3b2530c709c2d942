"""The owner's answer to a request. 审核预约。"""

from __future__ import annotations

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District

from ..models import Booking
from ..rules import Action, BookingState
from .acting import Acting, Command, begin
from .giving import check_not_closed
from .room import held_until, taken, unit_for
from .steps import take


async def approve(district: District, viewer: Viewer, command: Command) -> Booking:
    """Confirm a request: it gets its unit, or the lowest that is free.

    A request takes no room while it waits; raises OVERLAPPING or CAPACITY_EXCEEDED where others were quicker,
    VENUE_CLOSED, SELF_VERIFICATION for one's own request, IN_THE_PAST, INVALID_TRANSITION.
    """
    acting = await begin(district, viewer, Action.APPROVE, command)
    booking, more = acting.booking, {}
    if booking.state == BookingState.REQUESTED and not acting.own:
        until = held_until(acting.opening.venue, booking.end)
        more = {"unit": await _unit(acting), "held_until": until}
    await take(acting.opening, booking, Action.APPROVE, acting.note, facts=acting.facts(), **more)
    return booking


async def reject(district: District, viewer: Viewer, command: Command) -> Booking:
    """Turn a request down."""
    acting = await begin(district, viewer, Action.REJECT, command)
    await take(acting.opening, acting.booking, Action.REJECT, acting.note, facts=acting.facts())
    return acting.booking


async def _unit(acting: Acting) -> int:
    booking, venue = acting.booking, acting.opening.venue
    await check_not_closed(venue, booking.start, booking.end)
    span = (venue, booking.start, booking.end, booking.party_size, clock.now())
    unit = await unit_for(*span, wanted=booking.unit) or await unit_for(*span)
    if unit is None:
        raise taken(venue)
    return unit
