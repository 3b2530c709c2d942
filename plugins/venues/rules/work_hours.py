"""When the owner of a venue works, by weekday and effective date. 单位作息时间。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from linli.core.errors import FieldProblem, ValidationError, text

from .kinds import Weekday
from .ranges import MinuteRange, merged

MIDDAY = MinuteRange.of("11:00", "14:00")
"""A pause that touches these hours is the lunch break; an evening shift's pause is not."""


class WorkRange(NamedTuple):
    """Hours worked on one weekday."""

    weekday: Weekday
    hours: MinuteRange


class GivenRange(NamedTuple):
    """Hours as somebody stated them, not yet checked: minutes of the day."""

    weekday: Weekday
    start: int
    end: int


@dataclass(frozen=True)
class WorkHours:
    """One unit's working hours from `valid_from` on, until a later set takes over."""

    valid_from: date
    ranges: tuple[WorkRange, ...]
    lunch_counts_as_work: bool = True

    def ranges_on(self, day: date) -> tuple[MinuteRange, ...]:
        """The working hours of a working day, merged, the lunch break within them if it counts.

        Ranges given for Saturday or Sunday apply to make-up workdays, the only weekend days that are worked. A unit
        that gives none works its usual hours then: no official schedule says which weekday a make-up day replaces.
        """
        weekday = Weekday.of(day)
        worked = self._given(weekday) or (self._usual() if weekday.weekend else ())
        return merged((*worked, *(_lunch_breaks(worked) if self.lunch_counts_as_work else ())))

    def _given(self, weekday: Weekday) -> tuple[MinuteRange, ...]:
        return merged(one.hours for one in self.ranges if one.weekday is weekday)

    def _usual(self) -> tuple[MinuteRange, ...]:
        """What most days from Monday to Friday have; among equals the earlier in the week."""
        days = [self._given(weekday) for weekday in Weekday if not weekday.weekend]
        worked = Counter(day for day in days if day)
        return max(worked, key=worked.__getitem__, default=())


def _lunch_breaks(worked: Sequence[MinuteRange]) -> list[MinuteRange]:
    pauses = [MinuteRange(before.end, after.start) for before, after in pairwise(worked)]
    return [pause for pause in pauses if pause.overlaps(MIDDAY)]


DEFAULT_WORK_HOURS = WorkHours(
    valid_from=date.min,
    ranges=tuple(
        WorkRange(weekday, hours)
        for weekday in Weekday
        if not weekday.weekend
        for hours in (MinuteRange.of("08:30", "12:00"), MinuteRange.of("13:30", "18:00"))
    ),
)
"""Eight hours, for units that state none of their own."""


def work_hours_on(day: date, sets: Iterable[WorkHours]) -> WorkHours:
    """The set in force on a day (summer and winter hours follow each other); the default before the first."""
    begun = [one for one in sets if one.valid_from <= day]
    return max(begun, key=lambda one: one.valid_from, default=DEFAULT_WORK_HOURS)


def checked_ranges(given: Sequence[GivenRange]) -> tuple[WorkRange, ...]:
    """The stated hours as ranges; ranges that touch are fine.

    Raises ValidationError with every problem: END_NOT_AFTER_START at `ranges.<n>.end`, RANGES_OVERLAP at `ranges.<n>`
    for the later named of two that share a minute.
    """
    problems: list[FieldProblem] = []
    accepted: list[WorkRange] = []
    for index, one in enumerate(given):
        problem = _problem(f"ranges.{index}", one, accepted)
        if problem:
            problems.append(problem)
        else:
            accepted.append(WorkRange(one.weekday, MinuteRange(one.start, one.end)))
    if problems:
        raise ValidationError(*problems, plugin="venues")
    return tuple(accepted)


def _problem(path: str, one: GivenRange, accepted: Iterable[WorkRange]) -> FieldProblem | None:
    if one.end <= one.start:
        message = text("Working hours must end after they start", domain="venues")
        return FieldProblem(f"{path}.end", "END_NOT_AFTER_START", message)
    hours = MinuteRange(one.start, one.end)
    clash = next((a.hours for a in accepted if a.weekday is one.weekday and a.hours.overlaps(hours)), None)
    if clash:
        message = text("{hours} overlaps {other} of the same day", domain="venues", hours=hours, other=clash)
        return FieldProblem(path, "RANGES_OVERLAP", message)
    return None
