"""Half-open stretches of one day, and of several days cut at their midnights. 时间段。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .local_time import MINUTES_PER_DAY, MINUTES_PER_HOUR, format_local_time, parse_local_time


@dataclass(frozen=True, order=True)
class MinuteRange:
    """Minutes of one day, `start` included, `end` excluded; never empty, at most 0 to 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_PER_DAY:
            raise ValueError(f"expected 0 <= start < end <= {MINUTES_PER_DAY}, found {self.start} and {self.end}")

    @classmethod
    def of(cls, start: str, end: str) -> MinuteRange:
        """The range between two times spelled `HH:MM`."""
        return cls(parse_local_time(start), parse_local_time(end))

    def __str__(self) -> str:
        return f"{format_local_time(self.start)}-{format_local_time(self.end)}"

    def __contains__(self, minute: int) -> bool:
        return self.start <= minute < self.end

    def covers(self, other: MinuteRange) -> bool:
        """Whether all of the other range lies in this one."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: MinuteRange) -> bool:
        """Whether the two share a minute; ranges that only touch do not."""
        return self.start < other.end and other.start < self.end


WHOLE_DAY = MinuteRange(0, MINUTES_PER_DAY)


def merged(ranges: Iterable[MinuteRange]) -> tuple[MinuteRange, ...]:
    """The same minutes in order, as few ranges as possible."""
    joined: list[MinuteRange] = []
    for one in sorted(ranges):
        if joined and one.start <= joined[-1].end:
            joined[-1] = MinuteRange(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return tuple(joined)


def at_minute(day: date, minute: int) -> datetime:
    """The local time at a minute of a day; 1440 is the next day's midnight."""
    return midnight(day) + timedelta(minutes=minute)


def midnight(day: date) -> datetime:
    """The local time at which a day begins."""
    return datetime.combine(day, time.min)


def minute_of(moment: datetime) -> int:
    """The minute of its day in which a local time lies."""
    return moment.hour * MINUTES_PER_HOUR + moment.minute


def day_parts(start: datetime, end: datetime) -> Iterator[tuple[date, MinuteRange]]:
    """Each day that [start, end) touches with the minutes of it that are touched, in order.

    Local times without a zone; ValueError for a zone (an instant would be read as local) and for an empty stretch.
    """
    if start.tzinfo or end.tzinfo or not start < end:
        raise ValueError(f"expected two local times without a zone, the first before the second: {start}, {end}")
    day = start.date()
    while midnight(day) < end:
        first = minute_of(max(start, midnight(day)))
        past = -((midnight(day) - end) // timedelta(minutes=1))
        yield day, MinuteRange(first, min(past, MINUTES_PER_DAY))
        day += timedelta(days=1)
