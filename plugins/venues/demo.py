"""The shared rooms of a demonstration: a court and a reading room of the first unit there is. 演示场所。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from linli.core.access.viewer import ActiveGrant, Grants, Viewer
from linli.core.districts import District
from linli.core.graph.core_kinds import COMMUNITY, RESIDENT_UNIT, STATIONED_IN
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import UnitOfWork, transact

from . import services
from .models import UnitWorkHours, Venue
from .rules import GivenRange, VenueKind, Weekday

COURT = UUID("019b76da-a800-7000-8000-000000000065")
READING_ROOM = UUID("019b76da-a800-7000-8000-000000000066")
"""The ids are the same in every demonstration, so that queries can be written down with them."""

SINCE = date(2026, 1, 1)
HOURS = [
    GivenRange(day, start * 60, end * 60) for day in Weekday if not day.weekend for start, end in ((9, 12), (13, 18))
]
ROOMS = {
    COURT: services.VenueValues(name="篮球场", kind=VenueKind.COURT, capacity=20, exclusive=True),
    READING_ROOM: services.VenueValues(name="图书室", kind=VenueKind.READING_ROOM, capacity=40, open_to=21 * 60),
}


async def create(district: District) -> None:
    """Have the first unit that is stationed in a community share two rooms; what is there already stays as it is.

    To be called in the district's scope. A district without such a unit gets none.
    """
    found = OrgRelation.filter(
        kind=STATIONED_IN, valid_to=None, source__kind=RESIDENT_UNIT, source__valid_to=None, target__kind=COMMUNITY
    )
    stationed = await found.order_by("source__code", "id").select_related("source", "target").first()
    if stationed is not None:
        await transact(partial(_share, district, stationed.source, stationed.target))


async def _share(district: District, unit: OrgNode, community: OrgNode, _unit_of_work: UnitOfWork) -> None:
    viewer = await _administrator(district)
    if not await UnitWorkHours.filter(unit_id=unit.id).exists():
        await services.set_work_hours(district, viewer, unit_id=unit.id, ranges=HOURS, valid_from=SINCE)
    for venue_id, room in ROOMS.items():
        if not await Venue.filter(id=venue_id).exists():
            values = replace(room, name=f"{unit.name}{room.name}")
            ends = {"owner_id": unit.id, "community_id": community.id}
            await services.create_venue(district, viewer, values, venue_id=venue_id, **ends)


async def _administrator(district: District) -> Viewer:
    """Whoever sets up a demonstration; no account stands behind it, and none is needed for what it does."""
    root, role = await OrgNode.get(parent_id=None), "district-admin"
    return Viewer(grants=Grants((ActiveGrant(new_id(), role, district.roles[role], root.path),)))
