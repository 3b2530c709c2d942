"""Counting workdays, make-up workdays included, and the deadlines counted in them. 工作日"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from ..errors import invalid
from .days import OfficialCalendar
from .zones import CLOSE_OF_BUSINESS, bounded_day, closing, local_date, plain_day

_DAY = timedelta(days=1)


def add_workdays(calendar: OfficialCalendar, start: date, n: int) -> date:
    """The nth workday after `start`, or before it where n is negative; `start` itself, whatever it is, for 0.

    `start` does not count (Civil Code art. 201). CalendarUnknownError when the count runs into an unpublished year.
    """
    step = _DAY if n > 0 else -_DAY
    day, left = bounded_day(start), abs(n)
    while left:
        day += step
        left -= calendar.is_working(day)
    return day


def workdays_between(calendar: OfficialCalendar, start: date, end: date) -> int:
    """How many workdays lie after `start` up to and including `end`; negative, `end` included, where it is earlier.

    The inverse of `add_workdays`. CalendarUnknownError where one of the days counted is in an unpublished year.
    """
    span = (plain_day(end) - plain_day(start)).days
    sign = 1 if span > 0 else -1
    return sign * sum(calendar.is_working(start + sign * n * _DAY) for n in range(1, abs(span) + 1))


def working_day_from(calendar: OfficialCalendar, day: date) -> date:
    """The day itself, or the first working day after it: where something lands that may not fall on a rest day."""
    return plain_day(day) if calendar.is_working(day) else add_workdays(calendar, day, 1)


def deadline(
    calendar: OfficialCalendar,
    zone: tzinfo,
    start: datetime,
    workdays: int,
    close: time | None = CLOSE_OF_BUSINESS,
) -> datetime:
    """The instant, in UTC, at which "within N workdays" of an instant ends: close of business of the Nth workday.

    `close` None is 24:00, for time given to residents. ValidationError for less than one workday. Civil Code art.
    201 (the day it starts does not count) and 203 (2) (close of business).
    """
    if workdays < 1:
        raise invalid("workdays", "NOT_POSITIVE", "A deadline is at least one workday away, not {n}", n=workdays)
    return closing(add_workdays(calendar, local_date(start, zone), workdays), zone, close)
