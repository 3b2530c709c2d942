"""The API: thin, the services do the work."""

from __future__ import annotations

from typing import Any

import strawberry

from linli.core.graph.beneath import within
from linli.core.graph.models import OrgNode
from linli.schema.context import Info
from linli.schema.contributions import fields
from linli.schema.declare import Node, aggregate, column, counts, node, page, relation
from linli.schema.declare.pages import Page
from linli.schema.enums import enum
from linli.schema.inputs import MutationInput, required
from linli.schema.mutations import mutation

from . import models, services

enum(
    "How far an incident has come. 事件状态。",
    REPORTED="Somebody told of it. 已上报。",
    DISPATCHED="Somebody is on the way. 已派遣。",
    RESOLVED="It is done. 已处置。",
    CLOSED="And was looked at. 已结案。",
)(models.IncidentStatus)


@node(models.Incident, "Something that happened in a grid. 网格事件。", order=("reported_at",))
class Incident:
    """Read by whoever may at its grid."""

    org = relation("Where. 所在网格。", "OrgNode")
    title = column("What happened. 标题。")
    category = column("Of which sort. 类别。")
    status = column("How far it has come. 状态。", type=models.IncidentStatus)
    reported_at = column("When. 上报时间。", orderable=True)
    reporter = column("By whom. 上报人。")


async def _beneath(row: OrgNode, info: Info, **given: Any) -> Page:
    zones = (await info.context.loaders.successions()).zones
    return Page(info.context, Node.registry["Incident"], within("org", zones(row.path)), wide=True, **given)


@fields("What organisations have of incidents. 组织的事件。")
class OrgIncidents:
    """Fields of OrgNode."""

    incidents = page("What happened here and beneath. 辖区内事件。", "Incident", _beneath)
    incident_counts = aggregate(
        "How much happened here and beneath. 事件统计。", counts("Incident", "status"), beneath="org"
    )


@strawberry.input(description="A new incident. 上报事件。")
class ReportIncidentInput(MutationInput):
    """Where, and what."""

    org_id: strawberry.ID = required("In which grid. 所在网格。")
    title: str = required("What happened. 标题。")
    category: str = required("Of which sort. 类别。")
    reporter: str = required("By whom. 上报人。")


@mutation("Report an incident. 上报事件。", Incident, permission="incidents.incident.report")
async def report_incident(info: Info, input: ReportIncidentInput) -> models.Incident:  # noqa: A002
    """One unit of work, which a refusal undoes."""
    context = info.context
    org_id = context.required_id(input.org_id, "OrgNode", "orgId")
    told = {"title": input.title, "category": input.category, "reporter": input.reporter}
    return await services.report(context.district, context.viewer, org_id, told)


@fields("Changes of incidents. 事件操作。")
class IncidentMutation:
    """Root fields."""

    report_incident = report_incident
