"""Logging the use of a venue at the door, and striking out no-shows on appeal. 使用登记与申诉。"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.calendar import local_date
from linli.core.districts import District
from linli.core.errors import InvalidTransitionError, RejectedError, invalid, text
from linli.core.records import events

from ..events import BOOKING, NO_SHOW_WAIVED, USAGE, USAGE_RECORDED, UsagePayload, WaivedPayload
from ..models import Booking, NoShow, Usage
from ..permissions import ATTEND, NO_SHOW_WAIVE
from ..rules import Tier, WindowKind
from .access import require_manages
from .opening import opening_of
from .records import booking_to_change, checked_reason, venue_to_read
from .steps import strike_out

MOST_HEADS = 100_000
OLDEST_DAYS = 366


async def record_usage(
    district: District, viewer: Viewer, *, venue_id: UUID, day: date, window: WindowKind, tier: Tier, heads: int
) -> Usage:
    """Log how many people of a tier walked in during a window of a day.

    Raises NotFoundError, ForbiddenError, ValidationError for a day to come, one over a year ago, and a window that
    the day does not have.
    """
    venue = await venue_to_read(district, viewer, venue_id)
    require_manages(viewer, ATTEND, venue.owner)
    today = local_date(clock.now(), district.zone)
    if not 0 <= (today - day).days <= OLDEST_DAYS:
        raise invalid("date", "OUT_OF_RANGE", "A day of the last {days}", domain="venues", days=OLDEST_DAYS)
    if not 1 <= heads <= MOST_HEADS:
        raise invalid(
            "heads", "OUT_OF_RANGE", "Between {lowest} and {highest}", domain="venues", lowest=1, highest=MOST_HEADS
        )
    opening = await opening_of(district, venue)
    if window not in {one.kind for one in opening.timetable.windows_on(day)}:
        raise invalid("window", "NOT_THAT_DAY", "That day has no such window", domain="venues")
    entry = await Usage.create(
        venue_id=venue.id, day=day, window=window.value, tier=tier.value, heads=heads, recorded_at=clock.now()
    )
    payload = UsagePayload(
        venue_id=venue.id, day=day, window=window.value, tier=tier.value, heads=heads, minutes=entry.minutes
    )
    await events.append(USAGE_RECORDED, USAGE, entry.id, payload, org_id=venue.owner_id)
    return entry


async def waive_no_show(district: District, viewer: Viewer, *, booking_id: UUID, reason: str | None = None) -> Booking:
    """Strike out the no-show of a booking on appeal: it counts no more towards a bar.

    Raises NotFoundError, ForbiddenError, SELF_VERIFICATION for one's own, INVALID_TRANSITION where nothing counts.
    """
    booking = await booking_to_change(district, viewer, booking_id)
    require_manages(viewer, NO_SHOW_WAIVE, booking.venue.owner)
    stated = checked_reason(reason)
    if booking.person_id == viewer.person_id:
        message = text("One's own appeal is for somebody else to decide", domain="venues")
        raise RejectedError(message, code="SELF_VERIFICATION", plugin="venues")
    counted = await NoShow.filter(booking_id=booking.id, struck_at__isnull=True).first()
    if counted is None:
        raise InvalidTransitionError(text("No no-show counts for this booking", domain="venues"), plugin="venues")
    await strike_out(booking, stated)
    payload = WaivedPayload(person_id=booking.person_id, day=counted.day, reason=stated)
    await events.append(NO_SHOW_WAIVED, BOOKING, booking.id, payload, org_id=booking.venue.owner_id)
    return booking
