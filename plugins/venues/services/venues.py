"""Making and changing venues. 场所维护。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import FieldProblem, ForbiddenError, text
from linli.core.graph.checks import name_problems
from linli.core.graph.core_kinds import CO_BUILDS, COMMUNITY, STATIONED_IN
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.graph.names import keys
from linli.core.graph.spans import valid_now
from linli.core.records import events

from ..events import VENUE, VENUE_CREATED, VENUE_UPDATED, VenuePayload
from ..models import Booking, Venue
from ..permissions import VENUE_WRITE
from ..rules import OCCUPYING, VenueKind, VenueMode
from ..rules.local_time import MINUTES_PER_DAY
from .access import require_manages
from .records import check_version, free_id, id_in_use, refuse, venue_to_book, visible, write

MOST_PERSONS, MOST_UNITS, LONGEST_GRID = 100_000, 1_000, 240
_ROOM = ("exclusive", "units", "buffer_before_minutes", "buffer_after_minutes")


@dataclass(frozen=True, kw_only=True)
class VenueValues:
    """What an owner states of a venue; minutes of the day, minutes. 场所信息。"""

    name: str
    kind: VenueKind
    capacity: int
    mode: VenueMode = VenueMode.BOOKED
    exclusive: bool = False
    units: int = 1
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    min_minutes: int | None = None
    max_minutes: int | None = None
    open_from: int = 7 * 60
    open_to: int = 22 * 60
    granularity_minutes: int = 30
    requires_approval: bool = False

    def columns(self) -> dict[str, Any]:
        """The columns that keep these values."""
        told = {**asdict(self), "name": self.name.strip(), "kind": self.kind.value, "mode": self.mode.value}
        return {**told, "name_key": keys(self.name.strip())[0]}


async def create_venue(
    district: District,
    viewer: Viewer,
    values: VenueValues,
    *,
    owner_id: UUID,
    community_id: UUID,
    venue_id: UUID | None = None,
) -> Venue:
    """Make a venue of an owner, lying in a community.

    Raises NotFoundError, ForbiddenError where the viewer does not manage the owner's venues, or where the owner has
    nothing to do with the community, ValidationError with every problem, ConflictError for an id in use.
    """
    owner = await visible(district, viewer, OrgNode, owner_id, "ownerId")
    require_manages(viewer, VENUE_WRITE, owner)
    community = await visible(district, viewer, OrgNode, community_id, "communityId")
    await _require_there(viewer, owner, community)
    refuse([*_end_problems(owner, community), *_problems(values)])
    venue = Venue(id=await free_id(Venue, venue_id), **values.columns())
    venue.owner, venue.community = owner, community
    try:
        await venue.save(force_create=True)
    except IntegrityError as error:
        raise id_in_use() from error
    told = {**asdict(values), "owner_id": str(owner.id), "community_id": str(community.id)}
    await events.append(VENUE_CREATED, VENUE, venue.id, VenuePayload(values=told), org_id=owner.id)
    return venue


async def update_venue(
    district: District,
    viewer: Viewer,
    venue_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
) -> Venue:
    """Change some of a venue's values, given by their names in `VenueValues`; bookings stay as they are.

    Raises NotFoundError, ForbiddenError, ConflictError for a stale version, ValidationError with every problem.
    """
    venue = await venue_to_book(district, viewer, venue_id)
    require_manages(viewer, VENUE_WRITE, venue.owner)
    check_version(venue, expected_version)
    values = VenueValues(**{**_values(venue), **changes})
    refuse(list(_problems(values)))
    if any(getattr(venue, name) != getattr(values, name) for name in _ROOM):
        await _reserve_anew(venue, values)
    await write(venue, **values.columns())
    told = {name: value for name, value in asdict(values).items() if name in changes}
    await events.append(VENUE_UPDATED, VENUE, venue.id, VenuePayload(values=told), org_id=venue.owner_id)
    return venue


async def _require_there(viewer: Viewer, owner: OrgNode, community: OrgNode) -> None:
    """Keep an owner from sharing a venue where it is not: it stands there, is stationed there or builds jointly there.

    Whoever sets up venues in the community itself may put any owner's there.
    """
    lies_there = owner.path.startswith(community.path) or community.path.startswith(owner.path)
    if community.kind != COMMUNITY or lies_there or viewer.may(VENUE_WRITE, community.path):
        return
    ties = OrgRelation.filter(
        valid_now(), kind__in=[STATIONED_IN, CO_BUILDS], source_id=owner.id, target_id=community.id
    )
    if not await ties.exists():
        message = text("The owner is not stationed in this community", domain="venues")
        raise ForbiddenError(message, path=("communityId",), plugin="venues", details={"permission": VENUE_WRITE})


def _values(venue: Venue) -> dict[str, Any]:
    stored = {name: getattr(venue, name) for name in VenueValues.__dataclass_fields__}
    return {**stored, "kind": VenueKind(venue.kind), "mode": VenueMode(venue.mode)}


async def _reserve_anew(venue: Venue, values: VenueValues) -> None:
    """Bookings given under other rules of room exclude each other for their own time at most, without buffers."""
    given = Booking.filter(
        venue_id=venue.id,
        end__gt=clock.now(),
        state__in=[state.value for state in OCCUPYING],
        held_until__isnull=False,
    )
    if values.exclusive:
        await given.update(held_until=F("end"))
    else:
        await given.update(held_until=None)


def _end_problems(owner: OrgNode, community: OrgNode) -> Iterator[FieldProblem]:
    now = clock.now()
    for path, node in (("ownerId", owner), ("communityId", community)):
        if node.valid_to is not None and node.valid_to <= now:
            yield FieldProblem(path, "ORG_ENDED", text("The organisation has ended", domain="venues"))
    if community.kind != COMMUNITY:
        message = text("A venue lies in a community, not in a {kind}", domain="venues", kind=community.kind)
        yield FieldProblem("communityId", "NOT_A_COMMUNITY", message)


def _problems(values: VenueValues) -> Iterator[FieldProblem]:
    yield from name_problems(values.name.strip())
    for path, found, lowest, highest in _bounds(values):
        if found is not None and not lowest <= found <= highest:
            message = text("Between {lowest} and {highest}", domain="venues", lowest=lowest, highest=highest)
            yield FieldProblem(path, "OUT_OF_RANGE", message)
    if values.open_to <= values.open_from:
        yield FieldProblem("openTo", "END_NOT_AFTER_START", text("A venue must close after it opens", domain="venues"))
    if values.min_minutes is not None and values.max_minutes is not None and values.max_minutes < values.min_minutes:
        message = text("The longest booking is shorter than the shortest", domain="venues")
        yield FieldProblem("maxMinutes", "OUT_OF_RANGE", message)


def _bounds(values: VenueValues) -> Iterator[tuple[str, int | None, int, int]]:
    yield "capacity", values.capacity, 1, MOST_PERSONS
    yield "units", values.units, 1, MOST_UNITS
    yield "bufferBeforeMinutes", values.buffer_before_minutes, 0, MINUTES_PER_DAY
    yield "bufferAfterMinutes", values.buffer_after_minutes, 0, MINUTES_PER_DAY
    yield "minMinutes", values.min_minutes, 1, MINUTES_PER_DAY
    yield "maxMinutes", values.max_minutes, 1, MINUTES_PER_DAY
    yield "granularityMinutes", values.granularity_minutes, 1, LONGEST_GRID
