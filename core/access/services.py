"""Accounts and grants; every function runs in a unit of work."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from difflib import get_close_matches
from uuid import UUID

from .. import clock
from ..errors import ConflictError, FieldProblem, InvalidTransitionError, ValidationError, invalid, text
from ..records import events
from .event_types import ACCOUNT, ACCOUNT_CREATED, GRANT, GRANT_GIVEN, GRANT_REVOKED, AccountMade, GrantGiven
from .models import Account, Grant
from .passwords import hashed

USERNAME = re.compile(r"[^\s\x00-\x1f]{1,100}")
SHORTEST_PASSWORD = 10


async def create_account(username: str, password: str | None, person_id: UUID | None) -> Account:
    """Make an account; without a password it signs in by token only.

    Raises ValidationError for a user name with spaces or a password under 10 characters, ConflictError for a name
    in use.
    """
    problems = []
    if not USERNAME.fullmatch(username):
        problems.append(FieldProblem("username", "USERNAME", text("1 to 100 characters without spaces")))
    if password is not None and len(password) < SHORTEST_PASSWORD:
        problems.append(
            FieldProblem("password", "TOO_SHORT", text("At least {limit} characters", limit=SHORTEST_PASSWORD))
        )
    if problems:
        raise ValidationError(*problems)
    if await Account.filter(username=username).exists():
        raise ConflictError(text("This user name is in use"), path=("username",))
    kept = None if password is None else hashed(password)
    account = await Account.create(username=username, password_hash=kept, person_id=person_id)
    await events.append(ACCOUNT_CREATED, ACCOUNT, account.id, AccountMade(person_id=person_id))
    return account


async def grant_role(
    known: Collection[str],
    *,
    account_id: UUID,
    role: str,
    org_id: UUID,
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> Grant:
    """Give a role at a node; `known` are the roles of the district."""
    if role not in known:
        near = get_close_matches(role, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise invalid("role", "UNKNOWN", "There is no role {role}{hint}", role=role, hint=hint)
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        raise invalid("validTo", "END_BEFORE_START", "The end lies before the start")
    grant = await Grant.create(
        account_id=account_id, role=role, org_id=org_id, valid_from=valid_from, valid_to=valid_to
    )
    await _tell(grant, given=True)
    return grant


async def revoke_grant(grant: Grant, expected_version: int | None) -> Grant:
    """End a grant now."""
    now = clock.now()
    if expected_version is not None and expected_version != grant.version:
        raise ConflictError(text("The record has changed since"), current=grant, path=("expectedVersion",))
    if grant.valid_to is not None and grant.valid_to <= now:
        raise InvalidTransitionError(text("This grant has ended already"), path=("grantId",))
    changed = {"valid_to": now, "version": grant.version + 1, "updated_at": now}
    if not await Grant.filter(id=grant.id, version=grant.version).update(**changed):
        raise ConflictError(text("The record has changed since"), current=grant, path=("expectedVersion",))
    grant.update_from_dict(changed)
    await _tell(grant, given=False)
    return grant


async def _tell(grant: Grant, *, given: bool) -> None:
    told = GrantGiven(account_id=grant.account_id, role=grant.role, org_id=grant.org_id)
    await events.append(GRANT_GIVEN if given else GRANT_REVOKED, GRANT, grant.id, told, org_id=grant.org_id)
