"""The mutation by which staff say that values of a record were looked at and are right. 信息核实。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Optional
from uuid import UUID

import strawberry

from linli.core.errors import NotFoundError, text
from linli.core.people.document_models import IdentityDocument
from linli.core.people.models import Person
from linli.core.records.provenance import TracedRecord, entries
from linli.core.records.requests import Outcome
from linli.core.registry import models
from linli.core.registry.verification import verify_fields as verify

from ..context import Context, Info
from ..contributions import fields
from ..declare import computed
from ..inputs import MutationInput, required
from ..interfaces import Node as NodeInterface
from ..mutations import mutation
from ..scalars import parse_global_id
from .household_changes import household_for, member_for
from .lookups import person_for, seen
from .people_changes import WRITE as WRITE_PEOPLE
from .premises_changes import premises_for
from .provenance import FieldProvenance, Known
from .thing_changes import thing_for

Found = tuple[TracedRecord, UUID | None]
"""A record, and the organisation to which it belongs."""


@fields("A record of which fields were verified. 核实结果。")
class VerifiedFields:
    """The record, and what is known of its fields now; the record itself stands for it."""

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        """Whether a row is one that tells where its values come from."""
        return isinstance(row, TracedRecord)

    record = computed("The record. 记录。", lambda row, _info: row, Optional[NodeInterface])
    provenance = computed(
        "Of each field where its value comes from. 各字段的来源与核实时间。",
        lambda row, _info: [Known(name, entry) for name, entry in entries(row).items()],
        list[FieldProvenance],
    )


async def _person(context: Context, id_: str) -> Found:
    person = await person_for(context, id_, "id", WRITE_PEOPLE)
    return person, person.habitual_residence_id or person.registered_residence_id or person.employer_id


async def _document(context: Context, id_: str) -> Found:
    document = await seen(context, IdentityDocument, id_, "id")
    _, org_id = await _person(context, context.global_id(await Person.get(id=document.person_id)))
    return document, org_id


async def _premises(context: Context, id_: str) -> Found:
    premises = await premises_for(context, id_, "id")
    return premises, premises.org_id


async def _of(context: Context, row: models.Tenure | models.Household) -> Found:
    premises = await models.Premises.get(id=row.premises_id)
    await premises_for(context, context.global_id(premises), "id")
    return row, premises.org_id


async def _tenure(context: Context, id_: str) -> Found:
    return await _of(context, await seen(context, models.Tenure, id_, "id"))


async def _household(context: Context, id_: str) -> Found:
    return await _of(context, await household_for(context, id_, "id"))


async def _member(context: Context, id_: str) -> Found:
    member = await member_for(context, id_, "id")
    _, org_id = await _of(context, await models.Household.get(id=member.household_id))
    return member, org_id


async def _thing(context: Context, id_: str) -> Found:
    thing = await thing_for(context, id_, "id")
    return thing, thing.org_id


_LOOKUPS: dict[str, Callable[[Context, str], Awaitable[Found]]] = {
    "Person": _person,
    "IdentityDocument": _document,
    "Premises": _premises,
    "Tenure": _tenure,
    "Household": _household,
    "HouseholdMember": _member,
    "Thing": _thing,
}


async def _record(context: Context, id_: str) -> tuple[str, TracedRecord, UUID | None]:
    """The type of a record that tells where its values come from, the record, and its organisation."""
    parsed = parse_global_id(id_)
    if parsed is None or parsed[0] not in _LOOKUPS:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("id",))
    return parsed[0], *await _LOOKUPS[parsed[0]](context, id_)


@strawberry.input(description="Which fields of which record are right. 信息核实。")
class VerifyFieldsInput(MutationInput):
    """What was looked at, and what showed it."""

    id: strawberry.ID = required("A person, document, home, tenure, household, member or thing. 记录。")
    fields: list[str] = required("Which fields, as `provenance` names them. 字段。")
    evidence: str = required(
        "What showed it, 1 to 200 characters; it is read in the audit trail, so it names nobody. 核实依据。"
    )


async def _again(info: Info, input: VerifyFieldsInput, _outcome: Outcome) -> TracedRecord:  # noqa: A002
    _, row, _ = await _record(info.context, input.id)
    return row


@mutation(
    "Say that values of a record are right; they stay as they are. 核实信息。",
    VerifiedFields,
    permission=f"{models.WRITE}, or {WRITE_PEOPLE} for people",
    again=_again,
)
async def verify_fields(info: Info, input: VerifyFieldsInput) -> TracedRecord:  # noqa: A002
    """Keep who found it right, and when."""
    type_name, row, org_id = await _record(info.context, input.id)
    await verify(row, type_name, input.fields, input.evidence, org_id)
    return row


@fields("Verification of what is known. 信息核实。")
class VerificationMutation:
    """What can be said of values."""

    verify_fields = verify_fields
