"""The windows of one venue on any day, and the grid on which bookings begin and end. 场所时间表。"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from linli.core.calendar import DayKind

from .policy import OpeningPolicy
from .ranges import MinuteRange, at_minute, day_parts, midnight
from .windows import Window, windows_of_day
from .work_hours import WorkHours, work_hours_on


@dataclass(frozen=True)
class Timetable:
    """All that decides who may use a venue when, except the person.

    The grid starts at the opening of each day, in steps of `granularity` minutes. From `until` on the venue is open to
    nobody any more; None: no such end is known. Moments are local times without
    a zone: the callers turn instants into the district's time, once, at the edge. Made anew for each question, since
    it remembers the days it was asked about.
    """

    opening: MinuteRange
    day_kind: Callable[[date], DayKind]
    work_hours: tuple[WorkHours, ...] = ()
    policy: OpeningPolicy = field(default_factory=OpeningPolicy)
    granularity: int = 30
    until: datetime | None = None
    _known: dict[date, tuple[Window, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The windows of a day."""
        if day not in self._known:
            hours = work_hours_on(day, self.work_hours)
            opening = self._opening_on(day)
            kind = self.day_kind(day)
            self._known[day] = windows_of_day(day, kind, opening, hours, self.policy) if opening else ()
        return self._known[day]

    def cut(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Window]]:
        """The parts of [start, end) that lie in one window each, in order; what lies outside opening is missing."""
        for day, touched in day_parts(start, end):
            for window in self.windows_on(day):
                if window.hours.overlaps(touched):
                    begin, stop = at_minute(day, window.hours.start), at_minute(day, window.hours.end)
                    yield max(start, begin), min(end, stop), window

    def is_open(self, start: datetime, end: datetime) -> bool:
        """Whether all of [start, end) lies within opening hours."""
        lasting = self.until is None or end <= self.until
        return lasting and all(self.opening.covers(touched) for _, touched in day_parts(start, end))

    def on_grid(self, moment: datetime, *, as_end: bool = False) -> bool:
        """Whether a booking may begin here, or end: a midnight is then the end of the day before."""
        day = (moment - timedelta.resolution).date() if as_end else moment.date()
        return (moment - at_minute(day, self.opening.start)) % self._step == timedelta()

    def next_on_grid(self, moment: datetime) -> datetime:
        """The first grid point of that day at or after a moment; it may lie beyond the day's closing."""
        opened = at_minute(moment.date(), self.opening.start)
        return moment + (opened - moment) % self._step

    def keeps_to_one_day(self, start: datetime, end: datetime) -> bool:
        """Whether a booking lies within one calendar day, or may go on into the next (24 hours at most)."""
        if self.policy.overnight:
            return end - start <= timedelta(days=1)
        return end <= midnight(start.date()) + timedelta(days=1)

    def _opening_on(self, day: date) -> MinuteRange | None:
        if self.until is None or at_minute(day, self.opening.end) <= self.until:
            return self.opening
        last = (self.until - midnight(day)) // timedelta(minutes=1)
        return MinuteRange(self.opening.start, last) if last > self.opening.start else None

    @property
    def _step(self) -> timedelta:
        return timedelta(minutes=self.granularity)
