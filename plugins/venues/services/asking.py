"""What is judged before somebody gets a time or a place on the waitlist: the same for both. 预约资格审查。"""

from __future__ import annotations

from datetime import datetime

from linli.core.errors import RejectedError, invalid, text

from ..errors import NotEligibleError
from ..models import Venue
from ..rules import BookingRequest, Eligibility, Refusal, VenueMode, check_request
from .giving import Asked, check_not_barred, check_not_closed
from .opening import Opening
from .quotas import check_quotas
from .room import taken, unit_for


async def judge(opening: Opening, asked: Asked) -> Eligibility:
    """The eligibility of a request that nothing but other bookings may stand against.

    Raises, in this order: ValidationError, VENUE_ENDED, the codes of `rules.check_request`, VENUE_CLOSED, BARRED,
    NotEligibleError, QuotaExceededError.
    """
    check_bookable(opening.venue)
    check_lasting(opening, asked.end)
    request = BookingRequest(opening.wall(asked.start), opening.wall(asked.end), asked.party_size, asked.unit)
    check_request(request, opening.timetable, opening.limits, opening.wall(asked.requested_at))
    await check_not_closed(opening.venue, asked.start, asked.end)
    await check_not_barred(opening, asked.person, asked.requested_at)
    answer = await opening.eligibility(asked.person, asked.start, asked.end)
    check_eligible(opening, answer)
    await check_quotas(opening, asked, answer)
    return answer


async def free_room(opening: Opening, asked: Asked) -> int:
    """The unit that a request gets; OVERLAPPING or CAPACITY_EXCEEDED where there is no room."""
    span = (opening.venue, asked.start, asked.end, asked.party_size, asked.requested_at)
    unit = await unit_for(*span, wanted=asked.unit)
    if unit is None:
        raise taken(opening.venue)
    return unit


def check_lasting(opening: Opening, end: datetime) -> None:
    """Raise VENUE_ENDED for a time after the venue's owner or its community has ended."""
    if opening.ends_at is not None and end > opening.ends_at:
        message = text("The organisation that shares this venue has ended", domain="venues")
        raise RejectedError(message, code="VENUE_ENDED", path=("venueId",), plugin="venues")


def check_bookable(venue: Venue) -> None:
    """Raise ValidationError for a venue that takes no bookings."""
    if venue.mode == VenueMode.WALK_IN:
        raise invalid("venueId", "WALK_IN_ONLY", "This venue takes no bookings: just walk in", domain="venues")


def check_eligible(opening: Opening, answer: Eligibility) -> None:
    """Raise what refuses: VENUE_CLOSED in hours when nobody comes, NotEligibleError for the person."""
    if answer.eligible:
        return
    assert answer.reason is not None
    local = answer.next_eligible_start
    following = None if local is None else opening.instant(local)
    if answer.window is None or answer.reason in (Refusal.VENUE_CLOSED, Refusal.OUTSIDE_OPENING_HOURS):
        message = text("The venue is not open at that time", domain="venues")
        details = {"nextEligibleStart": None if following is None else following.isoformat()}
        raise RejectedError(message, code=answer.reason.value, path=("start",), plugin="venues", details=details)
    raise NotEligibleError(answer.reason, answer.window.kind, following)
