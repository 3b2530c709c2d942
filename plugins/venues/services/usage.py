"""Logging the use of a venue at the door. 使用登记。"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.calendar import local_date
from linli.core.districts import District
from linli.core.errors import invalid
from linli.core.records import events

from ..events import USAGE, USAGE_RECORDED, UsagePayload
from ..models import Usage
from ..permissions import ATTEND
from ..rules import Tier, WindowKind
from .access import require_manages
from .opening import opening_of
from .records import venue_to_read

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
