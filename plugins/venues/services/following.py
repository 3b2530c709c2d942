"""What bookings follow: the official calendar, agreements, and organisations that end. 预约的联动。"""

from __future__ import annotations

from pydantic import BaseModel

from linli.core.calendar.event_types import CalendarChanged
from linli.core.districts import District
from linli.core.graph.core_kinds import CO_BUILDS, RESIDENT_UNIT
from linli.core.graph.event_types import OrgEndedPayload, OrgsImportedPayload, RelationPayload
from linli.core.records.models import Event

from .recheck import recheck_ended, recheck_ended_partners, recheck_partners, recheck_staff, reevaluate


async def follow(district: District, event: Event, payload: BaseModel) -> None:
    """Have bookings looked at again that a change in core may have closed to whoever booked.

    A schedule was imported, an agreement was given an end, a venue's owner or community ended, a partner unit ended. An
    import tells only how many ended, so that after one all that ended are looked for.
    """
    if isinstance(payload, CalendarChanged):
        await reevaluate(district, payload.year)
    elif isinstance(payload, RelationPayload) and payload.kind == CO_BUILDS and payload.valid_to is not None:
        await recheck_partners(payload.target_id)
    elif isinstance(payload, OrgEndedPayload):
        await recheck_ended()
        if payload.kind == RESIDENT_UNIT:
            await recheck_staff(event.subject_id)
    elif isinstance(payload, OrgsImportedPayload) and payload.gone:
        await recheck_ended()
        await recheck_ended_partners()
