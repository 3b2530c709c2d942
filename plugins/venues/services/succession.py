"""What becomes of venues when their owner or community is merged or split. 组织撤并时的场所与预约。"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tortoise.expressions import Q

from linli.core import clock
from linli.core.errors import text
from linli.core.records.conditions import where
from linli.core.succession.open_things import Fate, OpenThing, SuccessionChange

from ..models import Booking, UnitWorkHours, Venue, WaitlistEntry
from .recheck import TO_COME
from .waitlist import OPEN

AWAITED = tuple(state.value for state in OPEN)


def open_things(change: SuccessionChange) -> list[OpenThing]:
    """Venues, bookings to come, waiting, and working hours.

    A venue keeps its owner and community; the heir of either stands in its place, so that bookings to come are judged
    again by who may come now. Without an heir nobody would know to whom a venue belongs: that is refused.
    """
    fate = Fate.KEPT if change.heir_id is not None else Fate.REFUSED
    to_come = Q(_at("venue__", change.source_ids), state__in=TO_COME, start__gt=clock.now())
    waiting = Q(_at("venue__", change.source_ids), state__in=AWAITED, start__gt=clock.now())
    if change.heir_id is None:
        reason = text("Say which of the successors is the heir: it takes the venues", domain="venues")
    else:
        reason = text("The successor stands in the place of its owner or community", domain="venues")
    judged = text("It is judged again by who may come to the successor's venues", domain="venues")
    told = text("They count for the successor until it states its own", domain="venues")
    return [
        OpenThing(Venue, _at("", change.source_ids), fate, reason),
        OpenThing(Booking, to_come, Fate.KEPT, judged),
        OpenThing(WaitlistEntry, waiting, Fate.KEPT, judged),
        OpenThing(UnitWorkHours, Q(unit_id__in=change.source_ids), Fate.KEPT, told),
    ]


def _at(prefix: str, ids: Collection[UUID]) -> Q:
    """What belongs to one of these organisations or lies in it."""
    return where(f"{prefix}owner_id__in", ids) | where(f"{prefix}community_id__in", ids)
