"""Joining a waitlist, taking what is offered, leaving. 候补办理。"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from linli.core import clock
from linli.core.access import on_behalf
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import ForbiddenError, InvalidTransitionError, OverlappingError, RejectedError, text
from linli.core.jobs.timers import schedule

from ..events import WAITLIST
from ..models import Booking, Venue, WaitlistEntry
from ..permissions import BOOK_FOR
from ..timers import WAITING_ENDS
from .access import OWN, Behalf, acting_for, stands_for, tell_step
from .asking import judge
from .giving import Asked
from .opening import opening_of
from .records import hold_venue, venue_to_book, visible
from .room import unit_for
from .steps import settle_venue
from .waitlist import OPEN, WaitingState, accept, change, release, tell

_ENDS = ("person", "venue__owner", "venue__community")


async def join_waitlist(
    district: District,
    viewer: Viewer,
    *,
    venue_id: UUID,
    start: datetime,
    end: datetime,
    party_size: int = 1,
    person_id: UUID | None = None,
    behalf: Behalf = OWN,
) -> WaitlistEntry:
    """Wait for a time that is taken.

    Raises what booking raises but for the room, OVERLAPPING for somebody who waits for that time already, and
    TIME_IS_FREE where there is room: whoever wants that books it.
    """
    venue = await venue_to_book(district, viewer, venue_id)
    acting = await acting_for(district, viewer, venue, person_id, behalf)
    person = acting.person
    now, opening = clock.now(), await opening_of(district, venue)
    await settle_venue(opening)
    answer = await judge(opening, Asked(person, start, end, party_size, viewer.account_id, now))
    assert answer.tier is not None
    assert answer.window is not None
    await _check_not_waiting(venue.id, person.id, start, end)
    await _check_taken(venue, start, end, party_size, now)
    entry = await WaitlistEntry.create(
        venue_id=venue.id,
        person_id=person.id,
        requested_by=viewer.account_id,
        channel=acting.channel.value,
        start=start,
        end=end,
        party_size=party_size,
        tier=answer.tier.value,
        window=answer.window.kind.value,
        joined_at=now,
        state=WaitingState.WAITING.value,
    )
    entry.venue, entry.person = venue, person
    await schedule(WAITING_ENDS, entry.id, end)
    await tell(entry)
    await on_behalf.tell(acting, "joinWaitlist", WAITLIST, entry.id)
    return entry


async def take_offer(district: District, viewer: Viewer, *, entry_id: UUID) -> Booking:
    """Accept what was offered; raises NotFoundError, ForbiddenError, INVALID_TRANSITION when it holds no more."""
    entry = await _to_change(district, viewer, entry_id, "acceptWaitlistOffer")
    return await accept(await opening_of(district, entry.venue), entry)


async def leave_waitlist(district: District, viewer: Viewer, *, entry_id: UUID) -> WaitlistEntry:
    """Wait no longer; an offer goes to the next in line."""
    entry = await _to_change(district, viewer, entry_id, "leaveWaitlist")
    if entry.state not in OPEN:
        raise InvalidTransitionError(text("This waitlist entry is over", domain="venues"), plugin="venues")
    offered = entry.state == WaitingState.OFFERED
    await change(entry, WaitingState.LEFT, unit=None, offered_until=None)
    if offered:
        await release(await opening_of(district, entry.venue), entry.start, entry.end)
    return entry


async def _to_change(district: District, viewer: Viewer, entry_id: UUID, action: str) -> WaitlistEntry:
    seen = await visible(district, viewer, WaitlistEntry, entry_id, "entryId")
    await hold_venue(seen.venue_id)
    entry = await visible(district, viewer, WaitlistEntry, entry_id, "entryId", *_ENDS)
    if await stands_for(viewer, entry.venue, entry.person) is None:
        raise ForbiddenError(text("You may not do this here"), details={"permission": BOOK_FOR})
    await tell_step(viewer, entry.venue, entry.person, action, entry)  # undone with what is refused yet
    return entry


async def _check_taken(venue: Venue, start: datetime, end: datetime, party_size: int, now: datetime) -> None:
    if await unit_for(venue, start, end, party_size, now) is not None:
        message = text("This time is free: book it", domain="venues")
        raise RejectedError(message, code="TIME_IS_FREE", path=("start",), plugin="venues")


async def _check_not_waiting(venue_id: UUID, person_id: UUID, start: datetime, end: datetime) -> None:
    same = WaitlistEntry.filter(
        venue_id=venue_id,
        person_id=person_id,
        start__lt=end,
        end__gt=start,
        state__in=[state.value for state in OPEN],
    )
    if await same.exists():
        message = text("This person waits for that time already", domain="venues")
        raise OverlappingError(message, path=("start",), plugin="venues")
