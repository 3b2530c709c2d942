"""How the opening hours of one day fall into windows. 每日开放时段划分。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from operator import attrgetter

from linli.core.calendar import DayKind

from .kinds import Tier, Weekday, WindowKind
from .policy import OpeningPolicy
from .ranges import MinuteRange
from .tiers import tiers_allowed, tiers_left
from .work_hours import WorkHours


@dataclass(frozen=True)
class Window:
    """A stretch of one day's opening hours in which the same people may come.

    `blackout`: the owner's terms close it to everybody, or to all but the owner's staff.
    """

    hours: MinuteRange
    kind: WindowKind
    tiers: tuple[Tier, ...]
    day_kind: DayKind
    blackout: bool = False

    @property
    def provisional(self) -> bool:
        """Whether the official schedule may still turn this window into another."""
        return self.day_kind is DayKind.UNKNOWN


def assumed_kind(day: date, kind: DayKind) -> DayKind:
    """The kind a day is treated as: a day of an unpublished year goes by its weekday."""
    if kind is not DayKind.UNKNOWN:
        return kind
    return DayKind.WEEKEND if Weekday.of(day).weekend else DayKind.WORKDAY


def windows_of_day(
    day: date, kind: DayKind, opening: MinuteRange, work_hours: WorkHours, policy: OpeningPolicy
) -> tuple[Window, ...]:
    """The windows of a day, in order: together exactly the opening hours, neighbours never alike.

    Working days: the owner's working hours are WORK, the rest AFTER_HOURS. All other days are OFF. A day of UNKNOWN
    kind is treated by its weekday, and its windows are provisional.
    """
    assumed = assumed_kind(day, kind)
    work = work_hours.ranges_on(day) if assumed.working else ()
    blackouts = [blackout for blackout in policy.blackouts if blackout.applies(day)]

    def window(start: int, end: int) -> Window:
        where = WindowKind.WORK if any(start in hours for hours in work) else _outside_work(assumed, policy)
        closing = [one for one in blackouts if start in one.hours and where in one.windows]
        tiers = tiers_left(tiers_allowed(where, policy, school_day=assumed.working), closing)
        return Window(MinuteRange(start, end), where, tiers, kind, bool(closing))

    edges = _edges(opening, (*work, *(blackout.hours for blackout in blackouts)))
    return _joined(window(start, end) for start, end in pairwise(edges))


def _outside_work(assumed: DayKind, policy: OpeningPolicy) -> WindowKind:
    weekend = assumed is DayKind.WEEKEND and not policy.weekend_is_holiday
    return WindowKind.AFTER_HOURS if assumed.working or weekend else WindowKind.OFF


def _edges(opening: MinuteRange, ranges: Iterable[MinuteRange]) -> list[int]:
    inner = {edge for one in ranges for edge in (one.start, one.end) if edge in opening}
    return sorted({opening.start, opening.end} | inner)


def _joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Neighbours of one meaning as one window."""
    runs = (list(run) for _, run in groupby(windows, key=attrgetter("kind", "tiers", "blackout")))
    return tuple(replace(run[0], hours=MinuteRange(run[0].hours.start, run[-1].hours.end)) for run in runs)
