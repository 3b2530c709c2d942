"""Coming and going. 签到与签退。"""

from __future__ import annotations

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District

from ..models import Booking
from ..rules import Action, BookingState
from .acting import Acting, Command, begin
from .room import unit_for
from .steps import take


async def check_in(district: District, viewer: Viewer, command: Command) -> Booking:
    """Note that somebody came, from 15 minutes before the start to 15 after; who resigned meanwhile is refused.

    One that was made in time and uploaded late reverses the automatic no-show, if the owner's side says so and not
    whoever booked; where the time was given to others meanwhile the booking counts as completed. Raises NOT_ELIGIBLE,
    INVALID_TRANSITION, SELF_VERIFICATION.
    """
    acting = await begin(district, viewer, Action.CHECK_IN, command)
    opening, booking = acting.opening, acting.booking
    eligible = await opening.still_admits(booking, acting.note.at)
    handed_on = booking.state == BookingState.NO_SHOW and not await _still_free(acting)
    facts = acting.facts(eligible=eligible, handed_on=handed_on)
    await take(opening, booking, Action.CHECK_IN, acting.note, facts=facts)
    return booking


async def check_out(district: District, viewer: Viewer, command: Command) -> Booking:
    """Note that somebody left; without it a booking completes at its end."""
    acting = await begin(district, viewer, Action.CHECK_OUT, command)
    await take(acting.opening, acting.booking, Action.CHECK_OUT, acting.note, facts=acting.facts())
    return acting.booking


async def _still_free(acting: Acting) -> bool:
    booking, venue = acting.booking, acting.opening.venue
    span = (venue, booking.start, booking.end, booking.party_size, clock.now())
    return await unit_for(*span, wanted=booking.unit) is not None
