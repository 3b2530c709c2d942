"""The moments of a booking at which something opens, closes or happens by itself. 预约时限。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from .kinds import BookingState
from .policy import OpeningPolicy
from .states import Timer, Transition, transitions_from


@dataclass(frozen=True)
class BookingTimes:
    """When a booking begins and ends, was asked for and was confirmed; all instants or all local times."""

    start: datetime
    end: datetime
    requested_at: datetime
    confirmed_at: datetime | None = None


class CheckInWindow(NamedTuple):
    """From when and until before when a booker may check in."""

    opens: datetime
    closes: datetime


class DueTransition(NamedTuple):
    """A step that takes place by itself at an instant."""

    at: datetime
    transition: Transition


def check_in_window(times: BookingTimes, policy: OpeningPolicy) -> CheckInWindow:
    """When one may check in: by default from 15 minutes before to 15 minutes after the start.

    Half-open, since a booking that nobody came for is a no-show at the closing instant itself. Who got a released
    slot after its start has the time from the confirmation; nobody checks in after the end.
    """
    opens = times.start - timedelta(minutes=policy.check_in_before_minutes)
    ready = max(times.start, times.confirmed_at or times.start)
    return CheckInWindow(opens, min(ready + timedelta(minutes=policy.check_in_after_minutes), times.end))


def due_transition(state: BookingState, times: BookingTimes, policy: OpeningPolicy) -> DueTransition | None:
    """The next step that a booking will take by itself, and when; None where it waits for somebody for ever."""
    due = [
        DueTransition(_rings(row.timer, times, policy), row) for row in transitions_from(state) if row.timer is not None
    ]
    return min(due, key=lambda one: one.at, default=None)


def state_at(state: BookingState, times: BookingTimes, policy: OpeningPolicy, at: datetime) -> BookingState:
    """The state to show at an instant: a step that is due and not yet carried out counts as taken."""
    due = due_transition(state, times, policy)
    return due.transition.target if due and due.at <= at else state


def is_late_cancellation(
    state: BookingState, times: BookingTimes, policy: OpeningPolicy, cancelled_at: datetime
) -> bool:
    """Whether the booker's cancelling counts as half a no-show: a CONFIRMED booking, after the free time.

    By default it is free until two hours before the start, that moment included.
    """
    free_until = times.start - timedelta(minutes=policy.free_cancellation_minutes)
    return state is BookingState.CONFIRMED and cancelled_at > free_until


def _rings(timer: Timer, times: BookingTimes, policy: OpeningPolicy) -> datetime:
    if timer is Timer.BOOKING_ENDS:
        return times.end
    if timer is Timer.CHECK_IN_CLOSES:
        return check_in_window(times, policy).closes
    # An answer after the start would come too late for anybody.
    return min(times.requested_at + timedelta(hours=policy.request_lapse_hours), times.start)
