"""How much of a venue one tier, or one person, gets in a period. 预约配额。"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from .kinds import BookingState, Tier, WindowKind

COUNTING = frozenset(
    {
        BookingState.REQUESTED,
        BookingState.CONFIRMED,
        BookingState.PROVISIONAL,
        BookingState.IN_USE,
        BookingState.COMPLETED,
        BookingState.NO_SHOW,
    }
)
"""The states in which a booking uses up a quota: one that was given back, refused or displaced uses nothing."""


class QuotaScope(StrEnum):
    """Whose bookings are counted together. 配额对象。"""

    TIER = "TIER"  # 该人群合计
    PERSON = "PERSON"  # 每人


class QuotaPeriod(StrEnum):
    """During which time, by the local calendar. 配额周期。"""

    DAY = "DAY"  # 每日
    WEEK = "WEEK"  # 每周，自周一起
    MONTH = "MONTH"  # 每月


class QuotaUnit(StrEnum):
    """What is counted. 配额单位。"""

    BOOKINGS = "BOOKINGS"  # 次
    MINUTES = "MINUTES"  # 分钟


@dataclass(frozen=True)
class Quota:
    """At most so many bookings, or minutes, of a tier in each period; all bookings of the tier, or each person's.

    Bookings count by the tier and window of their first piece and in the period in which they begin.
    """

    tier: Tier
    scope: QuotaScope
    period: QuotaPeriod
    unit: QuotaUnit
    limit: int
    windows: frozenset[WindowKind] = frozenset(WindowKind)

    def counts(self, use: Use) -> bool:
        """Whether a booking falls under the quota."""
        mine = self.scope is QuotaScope.TIER or use.own
        return mine and use.tier is self.tier and use.window in self.windows

    def weight(self, use: Use) -> int:
        """How much of the quota a booking takes."""
        return 1 if self.unit is QuotaUnit.BOOKINGS else use.minutes


class Use(NamedTuple):
    """A booking as quotas see it; `day` is the local day of its start, `own`: of the person who asks."""

    day: date
    minutes: int
    tier: Tier
    window: WindowKind
    own: bool = True


class Exhausted(NamedTuple):
    """A quota that a booking would exceed.

    `used` of it are taken in the booking's period; from the day `frees` on a period has room for as much, None where
    the booking alone is more than the quota.
    """

    quota: Quota
    used: int
    frees: date | None


def exhausted(quotas: Iterable[Quota], uses: Collection[Use], asked: Use) -> Exhausted | None:
    """The first quota that the asked booking would exceed, None where it keeps to all.

    `uses` are the other bookings in a COUNTING state, from the beginning of the asked booking's month on.
    """
    for quota in quotas:
        if quota.counts(asked):
            used = _used(quota, uses, asked.day)
            if used + quota.weight(asked) > quota.limit:
                return Exhausted(quota, used, _frees(quota, uses, asked))
    return None


def period_of(period: QuotaPeriod, day: date) -> tuple[date, date]:
    """The first day of the period that holds a day, and the first day of the next."""
    if period is QuotaPeriod.DAY:
        return day, day + timedelta(days=1)
    if period is QuotaPeriod.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def _used(quota: Quota, uses: Iterable[Use], day: date) -> int:
    first, following = period_of(quota.period, day)
    return sum(quota.weight(use) for use in uses if first <= use.day < following and quota.counts(use))


def _frees(quota: Quota, uses: Collection[Use], asked: Use) -> date | None:
    weight = quota.weight(asked)
    if weight > quota.limit:
        return None
    return next(
        day for day in _periods_after(quota.period, asked.day) if _used(quota, uses, day) + weight <= quota.limit
    )


def _periods_after(period: QuotaPeriod, day: date) -> Iterator[date]:
    while True:
        day = period_of(period, day)[1]
        yield day
