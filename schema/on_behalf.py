"""The input `onBehalfOf` of mutations, and who the viewer acts for. 代为办理。

@strawberry.input(description="..")
class BorrowBookInput(OnBehalfInput):
    person_id: strawberry.ID = required("Who reads. 读者。")

async def borrow_book(info: Info, input: BorrowBookInput) -> models.Loan:
    acting = await acting_for(info, input, input.person_id, Terms("library.loan"), "library.loan.create_for")
    loan = await services.borrow(acting.person, channel=acting.channel)
    await done_for(info, acting, "borrowBook", loan)
    return loan
"""

from __future__ import annotations

from typing import Any

import strawberry

from linli.core.access import on_behalf
from linli.core.access.on_behalf import Acting, Capacity, Channel, EvidenceKind, Stated, Terms, capacity_of
from linli.core.errors import invalid
from linli.core.people.merged import hold
from linli.core.people.models import Person
from linli.core.records.record import Record

from .context import Info
from .core.lookups import person_for
from .enums import enum
from .inputs import UNSET, MutationInput, optional, required, value

enum(
    "How somebody said so. 渠道。",
    APP="By the person, signed in. 本人在线。",
    COUNTER="At the counter. 窗口。",
    PHONE="By phone. 电话。",
    VISIT="At a visit. 上门。",
    PAPER="On paper. 纸质。",
)(Channel)
enum(
    "What shows that somebody asked for it. 凭证类型。",
    SIGNED_SHEET="A sheet that the person signed. 签字单。",
    CALL="A recorded call. 通话记录。",
    VISIT="The record of a visit. 上门记录。",
)(EvidenceKind)
enum(
    "As what somebody acts. 办理身份。",
    SELF="As the person. 本人。",
    GUARDIAN="As the guardian. 监护人。",
    FAMILY="As confirmed family. 近亲属。",
    PROXY="As the proxy. 委托代理人。",
    STAFF="As staff. 工作人员。",
)(Capacity)


@strawberry.input(description="For whom somebody acts, and how the person asked for it. 代办对象与凭证。")
class OnBehalfOf:
    """The person; staff state what shows that the person asked for it."""

    person_id: strawberry.ID = required("For whom. 代办对象。")
    channel: Channel | None = optional("How it was asked for; APP where not said, COUNTER for staff. 渠道。")
    evidence_kind: EvidenceKind | None = optional("What shows it; staff must say. 凭证类型。")
    evidence: str | None = optional("The text or a reference, 500 characters at most; staff must say. 凭证。")


@strawberry.input(description="What every mutation takes that can be done for somebody else. 可代办的公共输入。")
class OnBehalfInput(MutationInput):
    """The common part of such inputs: subclass it."""

    on_behalf_of: OnBehalfOf | None = optional(
        "Do it for somebody: as guardian, proxy or family where this allows it, or as staff with evidence. 代为办理。"
    )


def named(given: OnBehalfInput, person_id: Any) -> str | None:
    """The global id of the person that an input names, by `onBehalfOf` before `personId`."""
    behalf: OnBehalfOf | None = value(given.on_behalf_of)
    return value(person_id) if behalf is None else behalf.person_id


def argument(given: OnBehalfInput) -> str:
    """Where in the input the person is named."""
    return "personId" if value(given.on_behalf_of) is None else "onBehalfOf.personId"


def stated(given: OnBehalfInput, person_id: Any = UNSET, **otherwise: Any) -> Stated:
    """How it was asked for; `otherwise` is what the input says where there is no `onBehalfOf`.

    Raises ValidationError DIFFERS where `onBehalfOf` and `personId` name two.
    """
    behalf: OnBehalfOf | None = value(given.on_behalf_of)
    if behalf is None:
        return Stated(**otherwise)
    if value(person_id) not in (None, behalf.person_id):
        raise invalid("onBehalfOf.personId", "DIFFERS", "personId names somebody else: send one of the two")
    return Stated(
        channel=value(behalf.channel),
        evidence_kind=value(behalf.evidence_kind),
        evidence=value(behalf.evidence),
        at="onBehalfOf.",
        needed=True,
    )


async def acting_for(
    info: Info, given: OnBehalfInput, person_id: str, terms: Terms, permission: str, **otherwise: Any
) -> Acting:
    """Whom a mutation is for, and as what the viewer acts: staff where they hold `permission` at the person's home.

    Raises NotFoundError, PERSON_UNCONFIRMED, ForbiddenError, and then ValidationError for how it was asked for.
    """
    context, wanted, where = info.context, named(given, person_id), argument(given)
    assert wanted is not None, "a person is named"
    id_ = await hold(context.required_id(wanted, "Person", where))
    context.viewer.speaks_for(id_, (where,))
    capacity = await capacity_of(context.viewer, id_, terms)
    if capacity is None:
        person = await person_for(context, wanted, where, permission)
        capacity = Capacity.STAFF
    else:
        person = await Person.get(id=id_)
    return on_behalf.acting(person, capacity, stated(given, person_id, **otherwise))


async def done_for(info: Info, acting: Acting, action: str, record: Record) -> None:
    """Tell the person what was done, in the mutation's unit of work; `action` is the mutation's name."""
    await on_behalf.tell(acting, action, info.context.schema.type_name(type(record)), record.id)
