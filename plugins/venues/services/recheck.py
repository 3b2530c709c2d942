"""Looking at bookings again after the calendar or an agreement changed. 预约复核。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from tortoise.queryset import QuerySet

from linli.core import clock
from linli.core.calendar import day_bounds
from linli.core.districts import District
from linli.core.jobs.models import Timer
from linli.core.jobs.timers import schedule

from ..models import Booking
from ..rules import Action, BookingState, Tier
from ..timers import AGREEMENT_RECHECK, CALENDAR_RECHECK
from .alternatives import alternatives
from .giving import decided
from .life import Note
from .opening import Opening, opening_of
from .records import BOOKING_ENDS, hold_venue
from .steps import take

GIVEN = (BookingState.CONFIRMED.value, BookingState.PROVISIONAL.value)
_DECEMBER = 12


async def reevaluate(district: District, year: int) -> int:
    """Have the bookings to come of a year looked at again, after its official schedule changed; how many those are.

    Needs a unit of work; each booking is judged in one of its own, at once. A provisional one is confirmed when the
    schedule covers its days. One whose days turned out to be closed to the booker is displaced, a confirmed one too.
    The notice for a year may name days of the December before.
    """
    start = day_bounds(date(year - 1, _DECEMBER, 1), district.zone)[0]
    end = day_bounds(date(year, _DECEMBER, 31), district.zone)[1]
    return await _look_again(Booking.filter(start__gte=start, start__lt=end), CALENDAR_RECHECK)


async def recheck_partners(community_id: UUID) -> int:
    """Have the bookings of partner staff at a community's venues looked at again, after an agreement ended.

    Needs a unit of work, like `reevaluate`; how many those are.
    """
    found = Booking.filter(tier=Tier.PARTNER_STAFF.value, venue__community_id=community_id)
    return await _look_again(found, AGREEMENT_RECHECK)


def rechecking(cause: str) -> Callable[[District, Timer], Awaitable[None]]:
    """What a timer does that has one booking looked at again because of `cause`."""

    async def recheck(district: District, timer: Timer) -> None:
        known = await Booking.get(id=timer.subject_id)
        await hold_venue(known.venue_id)
        booking = await Booking.filter(id=known.id).select_related(*BOOKING_ENDS).get()
        if booking.state in GIVEN and booking.start > clock.now():
            await _judge(await opening_of(district, booking.venue), booking, cause)

    return recheck


async def _look_again(found: QuerySet[Booking], kind: str) -> int:
    now = clock.now()
    bookings = await found.filter(state__in=GIVEN, start__gt=now).order_by("start", "id")
    for booking in bookings:
        await schedule(kind, booking.id, now)
    return len(bookings)


async def _judge(opening: Opening, booking: Booking, cause: str) -> None:
    answer = await opening.verdict(booking.person, booking.start, booking.end, booking.start)
    note = Note(clock.now(), cause=cause)
    if not answer.eligible:
        booking.alternatives = await alternatives(opening, booking)
        await take(opening, booking, Action.DISPLACE, note, alternatives=booking.alternatives)
    elif booking.state == BookingState.PROVISIONAL and not answer.provisional:
        await take(opening, booking, Action.CONFIRM, note, **decided(opening, answer))
