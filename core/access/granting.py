"""Giving, delegating and taking back roles; every function runs in a unit of work. 授权、委托与撤销。"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from uuid import UUID

from .. import clock
from ..errors import ConflictError, FieldProblem, InvalidTransitionError, ValidationError, invalid, text
from ..graph.spans import Span
from ..records import events
from .event_types import GRANT, GRANT_GIVEN, GRANT_REVOKED, ROLE_DELEGATED, GrantGiven, RoleDelegated
from .models import Grant
from .separation import check_receiver


@dataclass(frozen=True)
class Granting:
    """By which rules roles are given: those that the district knows, and whether its three administrators are apart."""

    roles: Collection[str]
    three_admins: bool = False


async def grant_role(
    rules: Granting,
    *,
    account_id: UUID,
    role: str,
    org_id: UUID,
    valid_from: datetime | None,
    valid_to: datetime | None,
    givers: Collection[UUID] = (),
) -> Grant:
    """Give a role at a node; `givers` are the account that gives it and those whose role it acts in, none for an
    operator.

    Raises ValidationError for a role that is not among the known ones and for an end before the start, ForbiddenError
    for giving to oneself, by another account too, EXCLUSIVE_ROLES where the person holds another of the three
    administrators' roles at that time.
    """
    if role not in rules.roles:
        near = get_close_matches(role, rules.roles, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise invalid("role", "UNKNOWN", "There is no role {role}{hint}", role=role, hint=hint)
    span = Span(valid_from, valid_to)
    if span.empty:
        raise invalid("validTo", "END_BEFORE_START", "The end lies before the start")
    await check_receiver(account_id, role, span, givers, three_admins=rules.three_admins)
    grant = await Grant.create(
        account_id=account_id, role=role, org_id=org_id, valid_from=valid_from, valid_to=valid_to
    )
    await _tell(grant, given=True)
    return grant


async def delegate_role(
    rules: Granting,
    *,
    grant_id: UUID,
    account_id: UUID,
    valid_from: datetime,
    valid_to: datetime,
    givers: Collection[UUID],
) -> Grant:
    """Let another account act in a role for a time that lies within the grant's; `givers` arrange it.

    Revoking the grant ends the delegation. Raises INVALID_TRANSITION for a grant that has ended or is delegated
    itself, ValidationError for a time that is none, over, or longer than the grant's, and what `grant_role` raises.
    """
    grant = await Grant.filter(id=grant_id).select_for_update().get()
    if grant.delegated_from_id is not None:
        raise InvalidTransitionError(text("A delegated role is not delegated further"), path=("grantId",))
    if grant.valid_to is not None and grant.valid_to <= clock.now():
        raise InvalidTransitionError(text("This grant has ended already"), path=("grantId",))
    span = Span(valid_from, valid_to)
    _check_span(grant, valid_from, valid_to)
    await check_receiver(
        account_id, grant.role, span, {*givers, grant.account_id}, three_admins=rules.three_admins, path="toAccountId"
    )
    made = await Grant.create(
        account_id=account_id,
        role=grant.role,
        org_id=grant.org_id,
        valid_from=valid_from,
        valid_to=valid_to,
        delegated_from_id=grant.id,
    )
    told = RoleDelegated(
        grant_id=grant.id,
        account_id=account_id,
        role=grant.role,
        org_id=grant.org_id,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    await events.append(ROLE_DELEGATED, GRANT, made.id, told, org_id=made.org_id)
    return made


async def revoke_grant(grant: Grant, expected_version: int | None, *, operator: str | None = None) -> Grant:
    """End a grant now, and with it what was delegated from it; `operator` does it, where no account does."""
    now = clock.now()
    if expected_version is not None and expected_version != grant.version:
        raise ConflictError(text("The record has changed since"), current=grant, path=("expectedVersion",))
    if grant.valid_to is not None and grant.valid_to <= now:
        raise InvalidTransitionError(text("This grant has ended already"), path=("grantId",))
    await end_grant(grant, now, operator)
    return grant


async def end_grant(grant: Grant, now: datetime, operator: str | None = None) -> None:
    """Write the end of a grant, and of what was delegated from it, and tell of them."""
    # whoever delegates it meanwhile waits here, and then finds it ended
    await Grant.filter(id=grant.id).select_for_update()
    await _end(grant, now, operator)
    for delegated in await Grant.filter(delegated_from_id=grant.id, valid_to__gt=now):
        await _end(delegated, now, operator)


async def _end(grant: Grant, now: datetime, operator: str | None) -> None:
    changed = {"valid_to": now, "version": grant.version + 1, "updated_at": now}
    if not await Grant.filter(id=grant.id, version=grant.version).update(**changed):
        raise ConflictError(text("The record has changed since"), current=grant, path=("expectedVersion",))
    grant.update_from_dict(changed)
    await _tell(grant, given=False, operator=operator)


def _check_span(grant: Grant, valid_from: datetime, valid_to: datetime) -> None:
    problems = []
    if valid_to <= valid_from:
        problems.append(FieldProblem("validTo", "END_BEFORE_START", text("The end lies before the start")))
    elif valid_to <= clock.now():
        problems.append(FieldProblem("validTo", "IN_THE_PAST", text("This time is over")))
    if grant.valid_from is not None and valid_from < grant.valid_from:
        problems.append(FieldProblem("validFrom", "OUTSIDE_GRANT", text("The grant itself counts for a shorter time")))
    if grant.valid_to is not None and valid_to > grant.valid_to:
        problems.append(FieldProblem("validTo", "OUTSIDE_GRANT", text("The grant itself counts for a shorter time")))
    if problems:
        raise ValidationError(*problems)


async def _tell(grant: Grant, *, given: bool, operator: str | None = None) -> None:
    told = GrantGiven(account_id=grant.account_id, role=grant.role, org_id=grant.org_id, operator=operator)
    await events.append(GRANT_GIVEN if given else GRANT_REVOKED, GRANT, grant.id, told, org_id=grant.org_id)
