"""Mutations of households and their members."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from linli.core.errors import invalid
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.registry import households as services
from linli.core.registry import models
from linli.core.registry.words import HouseholdKind, HouseholdRelation

from ..context import Context, Info
from ..contributions import fields
from ..inputs import UNSET, MutationInput, given, optional, required, value
from ..mutations import mutation
from .households import Household, HouseholdMember
from .lookups import seen, some
from .org_changes import client_id, or_keep
from .premises_changes import premises_for
from .provenance import SourceInput, source_input, stated

WRITE = models.WRITE


async def household_for(context: Context, given_id: str, argument: str) -> models.Household:
    """The household that an id names, where the viewer may write."""
    household = await seen(context, models.Household, given_id, argument)
    await _require(context, household)
    return household


async def member_for(context: Context, given_id: str, argument: str) -> models.HouseholdMember:
    """The membership that an id names, where the viewer may write."""
    member = await seen(context, models.HouseholdMember, given_id, argument)
    await _require(context, await models.Household.get(id=member.household_id))
    return member


async def _require(context: Context, household: models.Household) -> None:
    premises = await models.Premises.get(id=household.premises_id)
    context.viewer.require(WRITE, (await OrgNode.get(id=premises.org_id)).path)


@strawberry.input(description="Who belongs to a new household. 新增成员。")
class HouseholdMemberInput:
    """A person, and what they are to the head."""

    person_id: strawberry.ID = required("Who. 人员。")
    relation: HouseholdRelation = required("What the person is to the head. 与户主关系。")


@strawberry.input(description="A new household. 新增家庭户。")
class CreateHouseholdInput(MutationInput):
    """Where it lives, and who belongs to it."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    premises_id: strawberry.ID = required("Where it lives. 房屋。")
    kind: HouseholdKind | None = optional("What kind; FAMILY where not said. 户类型。")
    members: list[HouseholdMemberInput] | None = optional("Who belongs to it, 100 at most. 成员。")
    valid_from: datetime | None = optional("From; now where not said, null for since ever. 起始时间。")
    source: SourceInput | None = source_input()


async def _members(context: Context, named: list[HouseholdMemberInput]) -> list[tuple[UUID, str]]:
    if len(named) > services.MOST_MEMBERS:
        raise invalid("members", "OUT_OF_RANGE", "At most {limit} ids", limit=services.MOST_MEMBERS)
    found = [(await seen(context, Person, one.person_id, "members")).id for one in named]
    return [(person, one.relation.value) for person, one in zip(found, named, strict=True)]


@mutation("Enter a household. 新增家庭户。", Household, permission=WRITE)
async def create_household(info: Info, input: CreateHouseholdInput) -> models.Household:  # noqa: A002
    """Enter it with its members; nobody belongs to two households at a time."""
    premises = await premises_for(info.context, input.premises_id, "premisesId")
    return await services.create_household(
        premises.id,
        await _members(info.context, value(input.members) or []),
        kind=(value(input.kind) or HouseholdKind.FAMILY).value,
        valid_from=or_keep(input.valid_from),
        household_id=client_id(input.id),
        stated=stated(input.source),
    )


@strawberry.input(description="What is corrected of a household. 家庭户更正。")
class UpdateHouseholdInput(MutationInput):
    """What is given changes; a household that moves ends, and another begins."""

    id: strawberry.ID = required("Which. 标识。")
    premises_id: strawberry.ID | None = optional("Where it lives. 房屋。")
    kind: HouseholdKind | None = optional("What kind. 户类型。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")
    source: SourceInput | None = source_input()


@mutation("Correct what is known of a household. 更正家庭户信息。", Household, permission=WRITE)
async def update_household(info: Info, input: UpdateHouseholdInput) -> models.Household:  # noqa: A002
    """Change what is given."""
    household = await household_for(info.context, input.id, "id")
    changed: dict[str, Any] = {} if input.kind is UNSET else {"kind": some(input.kind, "kind").value}
    if input.premises_id is not UNSET:
        named = some(input.premises_id, "premisesId")
        changed["premises_id"] = (await premises_for(info.context, named, "premisesId")).id
    version = value(input.expected_version)
    return await services.update_household(household, expected_version=version, stated=stated(input.source), **changed)


@strawberry.input(description="Which household ends. 注销家庭户。")
class EndHouseholdInput(MutationInput):
    """Which, and when."""

    id: strawberry.ID = required("Which. 标识。")
    at: datetime | None = optional("When; now where not said. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End a household and its memberships. 注销家庭户及其成员关系。", Household, permission=WRITE)
async def end_household(info: Info, input: EndHouseholdInput) -> models.Household:  # noqa: A002
    """End it where the viewer may."""
    household = await household_for(info.context, input.id, "id")
    return await services.end_household(household, value(input.at), value(input.expected_version))


@strawberry.input(description="Who joins a household. 增加成员。")
class CreateHouseholdMemberInput(MutationInput):
    """Which household, who, and as what."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    household_id: strawberry.ID = required("Which household. 家庭户。")
    person_id: strawberry.ID = required("Who. 人员。")
    relation: HouseholdRelation = required("What the person is to the head. 与户主关系。")
    valid_from: datetime | None = optional("From; now where not said, null for since ever. 起始时间。")
    valid_to: datetime | None = optional("Until, exclusive. 终止时间。")
    source: SourceInput | None = source_input()


@mutation("Let somebody join a household. 增加家庭户成员。", HouseholdMember, permission=WRITE)
async def create_household_member(
    info: Info,
    input: CreateHouseholdMemberInput,  # noqa: A002
) -> models.HouseholdMember:
    """Enter the member; nobody belongs to two households at a time."""
    household = await household_for(info.context, input.household_id, "householdId")
    person = await seen(info.context, Person, input.person_id, "personId")
    return await services.add_member(
        household.id,
        person.id,
        input.relation.value,
        valid_from=or_keep(input.valid_from),
        valid_to=value(input.valid_to),
        member_id=client_id(input.id),
        stated=stated(input.source),
    )


@strawberry.input(description="What is corrected of a membership. 家庭户成员更正。")
class UpdateHouseholdMemberInput(MutationInput):
    """What is given changes."""

    id: strawberry.ID = required("Which. 标识。")
    relation: HouseholdRelation | None = optional("What the person is to the head. 与户主关系。")
    valid_from: datetime | None = optional("From; null means since ever. 起始时间。")
    valid_to: datetime | None = optional("Until, exclusive; null takes it away. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")
    source: SourceInput | None = source_input()


@mutation("Correct what is known of a member. 更正家庭户成员信息。", HouseholdMember, permission=WRITE)
async def update_household_member(
    info: Info,
    input: UpdateHouseholdMemberInput,  # noqa: A002
) -> models.HouseholdMember:
    """Change what is given."""
    member = await member_for(info.context, input.id, "id")
    changed = given(input, "valid_from", "valid_to")
    if input.relation is not UNSET:
        changed["relation"] = some(input.relation, "relation").value
    version = value(input.expected_version)
    return await services.update_member(member, expected_version=version, stated=stated(input.source), **changed)


@strawberry.input(description="Who leaves a household. 减少成员。")
class EndHouseholdMemberInput(MutationInput):
    """Which membership, and when."""

    id: strawberry.ID = required("Which. 标识。")
    at: datetime | None = optional("When; now where not said. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End a membership: moved out, deceased. 终止家庭户成员关系。", HouseholdMember, permission=WRITE)
async def end_household_member(
    info: Info,
    input: EndHouseholdMemberInput,  # noqa: A002
) -> models.HouseholdMember:
    """End it where the viewer may."""
    member = await member_for(info.context, input.id, "id")
    return await services.end_member(member, value(input.at), value(input.expected_version))


@fields("Changes of households. 家庭户变更。")
class HouseholdMutation:
    """What can be done to households and their members."""

    create_household = create_household
    update_household = update_household
    end_household = end_household
    create_household_member = create_household_member
    update_household_member = update_household_member
    end_household_member = end_household_member
