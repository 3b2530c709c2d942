"""What an event tells beyond its envelope, as auditors read it. 事件内容。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli.core.graph.models import OrgNode
from linli.core.records import models
from linli.core.records.models import AUDIT

from ..context import Context, Info
from ..scalars import JSON


async def details_of(row: models.Event, info: Info) -> Any:
    """The PUBLIC and INTERNAL values of an event; null for those who may not read the audit trail there."""
    if not await _audits(info.context, row.org_id):
        return None
    event_type = info.context.district.event_types.get(row.type)
    found = await info.context.loaders.payloads.load(row)
    return None if found is None else JSON(event_type.plain(found))


async def _audits(context: Context, org_id: UUID | None) -> bool:
    viewer = context.viewer
    if viewer.everywhere(AUDIT) or org_id is None or not viewer.subtrees(AUDIT):
        return viewer.everywhere(AUDIT)
    node = await context.loaders.by_id(OrgNode).load(org_id)
    return node is not None and viewer.may(AUDIT, node.path)
