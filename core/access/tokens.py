"""Opaque access tokens: only their hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..records.unit_of_work import current_unit
from .models import Account, Grant, Token
from .viewer import ActiveGrant, Viewer

PREFIX = "linli_"


class TokenRefusedError(Exception):
    """The token is unknown, revoked, of a disabled account, or (`expired`) no longer valid."""

    def __init__(self, *, expired: bool) -> None:
        self.expired = expired
        super().__init__("token expired" if expired else "token unknown")


def digest(token: str) -> str:
    """What is kept of a token: SHA-256, hex. Its 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue(account_id: UUID, expires_at: datetime | None = None) -> str:
    """Make a token for an account and return it, this once; needs a unit of work."""
    current_unit()
    token = PREFIX + secrets.token_urlsafe(32)
    await Token.create(account_id=account_id, digest=digest(token), expires_at=expires_at)
    return token


async def viewer_of(token: str, roles: Mapping[str, frozenset[str]]) -> Viewer:
    """The viewer behind a token with the grants that count now; raises TokenRefusedError."""
    now = clock.now()
    row = await Token.filter(digest=digest(token)).select_related("account").first()
    if row is None or row.revoked_at is not None or row.account.disabled_at is not None:
        raise TokenRefusedError(expired=False)
    if row.expires_at is not None and row.expires_at <= now:
        raise TokenRefusedError(expired=True)
    return await viewer_for(row.account, roles, now)


async def viewer_for(account: Account, roles: Mapping[str, frozenset[str]], now: datetime) -> Viewer:
    """The viewer that an account makes at an instant. Grants of roles that no plugin here knows are dormant."""
    valid = Q(Q(valid_from=None) | Q(valid_from__lte=now), Q(valid_to=None) | Q(valid_to__gt=now))
    grants = await Grant.filter(valid, account_id=account.id).select_related("org")
    return Viewer(
        account_id=account.id,
        username=account.username,
        person_id=account.person_id,
        grants=tuple(
            ActiveGrant(grant.id, grant.role, roles[grant.role], grant.org.path, grant.valid_to)
            for grant in grants
            if grant.role in roles and (grant.org.valid_to is None or grant.org.valid_to > now)
        ),
    )
