"""Organisations and relations in GraphQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core.graph import models, points, queries
from linli.core.graph.credit_units import ids_by_credit_code
from linli.core.graph.paths import DEEPEST
from linli.core.graph.points import Crs
from linli.core.graph.spans import valid_at, valid_now

from ..context import Context, Info
from ..declare import column, computed, listed, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..declare.sizes import Fixed
from ..enums import enum
from ..scalars import JSON, GeoJSON
from ..words import OrgKind, RelationKind
from . import past
from .boundaries import boundary_of
from .history import history_of
from .past import PastOrg, PastPage

enum(
    "Geodetic datum. 坐标系。",
    WGS84="GPS. GPS 坐标。",
    CGCS2000="China's national datum. 国家大地坐标系。",
    GCJ02="Shifted, as maps show it. 火星坐标。",
    BD09="Shifted once more by Baidu. 百度坐标。",
)(Crs)


@strawberry.type(description="A point on the ground. 坐标点。")
class Point:
    """Longitude, latitude in degrees, and their datum."""

    lon: float = strawberry.field(description="Longitude in degrees. 经度。")
    lat: float = strawberry.field(description="Latitude in degrees. 纬度。")
    crs: Crs = strawberry.field(description="The datum. 坐标系。")


@enum(
    "Which end of a relation this is. 关系方向。",
    OUT="From here. 由此出发。",
    IN="To here. 指向此处。",
    BOTH="Either. 双向。",
)
class RelationDirection(StrEnum):
    """Seen from one node."""

    OUT = "OUT"
    IN = "IN"
    BOTH = "BOTH"


Org = models.OrgNode | PastOrg


async def _parent(row: Org, info: Info) -> Org | None:
    if isinstance(row, PastOrg):
        return await past.parent(info.context, row)
    load = info.context.loaders.by_id(models.OrgNode).load
    return None if row.parent_id is None else await load(row.parent_id)


async def _ancestors(row: Org, info: Info) -> Sequence[Org]:
    if isinstance(row, PastOrg):
        return await past.seen(info.context, await queries.ancestors_as_of(row.id, row.at), row.at)
    context = info.context
    found: Sequence[Org] = await context.loaders.all(
        models.OrgNode, Q(context.sees(models.OrgNode), context.above(row)), "depth"
    )
    return found


async def _children(row: Org, info: Info, **given: Any) -> Page | PastPage:
    if isinstance(row, PastOrg):
        found = await queries.children_as_of(row.id, row.at)
        return PastPage(info.context, await past.seen(info.context, found, row.at), **given)
    return Page(info.context, Node.registry["OrgNode"], Q(Q(parent_id=row.id), valid_now()), **given)


async def _descendants(row: Org, info: Info, **given: Any) -> Page | PastPage:
    if isinstance(row, PastOrg):
        found = await queries.descendants_as_of(row.id, row.at)
        return PastPage(info.context, await past.seen(info.context, found, row.at), **given)
    within, seen = Q(info.context.beneath(row), valid_now()), info.context.sees_beneath(row)
    return Page(info.context, Node.registry["OrgNode"], within, seen=seen, wide=True, **given)


def _relations(
    row: Org,
    info: Info,
    kind: str | None = None,
    direction: RelationDirection | None = None,
    **given: Any,
) -> Page:
    ends = {
        "OUT": Q(source_id=row.id),
        "IN": Q(target_id=row.id),
        "BOTH": Q(source_id=row.id) | Q(target_id=row.id),
    }
    valid = valid_at(row.at) if isinstance(row, PastOrg) else valid_now()
    within = Q(ends[direction or RelationDirection.BOTH], valid)
    if kind is not None:
        within = Q(within, Q(kind=str(kind)))
    return Page(info.context, Node.registry["OrgRelation"], within, **given)


def _posts(row: Org, info: Info, **given: Any) -> Page:
    valid = valid_at(row.at) if isinstance(row, PastOrg) else valid_now()
    return Page(info.context, Node.registry["Post"], Q(Q(org_id=row.id), valid), **given)


async def _location(row: Org, info: Info, crs: Crs | None = None) -> Point | None:
    if row.longitude is None or row.latitude is None:
        return None
    if not await info.context.shows(models.OrgNode, row, "longitude"):
        return None
    shown = points.shown(row.longitude, row.latitude, crs or Crs.CGCS2000)
    return Point(lon=shown.lon, lat=shown.lat, crs=shown.crs)


@node(
    models.OrgNode,
    "An organisation: division, party organisation, unit, compound. 组织。",
    order=("name_key",),
    also=(PastOrg,),
)
class OrgNode:
    """A node of the organisation graph."""

    kind = column("What it is. 类型。", type=OrgKind, orderable=True)
    code = column("National or extended code, unique per kind. 代码。", orderable=True)
    name = column("Name in the district's language. 名称。", orderable=True)
    depth = column("How many levels beneath the root. 层级。", orderable=True)
    parent = relation("The node above. 上级。", "OrgNode", resolve=_parent)
    ancestors = listed("All nodes above, the highest first. 全部上级。", "OrgNode", _ancestors, size=Fixed(DEEPEST))
    children = page("The nodes right beneath. 下级。", "OrgNode", _children)
    descendants = page("All nodes beneath. 全部下级。", "OrgNode", _descendants)
    relations = page(
        "Relations that are valid now. 关系。",
        "OrgRelation",
        _relations,
        kind=(Optional[RelationKind], "Only of this kind. 关系类型。"),
        direction=(Optional[RelationDirection], "Which end this node is. 方向。"),
    )
    posts = page("Posts held here now. 任职。", "Post", _posts)
    history = page("What happened to it, in order. 变更历史。", "Event", history_of)
    attributes = column("What its kind describes further. 属性。", filterable=False)
    location = computed(
        "Where it is. 位置。", _location, Optional[Point], crs=(Optional[Crs], "In which datum. 坐标系。")
    )
    boundary = computed(
        "The outline of its place; all those of one operation have 200,000 corners at most. 边界。",
        boundary_of,
        Optional[GeoJSON],
        crs=(Optional[Crs], "In which datum. 坐标系。"),
    )
    valid_from = column("Valid from; null means since ever. 生效时间。")
    valid_to = column("Valid until, exclusive. 失效时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    updated_at = column("When it last changed. 更新时间。", orderable=True)


@node(models.OrgRelation, "A relation between two organisations. 组织关系。", order=("created_at",))
class OrgRelation:
    """A typed, directed, dated relation."""

    kind = column("What joins them. 关系类型。", type=RelationKind)
    source = relation("From. 起点。", "OrgNode")
    target = relation("To. 终点。", "OrgNode")
    attributes = column("What describes it further. 属性。", filterable=False)
    valid_from = column("Valid from; null means since ever. 生效时间。")
    valid_to = column("Valid until, exclusive. 失效时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)


@strawberry.type(description="A kind of organisation. 组织类型说明。")
class OrgKindInfo:
    """What a kind is and where it may stand."""

    code: OrgKind = strawberry.field(description="The kind. 类型。")
    title: str = strawberry.field(description="In the caller's language. 名称。")
    plugin: str = strawberry.field(description="Who registered it. 来源插件。")
    attributes_schema: JSON = strawberry.field(description="JSON Schema of its attributes. 属性定义。")
    allowed_parents: list[OrgKind] = strawberry.field(description="Under what it may stand. 允许的上级。")


async def find_org(
    context: Context, id_: str | None, code: str | None, kind: str | None, as_of: datetime | None
) -> Org | None:
    """One organisation by id or by code; of several with one code the highest."""
    if as_of is not None:
        return await _past_org(context, id_, code, kind, as_of)
    if id_ is not None:
        wanted = context.local_id(id_, "OrgNode")
        return None if wanted is None else await context.loaders.by_id(models.OrgNode).load(wanted)
    within = Q(context.sees(models.OrgNode), Q(code=code), valid_now())
    if kind is not None:
        within = Q(within, Q(kind=str(kind)))
    found: models.OrgNode | None = await context.loaders.first(models.OrgNode, within, "depth", "id")
    return found


async def org_by_credit_code(context: Context, credit_code: str, as_of: datetime | None) -> Org | None:
    """The unit that has a credit code today, where the viewer sees the code too."""
    for id_ in await ids_by_credit_code(credit_code):
        found: models.OrgNode | None = await context.loaders.by_id(models.OrgNode).load(id_)
        if found is not None and await context.shows(models.OrgNode, found, "attributes"):
            return found if as_of is None else await past.one(context, await queries.node_as_of(id_, as_of), as_of)
    return None


async def _past_org(
    context: Context, id_: str | None, code: str | None, kind: str | None, as_of: datetime
) -> PastOrg | None:
    if id_ is not None:
        wanted = context.local_id(id_, "OrgNode")
        found = None if wanted is None else await queries.node_as_of(wanted, as_of)
    else:
        kinds = tuple(context.district.kinds.orgs) if kind is None else (str(kind),)
        found = await queries.org_by_code_as_of(code or "", kinds, as_of)
    return await past.one(context, found, as_of)


async def past_orgs(context: Context, as_of: datetime, **given: Any) -> PastPage:
    """All organisations that were valid at an instant, the root first, then level by level."""
    rows: list[queries.OrgAt] = []
    for root in await models.OrgNode.filter(parent_id=None).order_by("id"):
        then = await queries.node_as_of(root.id, as_of)
        if then is not None:
            rows += [then, *await queries.descendants_as_of(root.id, as_of)]
    return PastPage(context, await past.seen(context, rows, as_of), **given)
