"""The mutation that draws outlines."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import strawberry

from linli.core.errors import invalid
from linli.core.graph import models, services
from linli.core.graph.outlines import read
from linli.core.graph.points import Crs
from linli.core.graph.services.boundaries import Outline
from linli.core.graph.unset import UNSET as KEEP

from ..context import Info
from ..contributions import fields
from ..inputs import UNSET, MutationInput, optional, required, value
from ..mutations import mutation
from ..scalars import GeoJSON
from .lookups import node_for
from .org_changes import WRITE
from .organisations import OrgNode


@strawberry.input(description="The outline of an organisation's place. 组织边界。")
class SetBoundaryInput(MutationInput):
    """Which, what, and from when on."""

    id: strawberry.ID = required("Which. 标识。")
    boundary: GeoJSON | None = optional(
        "To be given: a Polygon or MultiPolygon of 10,000 positions at most, or null for none. 边界，必填。"
    )
    crs: Crs | None = optional("The datum; CGCS2000 where not said. 坐标系。")
    valid_from: datetime | None = optional("Since when; now where not said, null for since ever. 生效时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


async def _drawn(info: Info, given: SetBoundaryInput) -> Outline | None:
    """The outline, checked in a thread: it may take seconds, in which others are answered and can write."""
    await node_for(info.context, given.id, "id", WRITE)
    if given.boundary is UNSET:
        raise invalid("boundary", "REQUIRED", "Give an outline, or null to take it away")
    crs, drawn = value(given.crs) or Crs.CGCS2000, given.boundary
    return None if drawn is None else await asyncio.to_thread(lambda: Outline.of(read(drawn, crs), crs))


@mutation("Draw the outline of an organisation's place. 设置边界。", OrgNode, permission=WRITE, before=_drawn)
async def set_boundary(info: Info, input: SetBoundaryInput, drawn: Outline | None) -> models.OrgNode:  # noqa: A002
    """Draw it from an instant on, and keep what was."""
    node = await node_for(info.context, input.id, "id", WRITE)
    since: Any = KEEP if input.valid_from is UNSET else input.valid_from
    return await services.set_boundary(
        info.context.district.kinds,
        node.id,
        drawn,
        valid_from=since,
        expected_version=value(input.expected_version),
    )


@fields("Changes of outlines. 边界变更。")
class BoundaryMutation:
    """What can be done to outlines."""

    set_boundary = set_boundary
