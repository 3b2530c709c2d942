"""What venues keep of a person: handed out on request, and anonymised. 场所个人信息。"""

from __future__ import annotations

from uuid import UUID

from linli.core import clock
from linli.core.districts import District
from linli.core.errors import text
from linli.core.privacy.holdings import Erasure, Holding, erase_rows

from ..models import Appeal, Booking, NoShow, Series, Usage, WaitlistEntry
from ..rules import Action
from .life import Note
from .opening import opening_of
from .recheck import TO_COME
from .records import BOOKING_ENDS, hold_venue
from .steps import take
from .waitlist import OPEN, WaitingState, change, release

PLUGIN = "venues"
ERASED = "person erased"
_LOG = text("The log of use rests on it, and counts heads; it names nobody any more", domain="venues")

HOLDINGS = (
    Holding(Booking, blank={"reason": None}, kept=_LOG),
    Holding(Series, kept=_LOG),
    Holding(WaitlistEntry, kept=_LOG),
    Holding(NoShow, blank={"struck_reason": None}, kept=_LOG),
    Holding(Appeal, blank={"reason": "", "decision": None}, kept=_LOG),
    Holding(Usage, "booking__person_id", kept=_LOG),
)
"""Bookings are kept without the person: what was used, and what the district reports of it, stays right."""


async def erase(district: District, person_id: UUID) -> Erasure:
    """Call off what a person has ahead, then make empty what was written about them; in a unit of work."""
    if PLUGIN in district.configuration.plugins:  # where venues are off nobody comes, and nobody waits
        await _leave_waitlists(district, person_id)
        await _give_back(district, person_id)
    return await erase_rows(HOLDINGS, person_id)


async def _leave_waitlists(district: District, person_id: UUID) -> None:
    waiting = WaitlistEntry.filter(person_id=person_id, state__in=[state.value for state in OPEN])
    for entry in await waiting.select_related("person", "venue__owner", "venue__community").order_by("id"):
        await hold_venue(entry.venue_id)
        offered = entry.state == WaitingState.OFFERED
        await change(entry, WaitingState.LEFT, unit=None, offered_until=None)
        if offered:
            await release(await opening_of(district, entry.venue), entry.start, entry.end)


async def _give_back(district: District, person_id: UUID) -> None:
    now = clock.now()
    ahead = Booking.filter(person_id=person_id, state__in=TO_COME, start__gt=now).select_related(*BOOKING_ENDS)
    for booking in await ahead.order_by("start", "id"):
        await hold_venue(booking.venue_id)
        await take(await opening_of(district, booking.venue), booking, Action.CANCEL, Note(now, cause=ERASED))
