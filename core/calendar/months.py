"""Months of the calendar. 月份"""

from __future__ import annotations

from datetime import date

from .zones import bounded_day, plain_day


def month_of(day: date, *, later: int = 0) -> date:
    """The first day of a day's month, or of one so many months later; earlier ones by a negative number."""
    months = plain_day(day).year * 12 + day.month - 1 + later
    return bounded_day(date(months // 12, months % 12 + 1, 1))
