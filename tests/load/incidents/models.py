"""The table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from linli.core.graph.models import RESTRICT, OrgNode
from linli.core.records.classes import public
from linli.core.records.fields import Instant, Text
from linli.core.records.record import MutableRecord
from linli.core.records.visible import Visible


class IncidentStatus(StrEnum):
    """In this order."""

    REPORTED = "REPORTED"
    DISPATCHED = "DISPATCHED"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"


class Incident(MutableRecord):
    """Something that happened in a grid. 网格事件。"""

    org: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    title = public(Text(200))
    category = public(Text(20))
    status = public(Text(20))
    reported_at: datetime = public(Instant())
    reporter = public(Text(60))

    visible = Visible(at={"org": "incidents.incident.read"}, vocabulary={"org__kind": "org_kind"})

    class Meta:
        table = "incidents_incident"
        indexes = (
            Index(fields=("org_id", "status", "reported_at"), name="incidents_incident_org"),
            Index(fields=("status", "reported_at", "id"), name="incidents_incident_status"),
            Index(fields=("reported_at", "id"), name="incidents_incident_at"),
        )
