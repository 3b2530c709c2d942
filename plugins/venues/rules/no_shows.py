"""When missed bookings bar somebody from booking. 爽约限制。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .policy import OpeningPolicy

_NO_SHOW, _LATE_CANCELLATION = 2, 1  # in halves, so that no fraction is ever compared


def barred_until(
    no_shows: Iterable[date], late_cancellations: Iterable[date], today: date, policy: OpeningPolicy
) -> date | None:
    """The last day on which a person may not book, None for somebody who may.

    A late cancellation is half a no-show. Each day on which the last 90 days hold three or more bars the 30 days
    that follow; the day it happened bars too. Days are local, counted as in articles 201 to 203 of the Civil Code: the
    first does not count, the last ends at midnight. What was displaced, or struck out on appeal, is not passed in.
    """
    halves = [*((day, _NO_SHOW) for day in no_shows), *((day, _LATE_CANCELLATION) for day in late_cancellations)]
    past = [(day, weight) for day, weight in halves if day <= today]
    ends = [
        day + timedelta(days=policy.bar_days) for day, _ in past if _weight_up_to(day, past, policy) >= _limit(policy)
    ]
    last = max(ends, default=None)
    return last if last is not None and today <= last else None


def _limit(policy: OpeningPolicy) -> int:
    return policy.no_shows_for_bar * _NO_SHOW


def _weight_up_to(day: date, past: Iterable[tuple[date, int]], policy: OpeningPolicy) -> int:
    period = timedelta(days=policy.no_show_period_days)
    return sum(weight for other, weight in past if timedelta() <= day - other <= period)
