"""The schedules that come with Linli: those of the chinesecalendar package, brought into our shape."""

from __future__ import annotations

from datetime import date
from functools import cache

import chinese_calendar

from .schedule import OfficialSchedule, ScheduledDay
from .statutory import DRAGON_BOAT, MID_AUTUMN, QINGMING

BUNDLED_VERSION = f"chinesecalendar {chinese_calendar.__version__}"
"""Where the bundled schedules come from; they name it as their paper, for the package lists no notices."""

_Holiday = chinese_calendar.Holiday
_OURS = {
    _Holiday.tomb_sweeping_day: QINGMING.zh,
    _Holiday.dragon_boat_festival: DRAGON_BOAT.zh,
    _Holiday.mid_autumn_festival: MID_AUTUMN.zh,
}


@cache
def bundled_schedule(year: int) -> OfficialSchedule | None:
    """The schedule of a year whose notice the package knows, from 2004; None for any other."""
    years = {day.year for day in chinese_calendar.holidays}
    if not min(years) <= year <= max(years):
        return None
    named = {day: ScheduledDay(_name(value), off=True) for day, value in chinese_calendar.holidays.items()}
    worked = {day: ScheduledDay(_name(value), off=False) for day, value in chinese_calendar.workdays.items()}
    days = {day: it for day, it in (named | worked).items() if _notice_year(day, it.name) == year}
    return OfficialSchedule(year, (BUNDLED_VERSION,), days)


def _name(value: str) -> str:
    holiday = _Holiday(value)
    return str(_OURS.get(holiday, holiday.chinese))


def _notice_year(day: date, name: str) -> int:
    """The package sorts by date, notices do not: a New Year's holiday in December belongs to the next notice."""
    return day.year + 1 if (day.month, name) == (12, _Holiday.new_years_day.chinese) else day.year
