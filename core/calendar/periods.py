"""Periods in days, months and years by the Civil Code, art. 200-203. 期间计算"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from ..errors import invalid
from .days import OfficialCalendar
from .workdays import working_day_from
from .zones import bounded_day, closing, local_date

_MONTHS = 12
MAX_YEARS = 100


@dataclass(frozen=True)
class Period:
    """A length of time in days, or in months, or in years: one of the three, at least 1, at most a hundred years."""

    days: int = 0
    months: int = 0
    years: int = 0

    def __post_init__(self) -> None:
        given = [n for n in (self.days, self.months, self.years) if n]
        if len(given) != 1 or given[0] < 1:
            raise invalid("period", "NOT_A_PERIOD", "A period is a positive number of days, of months or of years")
        if self.days > MAX_YEARS * 366 or self.months > MAX_YEARS * _MONTHS or self.years > MAX_YEARS:
            raise invalid("period", "OUT_OF_RANGE", "A period is at most {most} years long", most=MAX_YEARS)


def last_day(start: date, period: Period) -> date:
    """The last day of a period, before rest days are looked at.

    Counted in days, the first does not count (art. 201 (1)). Counted in months or years, the last is the
    corresponding day, or the end of the month where there is none (art. 202): 31 August and six months, 28 February.
    """
    first = bounded_day(start)
    if period.days:
        return first + timedelta(days=period.days)
    months = first.year * _MONTHS + first.month - 1 + period.months + period.years * _MONTHS
    year, month = divmod(months, _MONTHS)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def final_day(calendar: OfficialCalendar, start: date, period: Period) -> date:
    """The last day of a period; where that is a rest day, the next that is none (art. 203 (1)).

    A make-up workday is no rest day. CalendarUnknownError where the schedule of that day's year is not published.
    """
    return working_day_from(calendar, last_day(start, period))


def period_end(
    calendar: OfficialCalendar, zone: tzinfo, start: datetime, period: Period, close: time | None
) -> datetime:
    """The instant, in UTC, at which a period that begins with an event at `start` is over (art. 203 (2)).

    `close` is the close of business for staff and publicity, None (24:00) for time given to residents.
    """
    return closing(final_day(calendar, local_date(start, zone), period), zone, close)
