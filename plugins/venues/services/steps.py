"""Taking a step with a booking, and what follows: no-shows, usage, and the room that becomes free. 预约流转。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli.core import clock

from ..models import Booking, NoShow, Usage
from ..rules import (
    OCCUPYING,
    Action,
    BookingState,
    Circumstances,
    Transition,
    due_transition,
    is_late_cancellation,
    step,
)
from . import waitlist
from .life import Note, due_columns, enter, facts_of, set_timer, times_of
from .opening import Opening

NO_SHOW_HALVES, LATE_CANCELLATION_HALVES = 2, 1


async def take(
    opening: Opening, booking: Booking, action: Action, note: Note, *, facts: Circumstances | None = None, **more: Any
) -> Transition:
    """Take the row of the booking table that the action takes now, with all that follows.

    `facts` are what the guards ask, those of the booking itself where nothing more is known; `more` are columns that
    change with it. Raises what `rules.step` raises.
    """
    before = BookingState(booking.state)
    row = step(action, before, facts or facts_of(opening, booking, note.at), opening.policy)
    await enter(opening, booking, row.target, row.event, note, **more)
    await _follow(opening, booking, row, note)
    return row


async def settle(opening: Opening, booking: Booking) -> bool:
    """Carry out the step that is due by now; whether there was one. One that is not due yet gets its timer anew."""
    due = due_transition(BookingState(booking.state), times_of(booking), opening.policy)
    if due is None:
        return False
    if due.at > clock.now():
        await _postpone(opening, booking)
        return False
    await take(opening, booking, due.transition.action, Note(due.at, cause="timer"))
    return True


async def settle_venue(opening: Opening) -> None:
    """Carry out everything that is due at a venue, in order, before anybody is told what is free."""
    due = Booking.filter(venue_id=opening.venue.id, due_at__lte=clock.now()).select_related("person")
    for booking in await due.order_by("due_at", "id"):
        booking.venue = opening.venue
        await settle(opening, booking)


async def charge_late_cancellation(opening: Opening, booking: Booking, before: BookingState, note: Note) -> None:
    """Count half a no-show where a booker cancelled a CONFIRMED booking after the free time."""
    if is_late_cancellation(before, times_of(booking), opening.policy, note.at):
        await _missed(opening, booking, LATE_CANCELLATION_HALVES, note)


async def strike_out(booking: Booking, reason: str | None, *, by: UUID | None = None) -> int:
    """Let the no-show of a booking count no more, as an account decided; how many were struck out."""
    standing = NoShow.filter(booking_id=booking.id, struck_at__isnull=True)
    return await standing.update(struck_at=clock.now(), struck_reason=reason, struck_by=by)


async def _follow(opening: Opening, booking: Booking, row: Transition, note: Note) -> None:
    if row.target is BookingState.NO_SHOW:
        await _missed(opening, booking, NO_SHOW_HALVES, note)
    if row.source is BookingState.NO_SHOW:
        await strike_out(booking, "checked in, recorded late", by=note.by)
    if row.target is BookingState.COMPLETED:
        await _used(opening, booking, note)
    if row.source in OCCUPYING and row.target not in OCCUPYING and note.closure_id is None:
        await waitlist.release(opening, booking.start, booking.end)


async def _missed(opening: Opening, booking: Booking, halves: int, note: Note) -> None:
    day = opening.wall(note.at).date()
    await NoShow.create(booking_id=booking.id, person_id=booking.person_id, day=day, halves=halves)


async def _used(opening: Opening, booking: Booking, note: Note) -> None:
    """Enter the booking into the log of use: from the check-in, or the start if later, to the end."""
    begun = max(booking.start, booking.checked_in_at or booking.start)
    minutes = max(0, int((min(note.at, booking.end) - begun).total_seconds()) // 60)
    await Usage.create(
        venue_id=booking.venue_id,
        day=opening.wall(booking.start).date(),
        window=booking.window,
        tier=booking.tier,
        heads=booking.party_size,
        minutes=minutes,
        booking_id=booking.id,
        recorded_at=clock.now(),
    )


async def _postpone(opening: Opening, booking: Booking) -> None:
    columns = due_columns(opening, BookingState(booking.state), times_of(booking))
    if columns["due_at"] != booking.due_at:
        await Booking.filter(id=booking.id).update(**columns)
        booking.update_from_dict(columns)
        await set_timer(booking)
