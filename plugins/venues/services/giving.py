"""Giving somebody a time: the booking's row, with all that its decision went by. 预约登记。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from linli.core.access.on_behalf import Channel
from linli.core.errors import RejectedError, text
from linli.core.people.models import Person
from linli.core.records.store import driver_error

from ..models import Booking, Closure, NoShow, Venue
from ..rules import (
    Action,
    BookingState,
    BookingTimes,
    Eligibility,
    Piece,
    TierEvidence,
    barred_until,
    step,
)
from .life import Note, due_columns, facts_of, set_timer, tell
from .opening import Opening
from .records import id_in_use
from .room import held_until, taken

NO_OVERLAP = "venues_booking_no_overlap"
"""The constraint by which PostgreSQL keeps two bookings out of one exclusive unit."""


@dataclass(frozen=True)
class Asked:
    """Who asks for which time: `requested_by` is the account, `requested_at` when, `channel` how.

    `unit` only for a particular one, `series_id` for a time of a series.
    """

    person: Person
    start: datetime
    end: datetime
    party_size: int
    requested_by: UUID | None
    requested_at: datetime
    unit: int | None = None
    series_id: UUID | None = None
    channel: str = Channel.APP.value


async def give(opening: Opening, asked: Asked, answer: Eligibility, unit: int, booking_id: UUID) -> Booking:
    """Keep a booking that was found eligible and has room; its state is what the venue makes of it.

    CONFIRMED, PROVISIONAL in a year without official schedule, REQUESTED where the owner decides. Raises
    OverlappingError where the store finds the time taken after all, ConflictError for an id in use.
    """
    booking = Booking(id=booking_id, unit=unit, **_asked(asked), **decided(opening, answer))
    booking.venue, booking.person = opening.venue, asked.person
    booking.held_until = held_until(opening.venue, asked.end)
    event = _first_state(opening, booking, asked.requested_at)
    times = BookingTimes(booking.start, booking.end, booking.requested_at, booking.confirmed_at)
    booking.update_from_dict(due_columns(opening, BookingState(booking.state), times))
    await _insert(booking)
    await set_timer(booking)
    await tell(booking, event, None, Note(asked.requested_at))
    return booking


async def check_not_barred(opening: Opening, person: Person, at: datetime) -> None:
    """Raise BARRED for somebody who missed too many bookings; `details.until` is the last day of the bar."""
    until = await bar_of(opening, person.id, at)
    if until is not None:
        message = text("Bookings are barred until {until} after missed ones", domain="venues", until=until)
        raise RejectedError(message, code="BARRED", plugin="venues", details={"until": until.isoformat()})


async def bar_of(opening: Opening, person_id: UUID, at: datetime) -> date | None:
    """The last day on which a person may not book; None for somebody who may."""
    today, policy = opening.wall(at).date(), opening.policy
    since = today - timedelta(days=policy.no_show_period_days + policy.bar_days)
    kept = await NoShow.filter(person_id=person_id, day__gte=since, struck_at__isnull=True)
    missed = [one.day for one in kept if one.halves > 1] + await _due_no_shows(opening, person_id, at)
    return barred_until(missed, [one.day for one in kept if one.halves == 1], today, policy)


async def check_not_closed(venue: Venue, start: datetime, end: datetime) -> None:
    """Raise VENUE_CLOSED for a time that a closure touches."""
    closure = await Closure.filter(venue_id=venue.id, start__lt=end, end__gt=start).order_by("start").first()
    if closure is not None:
        details = {"start": closure.start.isoformat(), "end": closure.end.isoformat(), "kind": closure.kind}
        message = text("The venue is closed at that time", domain="venues")
        raise RejectedError(message, code="VENUE_CLOSED", path=("start",), plugin="venues", details=details)


def pieces_told(opening: Opening, pieces: tuple[Piece, ...]) -> list[dict[str, Any]]:
    """How a booking's time falls into windows, as it is kept."""
    return [
        {
            "start": opening.instant(piece.start).isoformat(),
            "end": opening.instant(piece.end).isoformat(),
            "window": piece.window.kind.value,
            "dayKind": piece.window.day_kind.value,
            "tier": piece.tier.value if piece.tier else None,
        }
        for piece in pieces
    ]


def decided(opening: Opening, answer: Eligibility) -> dict[str, Any]:
    """The columns of a booking that tell what a decision went by; window, tier and day are its first piece's."""
    assert answer.window is not None
    assert answer.tier is not None, "only eligible bookings are decided on"
    return {
        "tier": answer.tier.value,
        "window": answer.window.kind.value,
        "day_kind": answer.window.day_kind.value,
        "tier_evidence": TierEvidence.REGISTRY.value,
        "fee": opening.policy.fee(answer.window.kind, answer.tier),
        "policy_version": opening.policy_version,
        "calendar_version": opening.calendar_version,
        "pieces": pieces_told(opening, answer.pieces),
    }


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "start": asked.start,
        "end": asked.end,
        "party_size": asked.party_size,
        "requested_by": asked.requested_by,
        "requested_at": asked.requested_at,
        "series_id": asked.series_id,
        "channel": asked.channel,
    }


def _first_state(opening: Opening, booking: Booking, at: datetime) -> str:
    """Set the state in which a new booking stands, and name the event that tells it."""
    booking.state = BookingState.REQUESTED.value
    if opening.venue.requires_approval:
        return "venues.requested"
    row = step(Action.CONFIRM, BookingState.REQUESTED, facts_of(opening, booking, at), opening.policy)
    booking.state, booking.confirmed_at = row.target.value, at
    return row.event


async def _insert(booking: Booking) -> None:
    try:
        await booking.save(force_create=True)
    except IntegrityError as error:
        if getattr(driver_error(error), "constraint_name", None) == NO_OVERLAP:
            raise taken(booking.venue) from error
        raise id_in_use() from error


async def _due_no_shows(opening: Opening, person_id: UUID, at: datetime) -> list[date]:
    """The days of no-shows that are due and not yet written down."""
    due = Booking.filter(
        person_id=person_id, state=BookingState.CONFIRMED, due_state=BookingState.NO_SHOW, due_at__lte=at
    )
    return [opening.wall(one.due_at).date() for one in await due if one.due_at is not None]
