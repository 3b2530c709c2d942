"""Local days: where an instant stands on a district's wall clock, and where a local day begins and ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ..errors import invalid

CLOSE_OF_BUSINESS = time(17, 30)
"""When offices close unless a setting says otherwise. 停止业务活动的时间"""

_FIRST_YEAR, _LAST_YEAR = 2, 9000  # with margin, so that no zone and no period leads out of what `date` can hold


def plain_day(day: date) -> date:
    """The day itself; TypeError for an instant, whose day is not known before a zone is."""
    if isinstance(day, datetime):
        raise TypeError(f"{day!r} is an instant and a day was expected: local_date(instant, zone) gives its day")
    return day


def bounded_day(day: date) -> date:
    """The day itself, to be counted from; ValidationError outside the years 2-9000."""
    _check_year(plain_day(day).year)
    return day


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; ValueError for one without a zone, ValidationError outside the years 2-9000."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no time zone, so it is not an instant: give it one, datetime.now(UTC)")
    _check_year(instant.year)
    return instant.astimezone(UTC)


def local_date(instant: datetime, zone: tzinfo) -> date:
    """The day on which an instant falls in a zone."""
    return utc(instant).astimezone(zone).date()


def local_instant(day: date, at: time, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which a zone's wall clock shows `at` on a day.

    A time that the clock shows twice is its first showing; one that it skips counts from before the jump.
    """
    if at.tzinfo is not None:
        raise ValueError(f"{at!r} carries a time zone of its own: pass a wall-clock time and the zone beside it")
    return datetime.combine(bounded_day(day), at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of a local day and the first after it, in UTC: half-open, 23 to 25 hours where clocks move."""
    start = local_instant(day, time.min, zone)
    return start, local_instant(day + timedelta(days=1), time.min, zone)


def closing(day: date, zone: tzinfo, close: time | None) -> datetime:
    """The instant, in UTC, at which a period's last day ends: at `close`, or at 24:00 for None.

    Civil Code art. 203 (2): 24:00, or where there are business hours the time at which business stops.
    """
    return day_bounds(day, zone)[1] if close is None else local_instant(day, close, zone)


def _check_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise invalid("date", "OUT_OF_RANGE", "The year {year} is out of range", year=year)
