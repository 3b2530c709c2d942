"""A unit's working hours. 单位作息时间维护。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.calendar import local_date
from linli.core.districts import District
from linli.core.errors import invalid
from linli.core.graph.models import OrgNode
from linli.core.records import events

from ..events import HOURS, HOURS_SET, HoursPayload
from ..models import UnitWorkHours
from ..permissions import HOURS_WRITE
from ..rules import GivenRange, checked_ranges
from .access import require_manages
from .records import visible, write

MOST_RANGES = 70


async def set_work_hours(
    district: District,
    viewer: Viewer,
    *,
    unit_id: UUID,
    ranges: Sequence[GivenRange],
    valid_from: date | None = None,
    lunch_counts_as_work: bool = True,
) -> UnitWorkHours:
    """State when a unit works from a day on (today where none is given), until a later statement takes over.

    Stating it again for the same day replaces it. Raises NotFoundError, ForbiddenError, ValidationError.
    """
    unit = await visible(district, viewer, OrgNode, unit_id, "unitId")
    require_manages(viewer, HOURS_WRITE, unit)
    if len(ranges) > MOST_RANGES:
        raise invalid("ranges", "TOO_MANY", "At most {limit} ranges", domain="venues", limit=MOST_RANGES)
    kept = [
        {"weekday": one.weekday.value, "start": one.hours.start, "end": one.hours.end} for one in checked_ranges(ranges)
    ]
    since = valid_from or local_date(clock.now(), district.zone)
    columns: dict[str, Any] = {"ranges": kept, "lunch_counts_as_work": lunch_counts_as_work}
    row = await UnitWorkHours.get_or_none(unit_id=unit.id, valid_from=since)
    if row is None:
        row = await UnitWorkHours.create(unit_id=unit.id, valid_from=since, **columns)
    else:
        await write(row, **columns)
    await events.append(HOURS_SET, HOURS, row.id, HoursPayload(valid_from=since, **columns), org_id=unit.id)
    return row
