"""Taking a step of the booking table: which row applies now, or why none does. 状态流转判定。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linli.core.errors import InvalidTransitionError, RejectedError, Text, text

from .kinds import BookingState
from .moments import BookingTimes, check_in_window
from .policy import OpeningPolicy
from .states import Action, Guard, Transition, transitions_from


@dataclass(frozen=True)
class Circumstances:
    """What the guards ask about a booking; `at` is when the step happened, not when it was recorded."""

    at: datetime
    times: BookingTimes
    needs_approval: bool = False
    own_request: bool = False
    days_known: bool = True
    eligible: bool = True
    recorded_late: bool = False
    vouched: bool = False
    handed_on: bool = False


# ROOM_LEFT and HANDED_ON are missing, as DAYS_UNKNOWN is: where one of them fails, its opposite holds.
_REFUSALS = {
    Guard.AUTOMATIC: (
        "INVALID_TRANSITION",
        text("The owner of the venue decides on this booking", domain="venues"),
    ),
    Guard.NOT_OWN_REQUEST: (
        "SELF_VERIFICATION",
        text("One's own request is for somebody else to decide", domain="venues"),
    ),
    Guard.NOT_STARTED: ("IN_THE_PAST", text("The booked time has already begun", domain="venues")),
    Guard.CANCELLABLE: (
        "CANCELLATION_TIME_PAST",
        text("The booked time has begun: it can no longer be cancelled", domain="venues"),
    ),
    Guard.DAYS_KNOWN: (
        "INVALID_TRANSITION",
        text("The official schedule of that year is not published yet", domain="venues"),
    ),
    Guard.CHECK_IN_OPEN: (
        "INVALID_TRANSITION",
        text("Check-in is from {before} minutes before the start to {after} minutes after it", domain="venues"),
    ),
    Guard.STILL_ELIGIBLE: (
        "NOT_ELIGIBLE",
        text("The venue is no longer open to this person at that time", domain="venues"),
    ),
    Guard.RECORDED_LATE: (
        "INVALID_TRANSITION",
        text("Nobody checked in to this booking in time", domain="venues"),
    ),
    Guard.VOUCHED: (
        "SELF_VERIFICATION",
        text("That somebody came to a missed booking is for the owner of the venue to say", domain="venues"),
    ),
}


def holds(guard: Guard, facts: Circumstances, policy: OpeningPolicy) -> bool:
    """Whether one condition is met."""
    window = check_in_window(facts.times, policy)
    verdicts = {
        Guard.AUTOMATIC: not facts.needs_approval,
        Guard.NOT_OWN_REQUEST: not facts.own_request,
        Guard.NOT_STARTED: facts.at < facts.times.start,
        Guard.CANCELLABLE: facts.at < facts.times.start,
        Guard.DAYS_KNOWN: facts.days_known,
        Guard.DAYS_UNKNOWN: not facts.days_known,
        Guard.CHECK_IN_OPEN: window.opens <= facts.at < window.closes,
        Guard.STILL_ELIGIBLE: facts.eligible,
        Guard.RECORDED_LATE: facts.recorded_late,
        Guard.VOUCHED: facts.vouched,
        Guard.ROOM_LEFT: not facts.handed_on,
        Guard.HANDED_ON: facts.handed_on,
    }
    return verdicts[guard]


def step(action: Action, state: BookingState, facts: Circumstances, policy: OpeningPolicy) -> Transition:
    """The row of the table that the action takes now.

    Raises InvalidTransitionError where the state does not know the action or a condition is not met; RejectedError
    with SELF_VERIFICATION, IN_THE_PAST, CANCELLATION_TIME_PAST or NOT_ELIGIBLE where that says more.
    """
    rows = [row for row in transitions_from(state) if row.action is action]
    taken = next((row for row in rows if not _unmet(row, facts, policy)), None)
    if taken:
        return taken
    if not rows:
        message = text(
            "A booking in state {state} does not allow {action}", state=state, action=action, domain="venues"
        )
        raise InvalidTransitionError(message, plugin="venues")
    raise _refusal(_unmet(rows[0], facts, policy)[0], policy)


def _unmet(row: Transition, facts: Circumstances, policy: OpeningPolicy) -> list[Guard]:
    return [guard for guard in row.guards if not holds(guard, facts, policy)]


def _refusal(guard: Guard, policy: OpeningPolicy) -> RejectedError:
    code, message = _REFUSALS[guard]
    minutes = {"before": policy.check_in_before_minutes, "after": policy.check_in_after_minutes}
    filled = Text(message.template, minutes, message.domain)
    refused = InvalidTransitionError if code == InvalidTransitionError.code else RejectedError
    return refused(filled, code=code, plugin="venues")
