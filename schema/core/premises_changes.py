"""Mutations of premises and of who holds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from linli.core.access.searches import Search, tell
from linli.core.errors import invalid
from linli.core.graph.models import OrgNode
from linli.core.people.entering import known_or_entered
from linli.core.people.models import Person
from linli.core.records.provenance import Stated
from linli.core.registry import areas, models, tenures
from linli.core.registry import premises as services
from linli.core.registry.words import AreaBasis, PremisesUse, TenureKind

from ..context import Context, Info
from ..contributions import fields
from ..inputs import UNSET, MutationInput, given, optional, required, value
from ..mutations import mutation
from .lookups import node_for, seen, some
from .org_changes import client_id, or_keep
from .premises import Premises, Tenure
from .provenance import SourceInput, source_input, stated

WRITE = models.WRITE


async def premises_for(context: Context, given_id: str, argument: str) -> models.Premises:
    """The premises that an id names, where the viewer may write."""
    premises = await seen(context, models.Premises, given_id, argument)
    context.viewer.require(WRITE, (await OrgNode.get(id=premises.org_id)).path)
    return premises


async def micro_grid_of(context: Context, source: Any) -> Any:
    """The micro-grid that an input names; KEEP where it says nothing."""
    named = source.micro_grid_id
    if named is UNSET or named is None:
        return or_keep(named)
    return await seen(context, OrgNode, named, "microGridId")


def _area(written: Decimal | None) -> int | None:
    if written is None:
        return None
    found = areas.hundredths(format(written, "f"))
    if found is None:
        raise invalid("area", "AREA_SHAPE", "An area is a number such as 98.50, with two places at most")
    return found


def _columns(source: Any) -> dict[str, Any]:
    """The columns that were given; what cannot be absent is not taken away."""
    columns = given(source, "unit", "floor", "number", "area_basis", "use", "address")
    for name in ("number", "use"):
        if name in columns:
            some(columns[name], name)
    return columns | ({} if source.area is UNSET else {"area": _area(source.area)})


@strawberry.input(description="What is known of premises. 房屋信息。")
class PremisesInput(MutationInput):
    """The values of premises."""

    unit: str | None = optional("Entrance; left out where there is none. 单元。")
    floor: int | None = optional("Floor, from -20 to 200. 楼层。")
    area: Decimal | None = optional("Exclusive area in square metres, two places at most. 专有面积（平方米）。")
    area_basis: AreaBasis | None = optional("What the area is known from. 面积依据。")
    address: str | None = optional("Standard address, kept encrypted. 标准地址。")
    micro_grid_id: strawberry.ID | None = optional(
        "The micro-grid that answers for it; a grid where the community has none. 责任微网格。"
    )
    source: SourceInput | None = source_input()


@strawberry.input(description="New premises. 新增房屋。")
class CreatePremisesInput(PremisesInput):
    """Where they stand, and what they are."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    org_id: strawberry.ID = required("The building, compound or community. 所在楼栋、小区或社区。")
    number: str = required("Number of the room. 房号。")
    use: PremisesUse = required("What they are for. 用途。")
    valid_from: datetime | None = optional("Since when; now where not said, null for since ever. 起始时间。")


@mutation("Enter premises. 新增房屋。", Premises, permission=WRITE)
async def create_premises(info: Info, input: CreatePremisesInput) -> models.Premises:  # noqa: A002
    """Enter them where the viewer may; the micro-grid is that of the compound where nothing is said."""
    place = await node_for(info.context, input.org_id, "orgId", WRITE)
    micro_grid = await micro_grid_of(info.context, input)
    return await services.create_premises(
        place,
        premises_id=client_id(input.id),
        valid_from=or_keep(input.valid_from),
        micro_grid=micro_grid,
        stated=stated(input.source),
        **_columns(input),
    )


@strawberry.input(description="What is corrected of premises. 房屋信息更正。")
class UpdatePremisesInput(PremisesInput):
    """What is given changes."""

    id: strawberry.ID = required("Which. 标识。")
    number: str | None = optional("Number of the room. 房号。")
    use: PremisesUse | None = optional("What they are for. 用途。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Correct what is known of premises. 更正房屋信息。", Premises, permission=WRITE)
async def update_premises(info: Info, input: UpdatePremisesInput) -> models.Premises:  # noqa: A002
    """Change what is given."""
    premises = await premises_for(info.context, input.id, "id")
    return await services.update_premises(
        premises.id,
        expected_version=value(input.expected_version),
        micro_grid=await micro_grid_of(info.context, input),
        stated=stated(input.source),
        **_columns(input),
    )


@strawberry.input(description="Which premises are no more. 房屋灭失。")
class EndPremisesInput(MutationInput):
    """Which, and when."""

    id: strawberry.ID = required("Which. 标识。")
    at: datetime | None = optional("When; now where not said, never in the future. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End premises that are no more. 注销房屋。", Premises, permission=WRITE)
async def end_premises(info: Info, input: EndPremisesInput) -> models.Premises:  # noqa: A002
    """End them when nobody holds them and nobody lives there."""
    premises = await premises_for(info.context, input.id, "id")
    return await services.end_premises(premises.id, at=value(input.at), expected_version=value(input.expected_version))


@strawberry.input(description="A share, an exact fraction. 产权份额。")
class ShareInput:
    """1/2 is half of it."""

    numerator: int = required("Above the line, 1 at least. 分子。")
    denominator: int = required("Below the line, 1,000,000 at most. 分母。")


def _share(named: Any) -> Any:
    return or_keep(named) if named in (None, UNSET) else (named.numerator, named.denominator)


@strawberry.input(description="Somebody who holds premises and may live elsewhere. 权利人信息（可居住在外）。")
class TenureHolderInput:
    """By what the person is known or entered; found by an id number with that very name, else entered anew."""

    name: str = required("Name. 姓名。")
    id_number: str | None = optional("Citizen id; whoever has it already must have this name. 公民身份号码。")
    phone: str | None = optional("Phone, of somebody who is entered anew. 电话。")


@strawberry.input(description="Who holds premises. 新增权属或居住关系。")
class CreateTenureInput(MutationInput):
    """Which premises, who, and how."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    premises_id: strawberry.ID = required("Which premises. 房屋。")
    person_id: strawberry.ID | None = optional("Who; either a person, a holder, or an organisation. 人员。")
    holder: TenureHolderInput | None = optional(
        "Who, where the viewer does not see the person: by name and id number. That one was known is recorded. 权利人。"
    )
    org_id: strawberry.ID | None = optional("Which organisation. 单位。")
    kind: TenureKind = required("How. 类型。")
    share: ShareInput | None = optional(
        "Of an owner, the whole where not said; of a co-owner, null for joint owners. 份额。"
    )
    evidence: str | None = optional("What shows it. 凭证。")
    valid_from: datetime | None = optional("From; now where not said, null for since ever. 起始时间。")
    valid_to: datetime | None = optional("Until, exclusive. 终止时间。")
    source: SourceInput | None = source_input()


async def _holder(context: Context, source: CreateTenureInput) -> Person | OrgNode:
    person_id, org_id, holder = value(source.person_id), value(source.org_id), value(source.holder)
    if sum(one is not None for one in (person_id, org_id, holder)) != 1:
        raise invalid("personId", "PERSON_OR_ORG", "Give either a person or an organisation")
    if holder is not None:
        return await _known_or_entered(context, holder, stated(source.source))
    if person_id is not None:
        return await seen(context, Person, person_id, "personId")
    return await seen(context, OrgNode, str(org_id), "orgId")


async def _known_or_entered(context: Context, holder: TenureHolderInput, source: Stated) -> Person:
    """Who was known by the number is told of as a search: the viewer learns that somebody is registered."""
    numbers = value(holder.id_number), value(holder.phone)
    person, known = await known_or_entered("holder", holder.name, *numbers, source)
    if known:
        account_id = context.viewer.account_id
        assert account_id is not None, "a mutation is an account's"
        one = frozenset({None})  # stands for the number, of which nothing is told
        await tell([Search("Person", "idNumber", "createTenure", one, context.viewer.subtrees(WRITE))], account_id)
    return person


@mutation("Enter who owns or uses premises. 登记权属或居住关系。", Tenure, permission=WRITE)
async def create_tenure(info: Info, input: CreateTenureInput) -> models.Tenure:  # noqa: A002
    """Enter it; owners never hold more than the whole."""
    premises = await premises_for(info.context, input.premises_id, "premisesId")
    holder = await _holder(info.context, input)
    return await tenures.create_tenure(
        premises.id,
        holder,
        kind=input.kind.value,
        share=_share(input.share),
        evidence=value(input.evidence),
        valid_from=or_keep(input.valid_from),
        valid_to=value(input.valid_to),
        tenure_id=client_id(input.id),
        stated=stated(input.source),
    )


@strawberry.input(description="What is corrected of a tenure. 权属或居住关系更正。")
class UpdateTenureInput(MutationInput):
    """What is given changes."""

    id: strawberry.ID = required("Which. 标识。")
    kind: TenureKind | None = optional("How. 类型。")
    share: ShareInput | None = optional("How much; null takes it away. 份额。")
    evidence: str | None = optional("What shows it. 凭证。")
    valid_from: datetime | None = optional("From; null means since ever. 起始时间。")
    valid_to: datetime | None = optional("Until, exclusive; null takes it away. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")
    source: SourceInput | None = source_input()


async def _tenure(context: Context, id_: str) -> models.Tenure:
    tenure = await seen(context, models.Tenure, id_, "id")
    premises = await models.Premises.get(id=tenure.premises_id)
    context.viewer.require(WRITE, (await OrgNode.get(id=premises.org_id)).path)
    return tenure


@mutation("Correct who holds premises, or how. 更正权属或居住关系。", Tenure, permission=WRITE)
async def update_tenure(info: Info, input: UpdateTenureInput) -> models.Tenure:  # noqa: A002
    """Change what is given."""
    tenure = await _tenure(info.context, input.id)
    columns: Mapping[str, Any] = given(input, "evidence", "valid_from", "valid_to")
    kind = {} if input.kind is UNSET else {"kind": some(input.kind, "kind").value}
    share = {} if input.share is UNSET else {"share": _share(input.share)}
    version = value(input.expected_version)
    return await tenures.update_tenure(
        tenure, expected_version=version, stated=stated(input.source), **columns, **kind, **share
    )


@strawberry.input(description="Which tenure ends. 终止权属或居住关系。")
class EndTenureInput(MutationInput):
    """Which, and when."""

    id: strawberry.ID = required("Which. 标识。")
    at: datetime | None = optional("When; now where not said. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End a tenure: sold, moved out. 终止权属或居住关系。", Tenure, permission=WRITE)
async def end_tenure(info: Info, input: EndTenureInput) -> models.Tenure:  # noqa: A002
    """End it where the viewer may."""
    tenure = await _tenure(info.context, input.id)
    return await tenures.end_tenure(tenure, value(input.at), value(input.expected_version))


@fields("Changes of premises and of who holds them. 房屋与权属变更。")
class PremisesMutation:
    """What can be done to premises and tenures."""

    create_premises = create_premises
    update_premises = update_premises
    end_premises = end_premises
    create_tenure = create_tenure
    update_tenure = update_tenure
    end_tenure = end_tenure
