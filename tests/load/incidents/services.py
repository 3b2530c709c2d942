"""Reporting an incident: ask who may, write, tell the event."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from pydantic import BaseModel

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import NotFoundError, text
from linli.core.graph.models import OrgNode
from linli.core.records import events
from linli.core.records.event_types import EventType, Public

from .models import Incident, IncidentStatus


class ReportedPayload(BaseModel):
    """What was reported."""

    title: Public[str]
    category: Public[str]


REPORTED = EventType("incidents.reported", 1, ReportedPayload, "An incident was reported.")


async def report(district: District, viewer: Viewer, org_id: UUID, told: Mapping[str, str]) -> Incident:
    """Report an incident, `told` its title, category and reporter. Needs a unit of work.

    Raises NotFoundError and ForbiddenError.
    """
    org = await OrgNode.filter(district.sight.condition(OrgNode, viewer), id=org_id).first()
    if org is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("orgId",))
    viewer.require("incidents.incident.report", org.path)
    incident = Incident(org_id=org.id, status=IncidentStatus.REPORTED.value, reported_at=clock.now(), **told)
    await incident.save()
    payload = ReportedPayload(title=incident.title, category=incident.category)
    await events.append(REPORTED, "Incident", incident.id, payload, org_id=org.id)
    return incident
