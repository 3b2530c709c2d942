"""What venues keep of two people who turn out to be one. 人员合并时的预约。"""

from __future__ import annotations

from uuid import UUID

from linli.core.errors import text
from linli.core.merging.references import Conflict, Merging, Reference

from ..models import Appeal, Booking, NoShow, Series, WaitlistEntry
from .waitlist import OPEN

REFERENCES = (
    Reference(Booking),
    Reference(Series),
    Reference(WaitlistEntry),
    Reference(NoShow),
    Reference(Appeal),
)
"""Bookings of one person may lie at one time, and quotas are for what is asked for next: neither stands against it."""


async def merging(kept_id: UUID, merged_id: UUID) -> Merging:
    """All of it goes along, unless both wait for one time at one venue: who of the two is served would be chance."""
    waiting = WaitlistEntry.filter(state__in=[state.value for state in OPEN])
    mine, theirs = await waiting.filter(person_id=kept_id), await waiting.filter(person_id=merged_id)
    twice = [
        other
        for other in theirs
        if any(one.venue_id == other.venue_id and one.start < other.end and other.start < one.end for one in mine)
    ]
    if not twice:
        return Merging(REFERENCES)
    told = text("Both wait for one time at one venue: let one of them leave the waitlist", domain="venues")
    return Merging(REFERENCES, (Conflict("WAITING_TWICE", told, WaitlistEntry._meta.db_table, len(twice)),))
