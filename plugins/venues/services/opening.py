"""Under which terms a venue is open: its policy, its windows, and how people stand to them. 开放情况。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person

from ..models import Booking, Policy, UnitWorkHours, Venue
from ..rules import (
    Eligibility,
    Limits,
    MinuteRange,
    OpeningPolicy,
    Timetable,
    Weekday,
    WorkHours,
    WorkRange,
    eligibility,
    verdict,
)
from ..settings import VenueSettings
from ..terms import DISTRICTS_OWN, Terms, policy_of
from .local import instant, wall
from .standing import present_ends, standing_of

SECTION = "venues"


@dataclass(frozen=True)
class Opening:
    """A venue with all that decides who may use it when. 场所开放情况。

    `policy_version` and `calendar_version` name the terms and the calendar that answers went by.
    """

    venue: Venue
    settings: VenueSettings
    policy: OpeningPolicy
    policy_version: str
    calendar_version: str
    timetable: Timetable
    zone: ZoneInfo
    ends_at: datetime | None
    """From when on the venue is open to nobody, since its owner or its community has ended without an heir."""

    def wall(self, moment: datetime) -> datetime:
        """An instant as local time."""
        return wall(moment, self.zone)

    def instant(self, moment: datetime) -> datetime:
        """A local time as an instant, in UTC."""
        return instant(moment, self.zone)

    @property
    def limits(self) -> Limits:
        """What the venue grants."""
        venue = self.venue
        return Limits(venue.capacity, venue.units, venue.min_minutes, venue.max_minutes)

    async def eligibility(self, person: Person, start: datetime, end: datetime) -> Eligibility:
        """Whether a person may come, and when next; judged by what the person is at the start."""
        standing = await standing_of(person, self.venue, start, self.settings.resident_scope)
        return eligibility(self.timetable, standing, self.wall(start), self.wall(end))

    async def verdict(self, person: Person, start: datetime, end: datetime, at: datetime) -> Eligibility:
        """Whether a person may come, by what the person is at an instant; without looking for another time."""
        standing = await standing_of(person, self.venue, at, self.settings.resident_scope)
        return verdict(self.timetable, standing, self.wall(start), self.wall(end))

    async def still_admits(self, booking: Booking, at: datetime) -> bool:
        """Whether somebody may still come who booked, by what the person is at an instant; the person is loaded.

        By the terms of now, or by the titles that the booking was given for: new terms take nothing away from bookings
        that were made, a title that was lost does.
        """
        standing = await standing_of(booking.person, self.venue, at, self.settings.resident_scope)
        if verdict(self.timetable, standing, self.wall(booking.start), self.wall(booking.end)).eligible:
            return True
        return all(one["tier"] in standing.held for one in booking.pieces)

    def days_known(self, start: datetime, end: datetime) -> bool:
        """Whether the official schedule covers every day of a time within opening hours."""
        pieces = self.timetable.cut(self.wall(start), self.wall(end))
        return not any(window.provisional for _, _, window in pieces)


async def opening_of(district: District, venue: Venue) -> Opening:
    """The opening of a venue as it is now; its owner and community are loaded."""
    scoped = district.configuration.settings.for_plugin(SECTION, VenueSettings)
    stored = await policy_in_force(venue)
    settings, number = scoped.at(venue.owner_id), stored.number if stored else 0
    policy = policy_of(settings, Terms.model_validate(stored.terms) if stored else DISTRICTS_OWN, number)
    calendar = await district.calendar()
    owner, community = await present_ends(venue)
    until = ends_at(owner, community)
    timetable = Timetable(
        opening=MinuteRange(venue.open_from, venue.open_to),
        day_kind=calendar.kind,
        work_hours=await work_hours_of(owner, venue),
        policy=policy,
        granularity=venue.granularity_minutes,
        until=None if until is None else wall(until, district.zone),
    )
    version = f"{number}-{scoped.version}"
    return Opening(venue, settings, policy, version, calendar.version, timetable, district.zone, until)


def ends_at(owner: OrgNode, community: OrgNode) -> datetime | None:
    """When a venue's owner or community ended, or the heir in its place: the earlier of the two."""
    return min((node.valid_to for node in (owner, community) if node.valid_to is not None), default=None)


async def policy_in_force(venue: Venue) -> Policy | None:
    """The last approved terms of a venue; None while the district's own hold."""
    return await Policy.filter(venue_id=venue.id, approved_at__isnull=False).order_by("-number").first()


async def work_hours_of(owner: OrgNode, venue: Venue) -> tuple[WorkHours, ...]:
    """All that the owner of now stated of its working hours; what its predecessor stated while it stated nothing."""
    for unit_id in dict.fromkeys((owner.id, venue.owner_id)):
        if rows := await UnitWorkHours.filter(unit_id=unit_id):
            return tuple(_work_hours(row) for row in rows)
    return ()


def _work_hours(row: UnitWorkHours) -> WorkHours:
    ranges = [WorkRange(Weekday(one["weekday"]), MinuteRange(one["start"], one["end"])) for one in row.ranges]
    return WorkHours(row.valid_from, tuple(ranges), row.lunch_counts_as_work)
