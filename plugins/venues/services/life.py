"""The state of a booking: reading it, changing it, and noting when it changes by itself. 预约状态。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.core.jobs.timers import schedule
from linli.core.records import events

from ..events import BOOKING, BOOKING_EVENTS, BookingPayload
from ..models import Booking
from ..rules import TERMINAL, BookingState, BookingTimes, Circumstances, due_transition
from ..timers import BOOKING_DUE
from .opening import Opening
from .records import write


@dataclass(frozen=True)
class Note:
    """What is told of a step beside the step itself: when it happened, whether it was recorded late, why, by whom."""

    at: datetime
    late: bool = False
    reason: str | None = None
    cause: str | None = None
    closure_id: UUID | None = None
    by: UUID | None = None


def shown_state(booking: Booking, at: datetime) -> BookingState:
    """The state at an instant: a step that is due and not yet carried out counts as taken."""
    due = booking.due_at is not None and booking.due_at <= at
    return BookingState(booking.due_state if due and booking.due_state else booking.state)


def times_of(booking: Booking) -> BookingTimes:
    """When a booking begins and ends, was asked for and confirmed."""
    return BookingTimes(booking.start, booking.end, booking.requested_at, booking.confirmed_at)


def facts_of(opening: Opening, booking: Booking, at: datetime, **known: bool) -> Circumstances:
    """What the guards ask about a booking; `known` are those facts that do not stand in the booking."""
    return Circumstances(
        at=at,
        times=times_of(booking),
        needs_approval=opening.venue.requires_approval,
        days_known=opening.days_known(booking.start, booking.end),
        **known,
    )


def due_columns(opening: Opening, state: BookingState, times: BookingTimes) -> dict[str, Any]:
    """When the booking changes by itself, and to which state."""
    due = due_transition(state, times, opening.policy)
    return {"due_at": due.at if due else None, "due_state": due.transition.target.value if due else None}


async def enter(opening: Opening, booking: Booking, target: BookingState, event: str, note: Note, **more: Any) -> None:
    """Write a booking's new state, set its timer, and tell the event; `more` are other columns that change."""
    before = booking.state
    changes = {"state": target.value, **_moments(booking, target, note), **more}
    if note.reason is not None:
        changes["reason"] = note.reason
    confirmed_at = changes.get("confirmed_at", booking.confirmed_at)
    times = BookingTimes(booking.start, booking.end, booking.requested_at, confirmed_at)
    await write(booking, **changes, **due_columns(opening, target, times))
    await set_timer(booking)
    await tell(booking, event, before, note)


async def set_timer(booking: Booking) -> None:
    """Have the booking looked at when its next step is due."""
    if booking.due_at is not None:
        await schedule(BOOKING_DUE, booking.id, booking.due_at)


async def tell(booking: Booking, event: str, before: str | None, note: Note) -> None:
    """Append the event of a step; the booking's venue is loaded."""
    payload = BookingPayload(
        venue_id=booking.venue_id,
        unit=booking.unit,
        person_id=booking.person_id,
        start=booking.start,
        end=booking.end,
        party_size=booking.party_size,
        from_state=before,
        to_state=booking.state,
        window=booking.window,
        tier=booking.tier,
        fee=booking.fee,
        policy_version=booking.policy_version,
        calendar_version=booking.calendar_version,
        occurred_at=note.at,
        late=note.late,
        reason=note.reason,
        cause=note.cause,
        closure_id=note.closure_id,
        series_id=booking.series_id,
        alternatives=booking.alternatives,
    )
    await events.append(BOOKING_EVENTS[event], BOOKING, booking.id, payload, org_id=booking.venue.owner_id)


def _moments(booking: Booking, target: BookingState, note: Note) -> dict[str, Any]:
    if target in (BookingState.CONFIRMED, BookingState.PROVISIONAL):
        return {"confirmed_at": booking.confirmed_at or note.at}
    if target is BookingState.IN_USE:
        return {"checked_in_at": note.at}
    if target in TERMINAL or target is BookingState.NO_SHOW:
        return {"ended_at": note.at}
    return {}
