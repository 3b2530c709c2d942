"""Mutations of facilities and devices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from linli.core.graph.models import OrgNode
from linli.core.registry import models
from linli.core.registry import things as services

from ..context import Context, Info
from ..contributions import fields
from ..inputs import UNSET, MutationInput, given, optional, required, value
from ..mutations import mutation
from ..scalars import JSON
from ..words import ThingKind
from .lookups import node_for, seen, some
from .org_changes import client_id, object_of, or_keep
from .premises_changes import micro_grid_of
from .provenance import SourceInput, source_input, stated
from .things import Thing

WRITE = models.WRITE


@strawberry.input(description="What is known of a thing. 设施设备信息。")
class ThingInput(MutationInput):
    """The values of a thing."""

    code: str | None = optional("Its code, one per kind. 编号。")
    attributes: JSON | None = optional("What its kind describes further, as a whole. 属性。")
    premises_id: strawberry.ID | None = optional("In which premises. 所在房屋。")
    micro_grid_id: strawberry.ID | None = optional(
        "The micro-grid that answers for it; a grid where the community has none. 责任微网格。"
    )
    source: SourceInput | None = source_input()


@strawberry.input(description="A new thing. 新增设施设备。")
class CreateThingInput(ThingInput):
    """Where it stands, and what it is."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    org_id: strawberry.ID = required("Where it stands. 所在组织。")
    kind: ThingKind = required("What it is. 类型。")
    name: str = required("Name. 名称。")
    valid_from: datetime | None = optional("From; now where not said, null for since ever. 起始时间。")


async def _premises(context: Context, named: Any) -> Any:
    if named is UNSET or named is None:
        return or_keep(named)
    return await seen(context, models.Premises, named, "premisesId")


@mutation("Enter a facility or a device. 新增设施设备。", Thing, permission=WRITE)
async def create_thing(info: Info, input: CreateThingInput) -> models.Thing:  # noqa: A002
    """Enter it where the viewer may."""
    place = await node_for(info.context, input.org_id, "orgId", WRITE)
    premises = await _premises(info.context, input.premises_id)
    return await services.create_thing(
        info.context.district.thing_kinds,
        place,
        kind=str(input.kind),
        name=input.name,
        code=value(input.code),
        attributes=object_of(input.attributes),
        premises=premises if isinstance(premises, models.Premises) else None,
        micro_grid=await micro_grid_of(info.context, input),
        valid_from=or_keep(input.valid_from),
        thing_id=client_id(input.id),
        stated=stated(input.source),
    )


async def thing_for(context: Context, given_id: str, argument: str) -> models.Thing:
    """The thing that an id names, where the viewer may write."""
    thing = await seen(context, models.Thing, given_id, argument)
    context.viewer.require(WRITE, (await OrgNode.get(id=thing.org_id)).path)
    return thing


@strawberry.input(description="What is corrected of a thing. 设施设备更正。")
class UpdateThingInput(ThingInput):
    """What is given changes."""

    id: strawberry.ID = required("Which. 标识。")
    name: str | None = optional("Name. 名称。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Correct what is known of a thing. 更正设施设备信息。", Thing, permission=WRITE)
async def update_thing(info: Info, input: UpdateThingInput) -> models.Thing:  # noqa: A002
    """Change what is given."""
    thing = await thing_for(info.context, input.id, "id")
    columns = given(input, "code", "name")
    if "name" in columns:
        some(columns["name"], "name")
    if input.attributes is not UNSET:
        columns["attributes"] = object_of(input.attributes) or {}
    return await services.update_thing(
        info.context.district.thing_kinds,
        thing,
        expected_version=value(input.expected_version),
        micro_grid=await micro_grid_of(info.context, input),
        premises=await _premises(info.context, input.premises_id),
        stated=stated(input.source),
        **columns,
    )


@strawberry.input(description="Which thing is no more. 停用设施设备。")
class EndThingInput(MutationInput):
    """Which, and when."""

    id: strawberry.ID = required("Which. 标识。")
    at: datetime | None = optional("When; now where not said. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End a thing that is no more. 停用设施设备。", Thing, permission=WRITE)
async def end_thing(info: Info, input: EndThingInput) -> models.Thing:  # noqa: A002
    """End it where the viewer may."""
    thing = await thing_for(info.context, input.id, "id")
    return await services.end_thing(thing, value(input.at), value(input.expected_version))


@fields("Changes of facilities and devices. 设施设备变更。")
class ThingMutation:
    """What can be done to things."""

    create_thing = create_thing
    update_thing = update_thing
    end_thing = end_thing
