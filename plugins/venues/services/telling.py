"""Telling bookers what others, and the clock, made of their bookings. 告知预约人。"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from linli.core.access.models import Account
from linli.core.deliveries.handlers import EventHandler
from linli.core.inbox.kinds import NoticeKind
from linli.core.inbox.notifying import About, notify
from linli.core.records.models import Event

from ..events import BOOKING, WAITLIST, WAITLIST_CHANGED, BookingPayload, WaitlistPayload
from ..models import Booking, Venue
from ..notices import APPROVED, CANCELLED, DISPLACED, OFFERED, REJECTED
from .local import wall
from .waitlist import WaitingState

if TYPE_CHECKING:
    from linli.core.districts import District

KINDS = {
    "venues.confirmed": APPROVED,
    "venues.rejected": REJECTED,
    "venues.displaced": DISPLACED,
    "venues.cancelled": CANCELLED,
}


async def tell_booker(district: District, event: Event, payload: BookingPayload | WaitlistPayload) -> None:
    """Tell the booker of a step that somebody else took, and of an offer; nothing of the booker's own steps."""
    if isinstance(payload, WaitlistPayload):
        await _offered(district, event, payload)
    elif not _given_at_once(payload) and not await _own(event, payload):
        await _told(district, event, payload, KINDS[event.type])


def _given_at_once(payload: BookingPayload) -> bool:
    """Whether it is the answer to whoever asked, which the booker has: no decision came in between."""
    return payload.from_state is None


async def _own(event: Event, payload: BookingPayload) -> bool:
    """Whether the booker did it, or whoever booked in the booker's name."""
    if event.actor_id is None:
        return False
    booking = await Booking.get(id=event.subject_id)
    if booking.requested_by == event.actor_id:
        return True
    return await Account.filter(id=event.actor_id, person_id=payload.person_id).exists()


async def _told(district: District, event: Event, payload: BookingPayload, kind: NoticeKind) -> None:
    venue = await Venue.get(id=payload.venue_id)
    time = span(payload.start, payload.end, district.zone)
    about = About(BOOKING, event.subject_id, venue.owner_id)
    await notify(payload.person_id, kind, about, {"venue": venue.name, "time": time})


async def _offered(district: District, event: Event, payload: WaitlistPayload) -> None:
    if payload.state != WaitingState.OFFERED or payload.offered_until is None:
        return
    venue = await Venue.get(id=payload.venue_id)
    until = f"{wall(payload.offered_until, district.zone):%Y-%m-%d %H:%M}"
    told = {"venue": venue.name, "time": span(payload.start, payload.end, district.zone), "until": until}
    await notify(payload.person_id, OFFERED, About(WAITLIST, event.subject_id, venue.owner_id), told)


def span(start: datetime, end: datetime, zone: tzinfo) -> str:
    """A time as people write it, by the district's clock; the day of its end where that is another."""
    first, last = wall(start, zone), wall(end, zone)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M}–{until}"


TELL_BOOKER = EventHandler(
    "venues.tell_booker",
    {**dict.fromkeys(KINDS, 1), WAITLIST_CHANGED.name: 1},
    tell_booker,
    "Tells bookers what others made of their bookings, and of offers. 告知预约人处理结果与候补。",
)
EVENT_HANDLERS = (TELL_BOOKER,)
