"""Between instants and the local times that the rules speak of: here and nowhere else. 当地时间换算。"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from linli.core.calendar.zones import utc


def wall(instant: datetime, zone: tzinfo) -> datetime:
    """What a zone's wall clock shows at an instant, without a zone.

    ValidationError outside the years 2 to 9000.
    """
    return utc(instant).astimezone(zone).replace(tzinfo=None)


def instant(moment: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which a zone's wall clock shows a local time."""
    return moment.replace(tzinfo=zone).astimezone(UTC)
