"""Mutations of relations between people."""

from __future__ import annotations

from datetime import datetime

import strawberry

from linli.core import clock
from linli.core.access import relations as services
from linli.core.errors import ForbiddenError, text
from linli.core.graph.spans import Span
from linli.core.people.merged import hold
from linli.core.people.models import Person as PersonModel
from linli.core.people.relation_models import PersonRelation as Row
from linli.core.people.relation_rules import Claim, GuardianBasis, PersonRelationKind

from ..context import Context, Info
from ..contributions import fields
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation
from .lookups import instant, may_at_place, person_for, seen
from .relations import CONFIRM, WRITE, PersonRelation, RelativeRole

TURNED = {RelativeRole.WARD: PersonRelationKind.GUARDIAN, RelativeRole.PRINCIPAL: PersonRelationKind.PROXY}
"""The roles that name the other end of a relation."""
BY_THE_TWO = frozenset({PersonRelationKind.NEXT_OF_KIN.value, PersonRelationKind.PROXY.value})
"""What one of the two may end: a proxy's authority by either (Civil Code art. 173)."""


@strawberry.input(description="What somebody is to a person. 登记人员关系。")
class ClaimPersonRelationInput(MutationInput):
    """Two persons, and what the one is to the other."""

    person_id: strawberry.ID = required("Whose relation. 本人。")
    relative_id: strawberry.ID = required("Who is related. 关系人。")
    role: RelativeRole = required("What the relative is to the person. 关系。")
    basis: GuardianBasis | None = optional("Why there is a guardian; MINOR where not said of a minor. 监护依据。")
    scope: list[str] | None = optional("In which areas a proxy acts, such as core.consent. 委托事项范围。")
    valid_from: datetime | None = optional("Since when; now where not said, null for since ever. 起始时间。")
    valid_to: datetime | None = optional("Until when, exclusive; needed for a proxy. 终止时间。")
    evidence: str | None = optional("What shows it, 500 characters at most. 凭证。")


@mutation(
    "State what somebody is to a person; somebody else confirms it. 登记人员关系。", PersonRelation, permission=WRITE
)
async def claim_person_relation(info: Info, input: ClaimPersonRelationInput) -> Row:  # noqa: A002
    """State it where the viewer may, or as one of the two."""
    context = info.context
    person = await _one_of_two(context, input)
    relative = await seen(context, PersonModel, input.relative_id, "relativeId")
    span = Span(instant(input.valid_from, clock.now()), value(input.valid_to))
    kind, ends = TURNED.get(input.role), (relative.id, person.id)
    if kind is None:
        kind, ends = PersonRelationKind(input.role.value), (person.id, relative.id)
    stated = Claim(kind, *ends, span, value(input.basis), tuple(value(input.scope) or ()))
    district = context.district
    return await services.claim(district.majority, district.proxy_areas, stated, value(input.evidence))


async def _one_of_two(context: Context, given: ClaimPersonRelationInput) -> PersonModel:
    named = [context.required_id(given.person_id, "Person", "personId"), context.local_id(given.relative_id, "Person")]
    ids = [await hold(id_) for id_ in named if id_ is not None]
    if any(context.viewer.speaks_for(id_, ("personId",)) for id_ in ids):
        return await seen(context, PersonModel, given.person_id, "personId")
    return await person_for(context, given.person_id, "personId", WRITE)


@strawberry.input(description="Which relation is confirmed. 核实人员关系。")
class ConfirmPersonRelationInput(MutationInput):
    """Which, and by what."""

    id: strawberry.ID = required("Which. 关系。")
    evidence: str = required("What shows it, 1 to 500 characters. 核实依据。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation(
    "Confirm what another stated; neither of the two does. 核实他人登记的人员关系。", PersonRelation, permission=CONFIRM
)
async def confirm_person_relation(info: Info, input: ConfirmPersonRelationInput) -> Row:  # noqa: A002
    """Confirm it where the viewer may."""
    row = await _to_change(info.context, input.id, CONFIRM)
    version = value(input.expected_version)
    return await services.confirm(info.context.district.majority, row, info.context.viewer, input.evidence, version)


@strawberry.input(description="Which relation is refused. 不予确认人员关系。")
class RefusePersonRelationInput(MutationInput):
    """Which, and why."""

    id: strawberry.ID = required("Which. 关系。")
    reason: str = required("Why, 1 to 500 characters; the two read it. 理由。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Refuse what another stated, with reasons. 不予确认并说明理由。", PersonRelation, permission=CONFIRM)
async def refuse_person_relation(info: Info, input: RefusePersonRelationInput) -> Row:  # noqa: A002
    """Refuse it where the viewer may."""
    row = await _to_change(info.context, input.id, CONFIRM)
    return await services.refuse(row, info.context.viewer, input.reason, value(input.expected_version))


@strawberry.input(description="Which relation ends. 终止人员关系。")
class EndPersonRelationInput(MutationInput):
    """Which, and when."""

    id: strawberry.ID = required("Which. 关系。")
    at: datetime | None = optional("When; now where not said. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation(
    "End a relation; a proxy's or kin's either of the two may end. 终止人员关系。", PersonRelation, permission=WRITE
)
async def end_person_relation(info: Info, input: EndPersonRelationInput) -> Row:  # noqa: A002
    """End it where the viewer may, or as one of the two."""
    context = info.context
    row = await seen(context, Row, input.id, "id")
    two = [row.person_id, row.relative_id] if row.kind in BY_THE_TWO else []
    if not any(context.viewer.speaks_for(one, ("id",)) for one in two):
        await _check_place(context, row, WRITE)
    return await services.end(row, value(input.at), value(input.expected_version))


async def _to_change(context: Context, id_: str, permission: str) -> Row:
    row = await seen(context, Row, id_, "id")
    await _check_place(context, row, permission)
    return row


async def _check_place(context: Context, row: Row, permission: str) -> None:
    """Raise ForbiddenError unless the permission is held where the person lives or works."""
    person = await PersonModel.get(id=row.person_id)
    if not await may_at_place(context, person, permission):
        raise ForbiddenError(text("You may not do this here"), path=("id",), details={"permission": permission})


@fields("Changes of relations between people. 人员关系变更。")
class RelationMutation:
    """What can be done to relations between people."""

    claim_person_relation = claim_person_relation
    confirm_person_relation = confirm_person_relation
    refuse_person_relation = refuse_person_relation
    end_person_relation = end_person_relation
