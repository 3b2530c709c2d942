"""In-service party members in GraphQL: derived, for who may see party status in full; each look is recorded."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core.graph.models import OrgNode as OrgModel
from linli.core.people import in_service as derived
from linli.core.people.in_service import MEMBERS, InService
from linli.core.people.models import Person as PersonModel
from linli.core.records.conditions import where

from ..context import Context, Info
from ..contributions import fields
from ..declare import computed, page, personal
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum
from .organisations import OrgNode
from .people import REVEAL, holds


@enum(
    "By what in-service party members are looked for. 在职党员查询方式。",
    UNIT="By the unit that employs them. 按工作单位。",
    RESIDENCE="By where they live. 按居住社区。",
    WORKPLACE="By the community of their unit. 按工作单位所在社区。",
)
class InServiceBy(StrEnum):
    """The three places of an in-service member."""

    UNIT = "UNIT"
    RESIDENCE = "RESIDENCE"
    WORKPLACE = "WORKPLACE"


@strawberry.type(description="Where an in-service party member works and lives. 在职党员。")
class InServiceMember:
    """The unit and both communities, each null where there is none or the viewer may not see it."""

    unit: OrgNode | None = strawberry.field(description="Who employs them. 工作单位。")
    residence_community: OrgNode | None = strawberry.field(description="Where they live. 居住社区。")
    workplace_community: OrgNode | None = strawberry.field(description="Where the unit stands. 工作单位所在社区。")


def _searches(context: Context) -> Any:
    return personal.searches(context, Node.registry["Person"], "party_status", {"in": list(MEMBERS)})


async def _own(_context: Context, people: list[PersonModel]) -> list[InService | None]:
    found = await derived.in_service(people)
    return [found.get(person.id) for person in people]


async def _revealed(context: Context, people: list[PersonModel]) -> list[InService | None]:
    """Those of others: that somebody looked is kept first, as one event for all of them."""
    await context.loaders.recorded(_searches(context))
    return await _own(context, people)


async def _member(row: PersonModel, info: Info) -> InServiceMember | None:
    context, own = info.context, info.context.viewer.owns(row.id)
    if not own and not await holds(info, REVEAL, row):
        return None
    found = await context.loaders.of(_own if own else _revealed).load(row)
    if found is None:
        return None
    load = context.loaders.by_id(OrgModel).load
    ids = (found.unit_id, found.residence_id, found.workplace_id)
    unit, residence, workplace = [None if id_ is None else await load(id_) for id_ in ids]
    return InServiceMember(unit=unit, residence_community=residence, workplace_community=workplace)


async def _members(
    _root: Any, info: Info, under: str | None = None, by: InServiceBy | None = None, **given: Any
) -> Page:
    """Nobody for viewers who may reveal nowhere, and beneath a place that they do not see."""
    context = info.context
    within = context.district.sight.holding(PersonModel, context.viewer, [REVEAL])
    node = await _place(context, under)
    if within is None or node is None:
        return Page(context, Node.registry["Person"], where("id__in", []), **given)
    await context.loaders.recorded(_searches(context))
    there = await _beneath(by or InServiceBy.RESIDENCE, node.path)
    return Page(context, Node.registry["Person"], Q(derived.members(), within, there), **given)


async def _place(context: Context, under: str | None) -> OrgModel | None:
    if under is None:
        return await OrgModel.get_or_none(parent_id=None, valid_to=None)
    wanted = context.local_id(under, "OrgNode")
    found: OrgModel | None = None if wanted is None else await context.loaders.by_id(OrgModel).load(wanted)
    return found


async def _beneath(by: InServiceBy, path: str) -> Q:
    if by is InServiceBy.RESIDENCE:
        return await derived.living_beneath(path)
    return await (derived.employed_beneath(path) if by is InServiceBy.UNIT else derived.working_beneath(path))


@fields("Whether a person is an in-service party member. 在职党员。")
class PersonInService:
    """What `Person` gets."""

    in_service_member = computed(
        "Where an in-service party member works and lives; null for others, and for who may not see the party status in"
        " full there. Each look is recorded. 在职党员（留痕）。",
        _member,
        Optional[InServiceMember],
        recorded=True,
    )


@fields("In-service party members. 在职党员。")
class InServiceQuery:
    """What `Query` gets."""

    in_service_members = page(
        "In-service party members whose party status the viewer may see in full; recorded. 在职党员列表（留痕）。",
        "Person",
        _members,
        under=(Optional[strawberry.ID], "Beneath which organisation; the root where not said. 所属组织。"),
        by=(Optional[InServiceBy], "By what; RESIDENCE where not said. 查询方式。"),
    )
