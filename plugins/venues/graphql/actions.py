"""What can be done with a booking now."""

from __future__ import annotations

from linli.core.errors import text
from linli.core.languages import translate
from linli.schema.actions import Action, Requirement
from linli.schema.context import Info

from .. import rules
from ..models import Booking
from ..services.actions import Possible, possible_actions
from ..services.records import BOOKING_ENDS

_MUTATIONS = {
    rules.Action.APPROVE: ("approveBooking", text("Approve", domain="venues")),
    rules.Action.REJECT: ("rejectBooking", text("Reject", domain="venues")),
    rules.Action.CANCEL: ("cancelBooking", text("Cancel", domain="venues")),
    rules.Action.CHECK_IN: ("checkInBooking", text("Check in", domain="venues")),
    rules.Action.CHECK_OUT: ("checkOutBooking", text("Check out", domain="venues")),
}


async def available_actions(row: Booking, info: Info) -> list[Action]:
    """The steps of people, as far as this viewer has the right to them."""
    context = info.context
    booking = await Booking.filter(id=row.id).select_related(*BOOKING_ENDS).get()
    found = await possible_actions(context.district, context.viewer, booking)
    return [_told(one, context.language) for one in found]


def _told(one: Possible, language: str) -> Action:
    name, title = _MUTATIONS[one.action]
    return Action(
        name=name,
        title=translate(title, language),
        allowed=one.allowed,
        reason=None if one.refusal is None else translate(one.refusal, language),
        requires=[Requirement.CONFIRM] if one.costs else [],
        until=one.until,
    )
