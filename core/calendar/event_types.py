"""What happens to the calendar."""

from __future__ import annotations

from pydantic import BaseModel

from ..records.event_types import EventType, Public

SCHEDULE = "CalendarSchedule"


class CalendarChanged(BaseModel):
    """Which year's schedule was imported, and by which papers it is published."""

    year: Public[int]
    papers: Public[tuple[str, ...]]


CALENDAR_CHANGED = EventType(
    "core.calendar_changed", 1, CalendarChanged, "An official schedule was imported. 导入放假安排。"
)

EVENT_TYPES = (CALENDAR_CHANGED,)
