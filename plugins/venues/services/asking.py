"""What is judged before somebody gets a time or a place on the waitlist: the same for both. 预约资格审查。"""

from __future__ import annotations

from linli.core.errors import RejectedError, invalid, text

from ..errors import NotEligibleError
from ..models import Venue
from ..rules import BookingRequest, Eligibility, Refusal, VenueMode, check_request
from .giving import Asked, check_not_barred, check_not_closed
from .opening import Opening


async def judge(opening: Opening, asked: Asked) -> Eligibility:
    """The eligibility of a request that nothing but other bookings may stand against.

    Raises, in this order: ValidationError and the codes of `rules.check_request`, VENUE_CLOSED, BARRED,
    NotEligibleError.
    """
    check_bookable(opening.venue)
    request = BookingRequest(opening.wall(asked.start), opening.wall(asked.end), asked.party_size, asked.unit)
    check_request(request, opening.timetable, opening.limits, opening.wall(asked.requested_at))
    await check_not_closed(opening.venue, asked.start, asked.end)
    await check_not_barred(opening, asked.person, asked.requested_at)
    answer = await opening.eligibility(asked.person, asked.start, asked.end)
    check_eligible(opening, answer)
    return answer


def check_bookable(venue: Venue) -> None:
    """Raise ValidationError for a venue that takes no bookings."""
    if venue.mode == VenueMode.WALK_IN:
        raise invalid("venueId", "WALK_IN_ONLY", "This venue takes no bookings: just walk in", domain="venues")


def check_eligible(opening: Opening, answer: Eligibility) -> None:
    """Raise what refuses: VENUE_CLOSED in hours when nobody comes, NotEligibleError for the person."""
    if answer.eligible:
        return
    assert answer.reason is not None
    if answer.window is None or answer.reason in (Refusal.VENUE_CLOSED, Refusal.OUTSIDE_OPENING_HOURS):
        message = text("The venue is not open at that time", domain="venues")
        raise RejectedError(message, code=answer.reason.value, path=("start",), plugin="venues")
    following = answer.next_eligible_start
    raise NotEligibleError(answer.reason, answer.window.kind, None if following is None else opening.instant(following))
