"""Claiming to be a person, and deciding on it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from linli.core.access import claims, models
from linli.core.access.claims import ClaimState
from linli.core.errors import NotFoundError, invalid, text
from linli.core.records.requests import Outcome

from ..context import Info
from ..contributions import fields
from ..declare import column, computed, node, relation
from ..enums import enum
from ..errors import RateLimitedError
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation
from .lookups import seen
from .session_changes import owner

WRITE = "core.person.write"
LONGEST_REASON = 300

enum(
    "How a claim stands. 认领状态。",
    REQUESTED="To be decided on. 待审。",
    APPROVED="The account has the person. 已同意。",
    REJECTED="It was no claim to approve. 已驳回。",
)(ClaimState)


async def _username(row: models.PersonClaim, _info: Info) -> str:
    return (await models.Account.get(id=row.account_id)).username


@node(models.PersonClaim, "An account that wants to be known as a person. 认领申请。", order=("created_at",))
class PersonClaim:
    """A claim, seen by staff who may change the person."""

    username = computed("The account's user name. 用户名。", _username, str)
    person = relation("Whom its name and number fit. 人员。", "Person")
    state = column("How it stands. 状态。", type=ClaimState)
    reason = column("Why it was decided so. 理由。", filterable=False)
    created_at = column("When it was made. 申请时间。")
    decided_at = column("When it was decided. 审核时间。", filterable=False)
    version = column("Counts its changes. 版本。", filterable=False)


@strawberry.type(description="A claim was received, whoever it names. 申请已收到。")
class ClaimReceived:
    """All that is told."""

    id: strawberry.Private[UUID]
    received_at: datetime = strawberry.field(description="When. 收到时间。")


@strawberry.input(description="Whom one claims to be. 认领信息。")
class ClaimPersonInput(MutationInput):
    """A name with a number that only few know."""

    name: str = required("Name. 姓名。")
    id_number: str | None = optional("Citizen id; either it or the phone. 公民身份号码，与电话二选一。")
    phone: str | None = optional("Phone as the registry has it. 登记的电话。")


def _received(claim: models.PersonClaim) -> ClaimReceived:
    return ClaimReceived(id=claim.id, received_at=claim.created_at)


async def _received_before(info: Info, _input: ClaimPersonInput, outcome: Outcome) -> ClaimReceived:
    claim = await models.PersonClaim.filter(id=outcome.id, account_id=owner(info.context)).first()
    if claim is None:
        raise NotFoundError(text("There is no such record, or you may not see it"))
    return _received(claim)


@mutation(
    "Claim to be a person of the registry; staff decide. The answer is the same whoever is named. 认领人员。",
    ClaimReceived,
    RateLimitedError,
    again=_received_before,
)
async def claim_person(info: Info, input: ClaimPersonInput) -> ClaimReceived:  # noqa: A002
    """Receive the claim."""
    account_id, number, phone = owner(info.context), value(input.id_number), value(input.phone)
    return _received(await claims.claim(account_id, input.name, number, phone))


@strawberry.input(description="A decision on a claim. 认领审核。")
class ApprovePersonClaimInput(MutationInput):
    """Which."""

    claim_id: strawberry.ID = required("Which. 认领申请。")
    reason: str | None = optional("Why, 300 characters at most. 理由。")


@strawberry.input(description="A decision against a claim. 驳回认领。")
class RejectPersonClaimInput(MutationInput):
    """Which, and why."""

    claim_id: strawberry.ID = required("Which. 认领申请。")
    reason: str = required("Why, 300 characters at most. 理由。")


@mutation("Give the account its person. 同意认领。", PersonClaim, permission=WRITE)
async def approve_person_claim(info: Info, input: ApprovePersonClaimInput) -> models.PersonClaim:  # noqa: A002
    """Approve it where the viewer may change the person; nobody approves one's own."""
    return await _decided(info, input.claim_id, value(input.reason), approve=True)


@mutation("Refuse a claim; the claimant is not told. 驳回认领。", PersonClaim, permission=WRITE)
async def reject_person_claim(info: Info, input: RejectPersonClaimInput) -> models.PersonClaim:  # noqa: A002
    """Reject it where the viewer may change the person."""
    return await _decided(info, input.claim_id, input.reason, approve=False)


async def _decided(info: Info, claim_id: str, reason: str | None, *, approve: bool) -> models.PersonClaim:
    """Who sees a claim may change its person: that is how it is declared."""
    found = await seen(info.context, models.PersonClaim, claim_id, "claimId")
    if reason is not None and not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise invalid("reason", "TEXT", "A reason has 1 to {limit} characters", limit=LONGEST_REASON)
    return await claims.decide(found, info.context.viewer, approve=approve, reason=reason)


@fields("Claiming to be a person. 认领人员。")
class ClaimMutation:
    """What can be done by claims."""

    claim_person = claim_person
    approve_person_claim = approve_person_claim
    reject_person_claim = reject_person_claim
