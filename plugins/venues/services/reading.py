"""What anybody may ask of a venue: its windows, its free times, and whether a person may come. 开放与空闲查询。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.calendar import DayKind, day_bounds
from linli.core.districts import District
from linli.core.errors import invalid
from linli.core.people.models import Person

from ..models import Closure, Venue
from ..rules import (
    Eligibility,
    Occupation,
    Room,
    Tier,
    VenueMode,
    Window,
    WindowKind,
    eligibility,
)
from ..rules.ranges import at_minute
from .access import acting_for
from .opening import Opening, opening_of
from .room import occupations, room_of
from .standing import NOBODY

MOST_DAYS = 31


@dataclass(frozen=True)
class OpenWindow:
    """A stretch of a day in which the same people may come; instants. 开放时段。"""

    start: datetime
    end: datetime
    window: WindowKind
    tiers: tuple[Tier, ...]
    day_kind: DayKind
    provisional: bool
    blackout: bool


@dataclass(frozen=True)
class FreeSlot:
    """A step of the grid in which a unit has room for `remaining` persons; instants. 空闲时段。"""

    unit: int
    start: datetime
    end: datetime
    window: WindowKind
    tiers: tuple[Tier, ...]
    remaining: int


async def windows(district: District, venue: Venue, first: date, last: date) -> list[OpenWindow]:
    """The windows of at most 31 days, both ends included; ValidationError for other ranges.

    Hours in which nobody comes are there too, with no tiers: a day's windows are its opening hours.
    """
    days = _days(first, last)
    opening = await opening_of(district, venue)
    return [_told(opening, day, one) for day in days for one in opening.timetable.windows_on(day)]


async def availability(district: District, venue: Venue, first: date, last: date) -> list[FreeSlot]:
    """The free steps of the grid during at most 31 days, unit by unit; what has begun or is closed is left out.

    A venue that takes no bookings has none.
    """
    days = _days(first, last)
    if venue.mode == VenueMode.WALK_IN:
        return []
    opening = await opening_of(district, venue)
    now = clock.now()
    start, end = day_bounds(days[0], district.zone)[0], day_bounds(days[-1], district.zone)[1]
    taken = await occupations(venue, start, end, now)
    closures = await Closure.filter(venue_id=venue.id, start__lt=end, end__gt=start)
    closed = [(one.start, one.end) for one in closures]
    steps = [step for day in days for step in _steps(opening, day) if step[0] >= now and not _touches(step, closed)]
    found = [_slot(opening, unit, *step, taken) for unit in range(1, venue.units + 1) for step in steps]
    return sorted((one for one in found if one is not None), key=lambda one: (one.start, one.unit))


async def may_come(
    district: District,
    viewer: Viewer,
    venue: Venue,
    *,
    start: datetime,
    end: datetime,
    person_id: UUID | None = None,
) -> tuple[Opening, Eligibility]:
    """Whether a person (the viewer's own unless named) may come, and when next; other bookings are not asked.

    Raises ValidationError for a time that ends before it starts or lasts longer than 31 days, and what naming
    somebody else raises for those who may not book for others.
    """
    opening = await opening_of(district, venue)
    if not opening.wall(start) < opening.wall(end):
        raise invalid("end", "END_NOT_AFTER_START", "A booking must end after it starts", domain="venues")
    if end - start > timedelta(days=MOST_DAYS):
        raise invalid("end", "OUT_OF_RANGE", "At most {days} days", domain="venues", days=MOST_DAYS)
    person = await _person(district, viewer, venue, person_id)
    if person is None:
        return opening, eligibility(opening.timetable, NOBODY, opening.wall(start), opening.wall(end))
    return opening, await opening.eligibility(person, start, end)


async def _person(district: District, viewer: Viewer, venue: Venue, person_id: UUID | None) -> Person | None:
    if person_id is None and viewer.person_id is None:
        return None
    return (await acting_for(district, viewer, venue, person_id)).person


def _days(first: date, last: date) -> list[date]:
    if last < first:
        raise invalid("to", "END_BEFORE_START", "The end lies before the start", domain="venues")
    if (last - first).days >= MOST_DAYS:
        raise invalid("to", "OUT_OF_RANGE", "At most {days} days", domain="venues", days=MOST_DAYS)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _told(opening: Opening, day: date, one: Window) -> OpenWindow:
    start, end = at_minute(day, one.hours.start), at_minute(day, one.hours.end)
    return OpenWindow(
        start=opening.instant(start),
        end=opening.instant(end),
        window=one.kind,
        tiers=one.tiers,
        day_kind=one.day_kind,
        provisional=one.provisional,
        blackout=one.blackout,
    )


def _steps(opening: Opening, day: date) -> Iterator[tuple[datetime, datetime]]:
    hours, granularity = opening.timetable.opening, opening.timetable.granularity
    for minute in range(hours.start, hours.end - granularity + 1, granularity):
        yield opening.instant(at_minute(day, minute)), opening.instant(at_minute(day, minute + granularity))


def _touches(step: tuple[datetime, datetime], spans: list[tuple[datetime, datetime]]) -> bool:
    return any(step[0] < end and start < step[1] for start, end in spans)


def _slot(opening: Opening, unit: int, start: datetime, end: datetime, taken: list[Occupation]) -> FreeSlot | None:
    local = opening.wall(start), opening.wall(end)
    if not opening.timetable.is_open(*local):
        return None
    pieces = list(opening.timetable.cut(*local))
    tiers = tuple(tier for tier in Tier if all(tier in window.tiers for _, _, window in pieces))
    left = remaining(room_of(opening.venue), Occupation(unit, start, end), taken)
    if not tiers or left < 1:
        return None
    return FreeSlot(unit, start, end, pieces[0][2].kind, tiers, left)


def remaining(room: Room, step: Occupation, taken: list[Occupation]) -> int:
    """How many persons still find room in a unit during a time: all or nothing where the unit is exclusive."""
    peak = room.peak(step, taken)
    if room.exclusive:
        return room.capacity if peak <= 1 else 0
    return room.capacity - peak + step.party_size
