"""Mutations of organisations and relations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from linli.core.errors import invalid
from linli.core.graph import models, points, services
from linli.core.graph.core_kinds import CO_BUILDS, SUCCEEDED_BY
from linli.core.graph.points import Crs
from linli.core.graph.unset import UNSET as KEEP
from linli.core.people.services import end_posts_at
from linli.core.registry.premises import check_place_empty

from ..context import Info
from ..contributions import fields
from ..errors import OverlappingError
from ..inputs import UNSET, MutationInput, optional, required, value
from ..mutations import mutation
from ..scalars import JSON
from ..words import OrgKind, RelationKind
from .lookups import node_for, seen
from .organisations import OrgNode, OrgRelation

WRITE = "core.org.write"


@strawberry.input(description="A point as it was taken. 坐标。")
class PointInput:
    """Degrees and their datum."""

    lon: float = required("Longitude in degrees. 经度。")
    lat: float = required("Latitude in degrees. 纬度。")
    crs: Crs | None = optional("The datum; CGCS2000 where not said. 坐标系。")


def client_id(given: Any) -> UUID | None:
    """The bare UUIDv7 that a client made for a new record."""
    if given in (None, UNSET):
        return None
    try:
        made = UUID(given)
    except ValueError:
        raise invalid("id", "INVALID_ID", "A new record's id is a bare UUIDv7") from None
    if made.version != 7:  # noqa: PLR2004  the version of RFC 9562 that sorts by time
        raise invalid("id", "INVALID_ID", "A new record's id is a bare UUIDv7")
    return made


def point_of(given: PointInput) -> points.Point:
    """A point that was given."""
    return points.Point(given.lon, given.lat, value(given.crs) or Crs.CGCS2000)


def _location(given: Any) -> Any:
    if given is UNSET:
        return KEEP
    return None if given is None else point_of(given)


def object_of(given: Any) -> dict[str, Any] | None:
    """Attributes that were given, as an object; the kind's model checks what is in it."""
    if given in (None, UNSET):
        return None
    if not isinstance(given, dict):
        raise invalid("attributes", "NOT_AN_OBJECT", "An object is expected")
    return given


def or_keep(given: Any) -> Any:
    """What services take for "not given" in the place of what inputs take for it."""
    return KEEP if given is UNSET else given


@strawberry.input(description="A new organisation. 新组织。")
class CreateOrgInput(MutationInput):
    """What it is and where it stands."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    kind: OrgKind = required("What it is. 类型。")
    code: str | None = optional("National or extended code. 代码。")
    name: str = required("Name. 名称。")
    parent_id: strawberry.ID = required("Under what. 上级。")
    attributes: JSON | None = optional("What its kind describes further. 属性。")
    location: PointInput | None = optional("Where it is. 位置。")
    valid_from: datetime | None = optional("Since when; now where not said, null for since ever. 生效时间。")


@mutation("Create an organisation. 新建组织。", OrgNode, permission=WRITE)
async def create_org(info: Info, input: CreateOrgInput) -> models.OrgNode:  # noqa: A002
    """Create it under a parent where the viewer may."""
    parent = await node_for(info.context, input.parent_id, "parentId", WRITE)
    return await services.create_org(
        info.context.district.kinds,
        kind=str(input.kind),
        name=input.name,
        parent_id=parent.id,
        code=value(input.code),
        attributes=object_of(input.attributes),
        location=None if input.location in (None, UNSET) else _location(input.location),
        valid_from=or_keep(input.valid_from),
        org_id=client_id(input.id),
    )


@strawberry.input(description="What changes of an organisation. 组织变更。")
class UpdateOrgInput(MutationInput):
    """What is given changes; attributes as a whole."""

    id: strawberry.ID = required("Which. 标识。")
    name: str | None = optional("New name. 名称。")
    code: str | None = optional("New code; null takes it away. 代码。")
    attributes: JSON | None = optional("All attributes anew. 属性。")
    location: PointInput | None = optional("Where it is; null takes it away. 位置。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Change what an organisation is called and how it is described. 修改组织。", OrgNode, permission=WRITE)
async def update_org(info: Info, input: UpdateOrgInput) -> models.OrgNode:  # noqa: A002
    """Change what is given and keep the history."""
    node = await node_for(info.context, input.id, "id", WRITE)
    return await services.update_org(
        info.context.district.kinds,
        node.id,
        name=KEEP if input.name in (None, UNSET) else input.name,
        code=or_keep(input.code),
        attributes=KEEP if (found := object_of(input.attributes)) is None else found,
        location=_location(input.location),
        expected_version=value(input.expected_version),
    )


@strawberry.input(description="Where an organisation moves. 组织调整。")
class MoveOrgInput(MutationInput):
    """Which, and under what."""

    id: strawberry.ID = required("Which. 标识。")
    parent_id: strawberry.ID = required("Under what. 新上级。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Put an organisation under another parent. 调整隶属。", OrgNode, permission=WRITE)
async def move_org(info: Info, input: MoveOrgInput) -> models.OrgNode:  # noqa: A002
    """Move it with everything beneath."""
    node = await node_for(info.context, input.id, "id", WRITE)
    parent = await node_for(info.context, input.parent_id, "parentId", WRITE)
    kinds = info.context.district.kinds
    return await services.move_org(kinds, node.id, parent.id, expected_version=value(input.expected_version))


@strawberry.input(description="Which organisation ends. 组织撤销。")
class EndOrgInput(MutationInput):
    """Which."""

    id: strawberry.ID = required("Which. 标识。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End an organisation and the posts there; its history stays. 撤销组织及其任职。", OrgNode, permission=WRITE)
async def end_org(info: Info, input: EndOrgInput) -> models.OrgNode:  # noqa: A002
    """End its validity now, and with it the posts at it."""
    node = await node_for(info.context, input.id, "id", WRITE)
    kinds = info.context.district.kinds
    await check_place_empty(node)
    ended = await services.end_org(kinds, node.id, expected_version=value(input.expected_version))
    assert ended.valid_to is not None, "it has just ended"
    await end_posts_at([ended.id], ended.valid_to)
    return ended


@strawberry.input(description="A new relation. 新关系。")
class CreateRelationInput(MutationInput):
    """What joins which two."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    kind: RelationKind = required("What joins them. 关系类型。")
    source_id: strawberry.ID = required("From. 起点。")
    target_id: strawberry.ID = required("To. 终点。")
    valid_from: datetime | None = optional("Since when; now where not said, null for since ever. 生效时间。")
    valid_to: datetime | None = optional("Until when, exclusive. 失效时间。")
    attributes: JSON | None = optional("What describes it further. 属性。")


@mutation("Relate two organisations. 建立关系。", OrgRelation, OverlappingError, permission=WRITE)
async def create_relation(info: Info, input: CreateRelationInput) -> models.OrgRelation:  # noqa: A002
    """Relate them where the viewer may change the source."""
    source = await node_for(info.context, input.source_id, "sourceId", WRITE)
    target = await seen(info.context, models.OrgNode, input.target_id, "targetId")
    # an agreement opens the venues of both ends, and a successor's grants count for the predecessor: both are one's own
    if str(input.kind) in (CO_BUILDS, SUCCEEDED_BY):
        info.context.viewer.require(WRITE, target.path)
    return await services.create_relation(
        info.context.district.kinds,
        kind=str(input.kind),
        source_id=source.id,
        target_id=target.id,
        valid_from=or_keep(input.valid_from),
        valid_to=value(input.valid_to),
        attributes=object_of(input.attributes),
        relation_id=client_id(input.id),
    )


@strawberry.input(description="Which relation ends. 终止关系。")
class EndRelationInput(MutationInput):
    """Which, and when."""

    id: strawberry.ID = required("Which. 标识。")
    at: datetime | None = optional("When; now where not said. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End a relation; its history stays. 终止关系。", OrgRelation, permission=WRITE)
async def end_relation(info: Info, input: EndRelationInput) -> models.OrgRelation:  # noqa: A002
    """End it where the viewer may change the source."""
    relation = await seen(info.context, models.OrgRelation, input.id, "id")
    source = await models.OrgNode.get(id=relation.source_id)
    info.context.viewer.require(WRITE, source.path)
    return await services.end_relation(
        info.context.district.kinds,
        relation.id,
        at=KEEP if input.at in (None, UNSET) else input.at,
        expected_version=value(input.expected_version),
    )


@fields("Changes of organisations. 组织变更。")
class OrgMutation:
    """What can be done to organisations."""

    create_org = create_org
    update_org = update_org
    move_org = move_org
    end_org = end_org
    create_relation = create_relation
    end_relation = end_relation
