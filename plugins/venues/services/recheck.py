"""Looking at bookings again after the calendar, an agreement or an organisation changed. 预约复核。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from linli.core import clock
from linli.core.calendar import day_bounds
from linli.core.districts import District
from linli.core.graph.core_kinds import CO_BUILDS
from linli.core.graph.models import OrgRelation
from linli.core.graph.queries import successions
from linli.core.jobs.models import Timer
from linli.core.jobs.timers import schedule

from ..models import Booking
from ..rules import Action, BookingState, Tier
from ..timers import AGREEMENT_RECHECK, CALENDAR_RECHECK, OWNER_RECHECK
from .alternatives import alternatives
from .giving import decided
from .life import Note
from .opening import Opening, opening_of
from .records import BOOKING_ENDS, hold_venue
from .steps import take

_GIVES_WAY = {
    BookingState.CONFIRMED: Action.DISPLACE,
    BookingState.PROVISIONAL: Action.DISPLACE,
    BookingState.REQUESTED: Action.REJECT,
}
"""What becomes of a booking that is no longer open to whoever booked."""
TO_COME = tuple(state.value for state in _GIVES_WAY)
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

    The venues of communities whose heir it is are its own. Needs a unit of work, like `reevaluate`; how many those are.
    """
    communities = [community_id, *sorted((await successions()).inherited(community_id))]
    found = Booking.filter(tier=Tier.PARTNER_STAFF.value, venue__community_id__in=communities)
    return await _look_again(found, AGREEMENT_RECHECK)


async def recheck_ended() -> int:
    """Have the bookings at venues whose owner or community has ended looked at again; how many those are."""
    ended = Q(venue__owner__valid_to__isnull=False) | Q(venue__community__valid_to__isnull=False)
    return await _look_again(Booking.filter(ended), OWNER_RECHECK)


async def recheck_ended_partners() -> int:
    """Have the bookings of partner staff looked at again wherever a unit with an agreement has ended; how many."""
    lasting = Q(valid_to=None) | Q(valid_to__gt=clock.now())
    return await _recheck_partners_of(OrgRelation.filter(lasting, kind=CO_BUILDS, source__valid_to__isnull=False))


async def recheck_staff(unit_id: UUID) -> int:
    """Have the bookings of the staff of a unit that ended looked at again, wherever it had agreements."""
    return await _recheck_partners_of(OrgRelation.filter(kind=CO_BUILDS, source_id=unit_id))


def rechecking(cause: str) -> Callable[[District, Timer], Awaitable[None]]:
    """What a timer does that has one booking looked at again because of `cause`."""

    async def recheck(district: District, timer: Timer) -> None:
        known = await Booking.get(id=timer.subject_id)
        await hold_venue(known.venue_id)
        booking = await Booking.filter(id=known.id).select_related(*BOOKING_ENDS).get()
        if booking.state in TO_COME and booking.start > clock.now():
            await _judge(await opening_of(district, booking.venue), booking, cause)

    return recheck


async def _recheck_partners_of(agreements: QuerySet[OrgRelation]) -> int:
    communities = {one.target_id for one in await agreements}
    return sum([await recheck_partners(community) for community in sorted(communities)])


async def _look_again(found: QuerySet[Booking], kind: str) -> int:
    now = clock.now()
    bookings = await found.filter(state__in=TO_COME, start__gt=now).order_by("start", "id")
    for booking in bookings:
        await schedule(kind, booking.id, now)
    return len(bookings)


async def _judge(opening: Opening, booking: Booking, cause: str) -> None:
    answer = await opening.verdict(booking.person, booking.start, booking.end, booking.start)
    note = Note(clock.now(), cause=cause)
    if not answer.eligible:
        booking.alternatives = await alternatives(opening, booking)
        action = _GIVES_WAY[BookingState(booking.state)]
        await take(opening, booking, action, note, alternatives=booking.alternatives)
    elif booking.state == BookingState.PROVISIONAL and not answer.provisional:
        await take(opening, booking, Action.CONFIRM, note, **decided(opening, answer))
