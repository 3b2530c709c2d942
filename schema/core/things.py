"""Facilities and devices in GraphQL. 设施设备。"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from linli.core.graph.models import OrgNode as OrgModel
from linli.core.registry import models

from ..context import Info
from ..declare import column, node, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..scalars import JSON
from ..words import ThingKind
from .history import history
from .past import PastOrg
from .premises import answers_for, in_place, valid
from .provenance import provenance


@node(models.Thing, "A facility or a device. 设施设备。", order=("name",))
class Thing:
    """A thing and where it stands."""

    org = relation("Where it stands. 所在组织。", "OrgNode")
    premises = relation("In which premises. 所在房屋。", "Premises")
    kind = column("What it is. 类型。", type=ThingKind)
    code = column("Its code, one per kind. 编号。")
    name = column("Name. 名称。", orderable=True)
    attributes = column("What its kind describes further. 属性。", filterable=False)
    micro_grid = relation("The micro-grid that answers for it. 责任微网格。", "OrgNode", resolve=answers_for)
    valid_from = column("From; null means since ever. 起始时间。")
    valid_to = column("Until, exclusive. 终止时间。")
    provenance = provenance()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    history = history()


@strawberry.type(description="A kind of facility or device. 设施设备类型说明。")
class ThingKindInfo:
    """What a kind is."""

    code: ThingKind = strawberry.field(description="The kind. 类型。")
    title: str = strawberry.field(description="In the caller's language. 名称。")
    plugin: str = strawberry.field(description="Who registered it. 来源插件。")
    attributes_schema: JSON = strawberry.field(description="JSON Schema of its attributes. 属性定义。")


def thing_kinds(_root: Any, info: Info) -> list[ThingKindInfo]:
    """What the district registers."""
    chinese = info.context.language == "zh-CN"
    return [
        ThingKindInfo(
            code=kind.code,  # type: ignore[arg-type]
            title=kind.title_zh if chinese else kind.title_en,
            plugin=kind.plugin,
            attributes_schema=JSON(kind.attributes.model_json_schema()),
        )
        for kind in info.context.district.thing_kinds.by_code.values()
    ]


def all_things(_root: Any, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """All things that the viewer sees."""
    return Page(info.context, Node.registry["Thing"], valid(as_of), wide=True, **given)


async def things_of_org(row: OrgModel | PastOrg, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """The things of an organisation and all beneath."""
    return Page(info.context, Node.registry["Thing"], await in_place(row, info, as_of), wide=True, **given)
