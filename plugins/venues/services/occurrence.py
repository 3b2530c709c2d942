"""When something in the field happened, as its record says: offline work is uploaded afterwards. 补录时间。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.core import clock
from linli.core.districts import District
from linli.core.errors import invalid


@dataclass(frozen=True)
class Occurrence:
    """When something happened, and whether it is recorded late."""

    at: datetime
    late: bool


def occurrence(district: District, occurred_at: datetime | None) -> Occurrence:
    """Now, or the instant stated; ValidationError for the future, or longer ago than `late_upload_hours`."""
    now = clock.now()
    if occurred_at is None:
        return Occurrence(now, late=False)
    if occurred_at > now:
        raise invalid("occurredAt", "FUTURE", "This has not happened yet", domain="venues")
    hours = district.settings.late_upload_hours
    if now - occurred_at > timedelta(hours=hours):
        raise invalid("occurredAt", "TOO_LATE", "At most {hours} hours ago", domain="venues", hours=hours)
    return Occurrence(occurred_at, late=occurred_at < now)
