"""Waiting for a time that is taken, and who gets it when it becomes free. 候补。"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise.expressions import Q

from linli.core import clock
from linli.core.errors import InvalidTransitionError, text
from linli.core.jobs.timers import schedule
from linli.core.records import events
from linli.core.records.record import new_id

from .. import rules
from ..events import WAITLIST, WAITLIST_CHANGED, WaitlistPayload
from ..models import Booking, Closure, WaitlistEntry
from ..rules import Eligibility, OfferKind, Tier, WindowKind, offer_kind, offer_until, waitlist_order
from ..timers import OFFER_LAPSES
from .giving import Asked, bar_of, give
from .opening import Opening
from .quotas import check_quotas, exceeded
from .records import write
from .room import unit_for


class WaitingState(StrEnum):
    """Where somebody who waits stands. 候补状态。"""

    WAITING = "WAITING"  # 候补中
    OFFERED = "OFFERED"  # 已通知，待答复
    FULFILLED = "FULFILLED"  # 已获得预约
    LAPSED = "LAPSED"  # 逾期未答复
    LEFT = "LEFT"  # 已退出
    EXPIRED = "EXPIRED"  # 时段已过


OPEN = (WaitingState.WAITING, WaitingState.OFFERED)


async def release(opening: Opening, start: datetime, end: datetime) -> None:
    """Hand on a time that became free: to those who wait for a part of it, in the order of the rules.

    Whoever is first and fits gets an offer, or the booking at once where the start is near; the next in line get
    what room is left. Those who may not come any more are passed over and keep waiting.
    """
    now = clock.now()
    waiting = WaitlistEntry.filter(
        venue_id=opening.venue.id, state=WaitingState.WAITING, start__lt=end, end__gt=max(start, now)
    )
    entries = {str(entry.id): entry for entry in await waiting.select_related("person").order_by("joined_at", "id")}
    for id_ in _in_order(opening, list(entries.values()), start):
        await _serve(opening, entries[id_], now)


async def accept(opening: Opening, entry: WaitlistEntry) -> Booking:
    """Take what was offered; INVALID_TRANSITION without an offer that still holds, NOT_ELIGIBLE and the like."""
    now = clock.now()
    if entry.state != WaitingState.OFFERED or entry.unit is None or not _holds(entry, now):
        raise InvalidTransitionError(text("Nothing is offered any more", domain="venues"), plugin="venues")
    answer = await opening.eligibility(entry.person, entry.start, entry.end)
    if not answer.eligible:
        raise InvalidTransitionError(
            text("The venue is no longer open to this person at that time", domain="venues"), plugin="venues"
        )
    await check_quotas(opening, _asked(entry, now), answer)
    return await _fulfil(opening, entry, answer, entry.unit, now)


async def lapse(opening: Opening, entry: WaitlistEntry) -> None:
    """An offer was not taken in time: the next in line gets it."""
    await change(entry, WaitingState.LAPSED, unit=None, offered_until=None)
    await release(opening, entry.start, entry.end)


async def change(entry: WaitlistEntry, state: WaitingState, **columns: Any) -> None:
    """Write a new state and tell it; the entry's venue is loaded."""
    await write(entry, state=state.value, **columns)
    await tell(entry)


async def tell(entry: WaitlistEntry) -> None:
    """Append the event of a waitlist entry as it stands now."""
    payload = WaitlistPayload(
        venue_id=entry.venue_id,
        person_id=entry.person_id,
        start=entry.start,
        end=entry.end,
        tier=entry.tier,
        state=entry.state,
        offered_until=entry.offered_until,
        booking_id=entry.booking_id,
    )
    await events.append(WAITLIST_CHANGED, WAITLIST, entry.id, payload, org_id=entry.venue.owner_id)


def _in_order(opening: Opening, entries: list[WaitlistEntry], start: datetime) -> list[str]:
    """The ids in the order in which the slot goes round: by priority in the window where it begins."""
    if not entries:
        return []
    window = WindowKind(min(entries, key=lambda one: abs(one.start - start)).window)
    plain = [rules.WaitlistEntry(str(one.id), Tier(one.tier), one.joined_at) for one in entries]
    return [one.id for one in waitlist_order(plain, window)]


async def _serve(opening: Opening, entry: WaitlistEntry, now: datetime) -> None:
    entry.venue = opening.venue
    closed = Q(venue_id=opening.venue.id, start__lt=entry.end, end__gt=entry.start)
    if await Closure.filter(closed).exists() or await bar_of(opening, entry.person_id, now) is not None:
        return
    answer = await opening.verdict(entry.person, entry.start, entry.end, entry.start)
    unit = await unit_for(opening.venue, entry.start, entry.end, entry.party_size, now)
    if not answer.eligible or unit is None or await exceeded(opening, _asked(entry, now), answer) is not None:
        return
    if offer_kind(entry.start, now, opening.policy) is OfferKind.AUTO_CONFIRM:
        await _fulfil(opening, entry, answer, unit, now)
    else:
        await _offer(opening, entry, unit, now)


async def _offer(opening: Opening, entry: WaitlistEntry, unit: int, now: datetime) -> None:
    until = offer_until(entry.start, now, opening.policy)
    await schedule(OFFER_LAPSES, entry.id, until)
    await change(entry, WaitingState.OFFERED, unit=unit, offered_until=until)


async def _fulfil(opening: Opening, entry: WaitlistEntry, answer: Eligibility, unit: int, now: datetime) -> Booking:
    booking = await give(opening, _asked(entry, now), answer, unit, new_id())
    await change(entry, WaitingState.FULFILLED, unit=unit, offered_until=None, booking_id=booking.id)
    return booking


def _asked(entry: WaitlistEntry, now: datetime) -> Asked:
    by, channel = entry.requested_by, entry.channel
    return Asked(entry.person, entry.start, entry.end, entry.party_size, by, now, channel=channel)


def _holds(entry: WaitlistEntry, now: datetime) -> bool:
    return entry.offered_until is not None and entry.offered_until > now
