"""What happens to accounts, grants and sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

ACCOUNT, GRANT, IDENTITY, CLAIM = "Account", "Grant", "Identity", "PersonClaim"


class AccountMade(BaseModel):
    """Whose account."""

    person_id: Internal[UUID | None]


class AccountClosed(BaseModel):
    """How many sessions ended with it, and who closed it on the server's own machine."""

    sessions: Internal[int]
    operator: Internal[str | None] = None


class GrantGiven(BaseModel):
    """Which role to whom where; `operator` is who took it back on the server's own machine."""

    account_id: Internal[UUID]
    role: Public[str]
    org_id: Public[UUID]
    operator: Internal[str | None] = None


class RoleDelegated(BaseModel):
    """Whose grant to whom, for how long."""

    grant_id: Internal[UUID]
    account_id: Internal[UUID]
    role: Public[str]
    org_id: Public[UUID]
    valid_from: Public[datetime]
    valid_to: Public[datetime]


class TokenIssued(BaseModel):
    """Until when it counts; null for ever."""

    expires_at: Internal[datetime | None]
    permissions: Public[tuple[str, ...] | None] = None
    org_id: Public[UUID | None] = None


class SignedIn(BaseModel):
    """Which session began, and how the account showed who it is."""

    session_id: Internal[UUID]
    provider: Public[str]


class SessionEnded(BaseModel):
    """Which session is over, why, and who ended it on the server's own machine."""

    session_id: Internal[UUID]
    reason: Public[str]
    operator: Internal[str | None] = None


class PasswordChanged(BaseModel):
    """How many other sessions ended with it."""

    sessions: Internal[int]


class IdentityChanged(BaseModel):
    """Which identity of which account, without the subject."""

    account_id: Internal[UUID]
    provider: Public[str]


class SecondFactorChanged(BaseModel):
    """Nothing but that it happened."""


class PersonClaimed(BaseModel):
    """Which account, and nothing of whom it claims to be."""

    account_id: Internal[UUID]


class ClaimDecided(BaseModel):
    """Which account, and which person it claimed to be."""

    account_id: Internal[UUID]
    person_id: Internal[UUID]


class Revealed(BaseModel):
    """Which values of a record were shown in full, and what for."""

    fields: Public[tuple[str, ...]]
    purpose: Internal[str]


class LedgerExported(BaseModel):
    """Which ledger was written of what stands beneath the event's organisation, with how many rows.

    `fields` of `people` were shown in full, and `purpose` says what for; nothing of nobody without one. `filters` are
    the keys of what narrowed it, `template` is the district's own that was filled, `operator` who gave a command, who
    has no account.
    """

    ledger: Public[str]
    rows: Public[int]
    people: Public[int]
    fields: Public[tuple[str, ...]]
    filters: Public[tuple[str, ...]] = ()
    purpose: Internal[str | None] = None
    template: Public[str | None] = None
    operator: Internal[str | None] = None


class Searched(BaseModel):
    """By which column of which records an account searched, with how many values; neither them nor what was found.

    `conditions` is how many such conditions there were at one moment, of one list or of several: the members of
    twenty organisations are twenty lists. `values` are the different ones in all of them.
    """

    type: Public[str]
    field: Public[str]
    operator: Public[str]
    values: Public[int]
    conditions: Public[int]


class Denied(BaseModel):
    """Which permission an account lacked, and how often more in that minute."""

    permission: Public[str]
    minute: Public[datetime]
    count: Public[int]


class LoginFailed(BaseModel):
    """How often in that minute."""

    minute: Public[datetime]
    count: Public[int]


ACCOUNT_CREATED = EventType("core.account_created", 1, AccountMade, "An account was made. 新增账号。")
ACCOUNT_CLOSED = EventType("core.account_closed", 1, AccountClosed, "An account was closed. 停用账号。")
GRANT_GIVEN = EventType("core.grant_given", 1, GrantGiven, "A role was given. 授权。")
GRANT_REVOKED = EventType("core.grant_revoked", 1, GrantGiven, "A role was taken back. 撤销授权。")
ROLE_DELEGATED = EventType("core.role_delegated", 1, RoleDelegated, "A role was delegated for a time. 委托授权。")
TOKEN_ISSUED = EventType("core.token_issued", 1, TokenIssued, "An account was given a token by an operator. 签发令牌。")
REVEALED = EventType("core.revealed", 1, Revealed, "Personal values were shown in full. 查看完整个人信息。")
SEARCHED = EventType("core.searched", 1, Searched, "Records were searched by personal values. 按个人信息检索。")
LEDGER_EXPORTED = EventType("core.ledger_exported", 1, LedgerExported, "A ledger was exported. 导出台账。")
DENIED = EventType("core.denied", 1, Denied, "An account was refused what it may not do. 越权操作被拒。")
LOGIN_FAILED = EventType("core.login_failed", 1, LoginFailed, "A password or a code was wrong. 登录失败。")
SIGNED_IN = EventType("core.signed_in", 1, SignedIn, "An account signed in. 登录。")
SESSION_ENDED = EventType("core.session_ended", 1, SessionEnded, "A session was ended. 会话结束。")
PASSWORD_CHANGED = EventType("core.password_changed", 1, PasswordChanged, "A password was changed. 修改密码。")
IDENTITY_BOUND = EventType("core.identity_bound", 1, IdentityChanged, "An identity was bound. 绑定身份。")
IDENTITY_UNBOUND = EventType("core.identity_unbound", 1, IdentityChanged, "An identity was unbound. 解绑身份。")
SECOND_FACTOR_ENABLED = EventType(
    "core.second_factor_enabled", 1, SecondFactorChanged, "A second factor counts from now on. 启用二次验证。"
)
SECOND_FACTOR_DISABLED = EventType(
    "core.second_factor_disabled", 1, SecondFactorChanged, "A second factor was disabled. 停用二次验证。"
)
PERSON_CLAIMED = EventType("core.person_claimed", 1, PersonClaimed, "An account claims to be a person. 申请认领人员。")
CLAIM_APPROVED = EventType("core.claim_approved", 1, ClaimDecided, "A claim was approved. 同意认领。")
CLAIM_REJECTED = EventType("core.claim_rejected", 1, ClaimDecided, "A claim was rejected. 驳回认领。")

EVENT_TYPES = (
    ACCOUNT_CREATED,
    ACCOUNT_CLOSED,
    GRANT_GIVEN,
    GRANT_REVOKED,
    ROLE_DELEGATED,
    TOKEN_ISSUED,
    REVEALED,
    SEARCHED,
    LEDGER_EXPORTED,
    DENIED,
    LOGIN_FAILED,
    SIGNED_IN,
    SESSION_ENDED,
    PASSWORD_CHANGED,
    IDENTITY_BOUND,
    IDENTITY_UNBOUND,
    SECOND_FACTOR_ENABLED,
    SECOND_FACTOR_DISABLED,
    PERSON_CLAIMED,
    CLAIM_APPROVED,
    CLAIM_REJECTED,
)
