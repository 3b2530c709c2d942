"""What is done when something of this plugin falls due. 到期处理。"""

from __future__ import annotations

from uuid import UUID

from linli.core import clock
from linli.core.districts import District
from linli.core.jobs.models import Timer
from linli.core.jobs.timers import TimerKind

from ..models import Booking, WaitlistEntry
from ..timers import (
    AGREEMENT_RECHECK,
    BOOKING_DUE,
    CALENDAR_RECHECK,
    OFFER_LAPSES,
    OWNER_RECHECK,
    WAITING_ENDS,
)
from .opening import opening_of
from .recheck import rechecking
from .records import BOOKING_ENDS, hold_venue
from .steps import settle
from .waitlist import OPEN, WaitingState, change, lapse


async def booking_due(district: District, timer: Timer) -> None:
    """A booking changes by itself: a request lapses, nobody came, the time is over."""
    known = await Booking.get(id=timer.subject_id)
    await hold_venue(known.venue_id)
    booking = await Booking.filter(id=known.id).select_related(*BOOKING_ENDS).get()
    await settle(await opening_of(district, booking.venue), booking)


async def offer_lapses(district: District, timer: Timer) -> None:
    """An offer was not taken in time."""
    entry = await _entry(timer.subject_id)
    until = entry.offered_until
    if entry.state == WaitingState.OFFERED and until is not None and until <= clock.now():
        await lapse(await opening_of(district, entry.venue), entry)


async def waiting_ends(_district: District, timer: Timer) -> None:
    """The time that somebody waited for is over."""
    entry = await _entry(timer.subject_id)
    if entry.state in OPEN:
        await change(entry, WaitingState.EXPIRED, unit=None, offered_until=None)


TIMERS = (
    TimerKind(BOOKING_DUE, booking_due, "A booking changes by itself: lapses, is missed, is over."),
    TimerKind(OFFER_LAPSES, offer_lapses, "An offer from the waitlist was not taken in time."),
    TimerKind(WAITING_ENDS, waiting_ends, "The time that somebody waited for is over."),
    TimerKind(CALENDAR_RECHECK, rechecking("calendar"), "A booking is judged anew: the official calendar changed."),
    TimerKind(AGREEMENT_RECHECK, rechecking("agreement"), "A booking is judged anew: an agreement ended."),
    TimerKind(OWNER_RECHECK, rechecking("owner"), "A booking is judged anew: the owner of the venue ended."),
)
"""All kinds of timers of this plugin."""


async def _entry(entry_id: UUID) -> WaitlistEntry:
    known = await WaitlistEntry.get(id=entry_id)
    await hold_venue(known.venue_id)
    return await WaitlistEntry.filter(id=entry_id).select_related(*BOOKING_ENDS).get()
