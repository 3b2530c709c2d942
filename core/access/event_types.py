"""What happens to accounts and grants."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

ACCOUNT, GRANT = "Account", "Grant"


class AccountMade(BaseModel):
    """Whose account."""

    person_id: Internal[UUID | None]


class GrantGiven(BaseModel):
    """Which role to whom where."""

    account_id: Internal[UUID]
    role: Public[str]
    org_id: Public[UUID]


ACCOUNT_CREATED = EventType("core.account_created", 1, AccountMade, "An account was made. 新增账号。")
GRANT_GIVEN = EventType("core.grant_given", 1, GrantGiven, "A role was given. 授权。")
GRANT_REVOKED = EventType("core.grant_revoked", 1, GrantGiven, "A role was taken back. 撤销授权。")

EVENT_TYPES = (ACCOUNT_CREATED, GRANT_GIVEN, GRANT_REVOKED)
