"""Deadlines counted in hours: on the wall clock, or on the time that offices are open. 按小时计算的期限"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import count, pairwise, takewhile
from typing import NamedTuple

from ..errors import invalid
from .days import OfficialCalendar
from .zones import local_date, local_instant, utc

MAX_HOURS = 24 * 366 * 10
"""Ten years: what is longer is counted in days or months."""


class TimeRange(NamedTuple):
    """Part of a day on the wall clock, half-open."""

    opens: time
    closes: time


@dataclass(frozen=True)
class WorkHours:
    """When offices are open on every working day, in order; ValidationError unless ranges are whole and apart."""

    ranges: tuple[TimeRange, ...]

    def __post_init__(self) -> None:
        if not self.ranges:
            raise invalid("ranges", "EMPTY", "At least one range of hours is needed")
        if any(one.opens >= one.closes for one in self.ranges):
            raise invalid("ranges", "RANGE_REVERSED", "A range of hours must open before it closes")
        if any(one.closes > other.opens for one, other in pairwise(self.ranges)):
            raise invalid("ranges", "OVERLAPPING", "Ranges of hours must be in order and must not overlap")

    def on(self, day: date, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """The ranges of one day as instants in UTC."""
        return ((local_instant(day, one.opens, zone), local_instant(day, one.closes, zone)) for one in self.ranges)


OFFICE_HOURS = WorkHours((TimeRange(time(8, 30), time(12)), TimeRange(time(13, 30), time(17, 30))))
"""Hours of offices where no setting says otherwise: they end at close of business."""


def wall_deadline(start: datetime, hours: int = 0, *, minutes: int = 0) -> datetime:
    """The instant, in UTC, so many hours after `start`: nights and holidays count. Civil Code art. 201 (2)."""
    return utc(start) + _duration(hours, minutes)


def working_deadline(
    calendar: OfficialCalendar,
    zone: tzinfo,
    start: datetime,
    hours: int = 0,
    *,
    minutes: int = 0,
    during: WorkHours = OFFICE_HOURS,
) -> datetime:
    """The instant, in UTC, at which offices have been open for so long since `start`.

    It never falls outside office hours: an hour that is up at closing time ends then, not the next morning.
    CalendarUnknownError when it runs into an unpublished year; ValidationError unless the time is positive.
    """
    left = _duration(hours, minutes)
    openings = _openings(calendar, zone, start, _days_from(local_date(start, zone)), during)
    opens, closes = next(openings)
    while left > closes - opens:
        left -= closes - opens
        opens, closes = next(openings)
    return opens + left


def working_time(
    calendar: OfficialCalendar, zone: tzinfo, start: datetime, end: datetime, during: WorkHours = OFFICE_HOURS
) -> timedelta:
    """For how long offices were open between two instants; ValidationError where `end` is before `start`."""
    if utc(end) < utc(start):
        raise invalid("end", "RANGE_REVERSED", "{end} is before {start}", start=start, end=end)
    first, last = local_date(start, zone), local_date(end, zone)
    days = takewhile(lambda day: day <= last, _days_from(first))
    openings = _openings(calendar, zone, start, days, during)
    return sum((min(closes, end) - opens for opens, closes in openings if opens < end), timedelta())


def _openings(
    calendar: OfficialCalendar, zone: tzinfo, start: datetime, days: Iterable[date], during: WorkHours
) -> Iterator[tuple[datetime, datetime]]:
    """What is left, after an instant, of the openings of these days."""
    since = utc(start)
    for day in filter(calendar.is_working, days):
        yield from ((max(opens, since), closes) for opens, closes in during.on(day, zone) if closes > since)


def _days_from(first: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in count())


def _duration(hours: int, minutes: int) -> timedelta:
    if hours < 0 or minutes < 0 or not hours + minutes:
        raise invalid("hours", "NOT_POSITIVE", "A deadline in hours lies ahead")
    if hours * 60 + minutes > MAX_HOURS * 60:
        raise invalid("hours", "OUT_OF_RANGE", "A deadline in hours is at most {most} hours away", most=MAX_HOURS)
    return timedelta(hours=hours, minutes=minutes)
