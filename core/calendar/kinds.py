"""The kinds of days that rules ask about."""

from __future__ import annotations

from enum import StrEnum


class DayKind(StrEnum):
    """What kind of day the official calendar makes of a date; first match wins, in this order of asking:
    UNKNOWN, STATUTORY_HOLIDAY, MAKEUP_WORKDAY, HOLIDAY_ADJUSTED, WEEKEND, WORKDAY.
    """

    WORKDAY = "WORKDAY"  # 工作日
    MAKEUP_WORKDAY = "MAKEUP_WORKDAY"  # 调休上班
    WEEKEND = "WEEKEND"  # 周末
    STATUTORY_HOLIDAY = "STATUTORY_HOLIDAY"  # 法定节日
    HOLIDAY_ADJUSTED = "HOLIDAY_ADJUSTED"  # 调休放假
    UNKNOWN = "UNKNOWN"  # 当年放假安排尚未公布

    @property
    def working(self) -> bool:
        """Whether offices work on such a day."""
        return self in (DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY)
