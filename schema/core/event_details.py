"""What an event tells beyond its envelope, as auditors read it. 事件内容。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from linli.core.graph.models import OrgNode
from linli.core.records import models
from linli.core.records.classes import FieldClass
from linli.core.records.models import AUDIT

from ..context import Context, Info
from ..scalars import JSON

SHOWN = (FieldClass.PUBLIC, FieldClass.INTERNAL)


async def details_of(row: models.Event, info: Info) -> Any:
    """The PUBLIC and INTERNAL values of an event; null for those who may not read the audit trail there."""
    if not await _audits(info.context, row.org_id):
        return None
    event_type = info.context.district.event_types.get(row.type)
    found = await info.context.loaders.payloads.load(row)
    return None if found is None else JSON(_shown(found.model_dump(mode="json"), event_type.classes))


async def _audits(context: Context, org_id: UUID | None) -> bool:
    viewer = context.viewer
    if viewer.everywhere(AUDIT) or org_id is None or not viewer.subtrees(AUDIT):
        return viewer.everywhere(AUDIT)
    node = await context.loaders.by_id(OrgNode).load(org_id)
    return node is not None and viewer.may(AUDIT, node.path)


def _shown(payload: Mapping[str, Any], classes: Mapping[str, FieldClass], above: str = "") -> dict[str, Any]:
    """The values without those that tell about somebody."""
    return {
        name: _inside(value, classes, f"{above}{name}.")
        for name, value in payload.items()
        if classes.get(above + name, FieldClass.PUBLIC) in SHOWN
    }


def _inside(value: Any, classes: Mapping[str, FieldClass], above: str) -> Any:
    if isinstance(value, dict) and above[:-1] not in classes:
        return _shown(value, classes, above)
    if isinstance(value, list) and above[:-1] not in classes:
        return [_inside(one, classes, above) for one in value]
    return value
