"""The schedules that a district imported, kept in its database."""

from __future__ import annotations

from .. import clock
from ..graph.queries import district_root
from ..records import events
from ..records.unit_of_work import current_unit
from .days import OfficialCalendar
from .event_types import CALENDAR_CHANGED, SCHEDULE, CalendarChanged
from .holiday_cn import holiday_cn, parse_holiday_cn
from .models import CalendarSchedule
from .schedule import OfficialSchedule


async def stored_calendar() -> OfficialCalendar:
    """The calendar made of what is bundled and what was imported here."""
    rows = await CalendarSchedule.all()
    schedules = {row.year: parse_holiday_cn({"year": row.year, "papers": row.papers, "days": row.days}) for row in rows}
    return OfficialCalendar(schedules)


async def keep_schedule(schedule: OfficialSchedule) -> CalendarSchedule:
    """Keep an imported schedule in place of an earlier one of its year, and tell of it; needs a unit of work."""
    current_unit()
    row = await _kept(schedule)
    changed = CalendarChanged(year=schedule.year, papers=schedule.papers)
    root = await district_root()
    await events.append(CALENDAR_CHANGED, SCHEDULE, row.id, changed, org_id=None if root is None else root.id)
    return row


async def _kept(schedule: OfficialSchedule) -> CalendarSchedule:
    shape, now = holiday_cn(schedule), clock.now()
    row = await CalendarSchedule.get_or_none(year=schedule.year)
    if row is None:
        return await CalendarSchedule.create(
            year=schedule.year, papers=shape["papers"], days=shape["days"], imported_at=now
        )
    row.papers, row.days = shape["papers"], shape["days"]
    row.imported_at = row.updated_at = now
    row.version += 1
    await row.save()
    return row
