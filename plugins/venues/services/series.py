"""Booking a time that comes back, and giving the rest of it back. 周期预约。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.core import clock
from linli.core.access.on_behalf import tell
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import InvalidTransitionError, RejectedError, ValidationError, text
from linli.core.records import events
from linli.core.records.record import new_id
from linli.core.records.requests_refusals import stored

from ..events import SERIES as SUBJECT
from ..events import SERIES_BOOKED, SERIES_CANCELLED, SeriesPayload
from ..models import Booking, Series
from ..rules import Action, Actor, BookingState, Recurrence, Weekday, check_recurrence
from .access import OWN, Behalf, acting_for, forbidden_action, roles_at, tell_step
from .asking import check_bookable, free_room, judge
from .giving import Asked, check_not_barred, give
from .life import Note
from .opening import Opening, opening_of
from .records import (
    BOOKING_ENDS,
    check_version,
    checked_reason,
    free_id,
    hold_venue,
    venue_to_book,
    visible,
    write,
)
from .steps import charge_late_cancellation, settle_venue, take

_TO_COME = (BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.PROVISIONAL)


async def book_series(
    district: District,
    viewer: Viewer,
    *,
    venue_id: UUID,
    recurrence: Recurrence,
    unit: int | None = None,
    party_size: int = 1,
    person_id: UUID | None = None,
    series_id: UUID | None = None,
    behalf: Behalf = OWN,
) -> Series:
    """Book every occurrence that can be had; each is judged by itself, the others are kept with their refusal.

    Raises what `book` raises for the input and the person, ValidationError for what `check_recurrence` refuses, and
    SERIES_REFUSED, with every refusal in `details`, where not a single occurrence can be had.
    """
    venue = await venue_to_book(district, viewer, venue_id)
    acting = await acting_for(district, viewer, venue, person_id, behalf)
    person = acting.person
    id_ = await free_id(Series, series_id)
    now, opening = clock.now(), await opening_of(district, venue)
    check_bookable(venue)
    check_recurrence(recurrence, overnight=opening.policy.overnight)
    await settle_venue(opening)
    await check_not_barred(opening, person, now)
    series = _series(id_, recurrence, party_size, requested_by=viewer.account_id)
    series.venue, series.person = venue, person
    await series.save(force_create=True)
    asked = Asked(person, now, now, party_size, viewer.account_id, now, unit, series.id, acting.channel.value)
    given = await _occurrences(opening, series, recurrence, asked)
    await Series.filter(id=series.id).update(refused=series.refused)
    await _tell(series, SERIES_BOOKED, bookings=given, refused=len(series.refused))
    await tell(acting, "bookSeries", SUBJECT, series.id)
    return series


async def cancel_series(
    district: District,
    viewer: Viewer,
    *,
    series_id: UUID,
    since: datetime | None = None,
    reason: str | None = None,
    expected_version: int | None = None,
) -> Series:
    """Give back the bookings of a series that have not begun, or those that begin at an instant or after it.

    Each is cancelled as it would be alone: one that begins soon counts as half a no-show for whoever booked. Raises
    NotFoundError, ForbiddenError, ConflictError, INVALID_TRANSITION where nothing is left to cancel.
    """
    seen = await visible(district, viewer, Series, series_id, "seriesId")
    await hold_venue(seen.venue_id)
    series = await visible(district, viewer, Series, series_id, "seriesId", *BOOKING_ENDS)
    actors = await roles_at(viewer, Action.CANCEL, series)
    if not actors:
        raise forbidden_action(Action.CANCEL)
    check_version(series, expected_version)
    note = Note(clock.now(), reason=checked_reason(reason))
    opening = await opening_of(district, series.venue)
    await settle_venue(opening)
    rest = await _rest(series, max(note.at, since or note.at))
    if not rest:
        message = text("Nothing of this series is left to cancel", domain="venues")
        raise InvalidTransitionError(message, plugin="venues")
    for booking in rest:
        await _give_back(opening, booking, note, charged=Actor.BOOKER in actors)
    await write(series, cancelled_at=note.at)
    if Actor.OWNER not in actors:
        await tell_step(viewer, series.venue, series.person, "cancelSeries", series)
    await _tell(series, SERIES_CANCELLED, bookings=len(rest), reason=note.reason)
    return series


def _series(id_: UUID, recurrence: Recurrence, party_size: int, *, requested_by: UUID | None) -> Series:
    return Series(
        id=id_,
        requested_by=requested_by,
        first_day=recurrence.first,
        last_day=recurrence.last,
        weekdays=[day.value for day in Weekday if day in recurrence.weekdays],
        every_weeks=recurrence.every_weeks,
        start=recurrence.start,
        end=recurrence.end,
        party_size=party_size,
        refused=[],
    )


async def _occurrences(opening: Opening, series: Series, recurrence: Recurrence, asked: Asked) -> int:
    """Book what can be had and keep the rest in the series as refused; how many bookings were given."""
    given, refusals = 0, []
    for start, end in recurrence.occurrences():
        one = replace(asked, start=opening.instant(start), end=opening.instant(end))
        refusal = await _book_one(opening, one)
        if refusal is None:
            given += 1
        else:
            refusals.append(refusal)
            series.refused.append(_kept(one, refusal))
    if not given:
        raise _nothing_left(series.refused, refusals)
    return given


async def _book_one(opening: Opening, asked: Asked) -> RejectedError | None:
    """Give one occurrence its booking, or the reason why not; what the input as a whole breaks is raised."""
    try:
        answer = await judge(opening, asked)
        unit = await free_room(opening, asked)
    except ValidationError:
        raise
    except RejectedError as refusal:
        return refusal
    await give(opening, asked, answer, unit, new_id())
    return None


def _kept(asked: Asked, refusal: RejectedError) -> dict[str, Any]:
    return {"start": asked.start.isoformat(), "end": asked.end.isoformat(), "refusal": stored(refusal)}


def _nothing_left(refused: Sequence[dict[str, Any]], refusals: Sequence[RejectedError]) -> RejectedError:
    told = [
        {"start": one["start"], "end": one["end"], "code": refusal.code}
        for one, refusal in zip(refused, refusals, strict=True)
    ]
    message = text("None of the times of this series can be booked", domain="venues")
    return RejectedError(message, code="SERIES_REFUSED", plugin="venues", details={"refused": told})


async def _rest(series: Series, since: datetime) -> list[Booking]:
    to_come = [state.value for state in _TO_COME]
    found = Booking.filter(series_id=series.id, state__in=to_come, start__gte=since).select_related(*BOOKING_ENDS)
    return [one for one in await found.order_by("start", "id") if one.start > clock.now()]


async def _give_back(opening: Opening, booking: Booking, note: Note, *, charged: bool) -> None:
    before = BookingState(booking.state)
    await take(opening, booking, Action.CANCEL, note)
    if charged:
        await charge_late_cancellation(opening, booking, before, note)


async def _tell(series: Series, event: Any, **more: Any) -> None:
    payload = SeriesPayload(
        venue_id=series.venue_id,
        person_id=series.person_id,
        first_day=series.first_day,
        last_day=series.last_day,
        weekdays=series.weekdays,
        every_weeks=series.every_weeks,
        **more,
    )
    await events.append(event, SUBJECT, series.id, payload, org_id=series.venue.owner_id)
