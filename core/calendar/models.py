"""The table of official schedules that a district imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields

from ..records.classes import public
from ..records.fields import Instant, Json
from ..records.record import MutableRecord
from ..records.visible import Visible


class CalendarSchedule(MutableRecord):
    """The official schedule of a year as imported: which days are off and on, and the papers that say so. 放假安排。"""

    year: int = public(fields.IntField(unique=True))
    papers: list[str] = public(Json())
    days: list[dict[str, Any]] = public(Json())
    imported_at: datetime = public(Instant())

    visible = Visible(public={})

    class Meta:
        table = "core_calendar_schedule"
