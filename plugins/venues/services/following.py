"""What bookings follow: the official calendar, and agreements between units and communities. 预约的联动。"""

from __future__ import annotations

from pydantic import BaseModel

from linli.core.calendar.event_types import CalendarChanged
from linli.core.districts import District
from linli.core.graph.core_kinds import CO_BUILDS
from linli.core.graph.event_types import RelationPayload

from .recheck import recheck_partners, reevaluate


async def follow(district: District, payload: BaseModel) -> None:
    """Have bookings looked at again when a schedule was imported or an agreement was given an end."""
    if isinstance(payload, CalendarChanged):
        await reevaluate(district, payload.year)
    elif isinstance(payload, RelationPayload) and payload.kind == CO_BUILDS and payload.valid_to is not None:
        await recheck_partners(payload.target_id)
