"""Sessions: an access token of short life, and a token that renews it once. 会话。

Every function runs in a unit of work. A session is over when its owner ends it, when nobody renewed it for
`session_idle_hours`, and `session_hours` after it began.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..config.core_settings import CoreSettings
from ..records import events
from .event_types import ACCOUNT, SESSION_ENDED, SIGNED_IN, SessionEnded, SignedIn
from .models import Account, AccountSession, RefreshToken, Token
from .origin import Origin
from .tokens import digest, issue

PREFIX = "linlir_"


class Reason(StrEnum):
    """Why a session was ended."""

    SIGNED_OUT = "SIGNED_OUT"
    EVERYWHERE = "EVERYWHERE"
    REVOKED = "REVOKED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  no password
    ADMINISTRATION = "ADMINISTRATION"
    REFRESH_REUSED = "REFRESH_REUSED"
    BY_OPERATOR = "BY_OPERATOR"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"


@dataclass(frozen=True)
class Opened:
    """What a client is given, this once."""

    token: str
    expires_at: datetime
    refresh_token: str


def lasting(settings: CoreSettings) -> Q:
    """The sessions that are not over."""
    now = clock.now()
    idle = now - timedelta(hours=settings.session_idle_hours)
    return Q(ended_at=None, expires_at__gt=now, last_used_at__gt=idle)


async def open_session(
    account_id: UUID, provider: str, origin: Origin, settings: CoreSettings, *, second_factor: bool = False
) -> Opened:
    """Begin a session of an account that has shown who it is by `provider`, and by a second factor or not."""
    now = clock.now()
    session = await AccountSession.create(
        account_id=account_id,
        provider=provider,
        network=origin.network,
        agent=origin.device,
        last_used_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
        second_factor=second_factor,
    )
    await events.append(SIGNED_IN, ACCOUNT, account_id, SignedIn(session_id=session.id, provider=provider))
    return await _tokens(session, settings)


async def refresh(secret: str, settings: CoreSettings) -> Opened | None:
    """Renew a session by its refresh token, which counts once; None where there is nothing to renew.

    One that comes a second time ends its session: it was stolen, by whoever came first or by whoever comes now.
    """
    known = await RefreshToken.filter(digest=digest(secret)).select_for_update().first()
    if known is None:
        return None
    session = await AccountSession.filter(lasting(settings), id=known.session_id).first()
    if session is None:
        return None
    if known.used_at is not None:
        await end(session, Reason.REFRESH_REUSED)
        return None
    if not await Account.filter(id=session.account_id, disabled_at=None).exists():
        return None
    now = clock.now()
    await RefreshToken.filter(id=known.id).update(used_at=now)
    await Token.filter(session_id=session.id, expires_at__lte=now).delete()
    await AccountSession.filter(id=session.id).update(last_used_at=now)
    return await _tokens(session, settings)


async def end(session: AccountSession, reason: Reason, *, operator: str | None = None) -> AccountSession:
    """End a session with all its tokens; one that has ended stays as it is."""
    now = clock.now()
    changed = {"ended_at": now, "version": session.version + 1, "updated_at": now}
    if await AccountSession.filter(id=session.id, ended_at=None).update(**changed):
        session.update_from_dict(changed)
        await RefreshToken.filter(session_id=session.id).delete()
        told = SessionEnded(session_id=session.id, reason=reason, operator=operator)
        await events.append(SESSION_ENDED, ACCOUNT, session.account_id, told)
    return session


async def end_all(account_id: UUID, reason: Reason, *, but: UUID | None = None, operator: str | None = None) -> int:
    """End all sessions of an account, `but` one; how many there were."""
    found = await AccountSession.filter(account_id=account_id, ended_at=None).order_by("id")
    ending = [session for session in found if session.id != but]
    for session in ending:
        await end(session, reason, operator=operator)
    return len(ending)


async def _tokens(session: AccountSession, settings: CoreSettings) -> Opened:
    expires_at = min(clock.now() + timedelta(minutes=settings.access_token_minutes), session.expires_at)
    token = await issue(session.account_id, expires_at, session_id=session.id)
    renewing = PREFIX + secrets.token_urlsafe(32)
    await RefreshToken.create(session_id=session.id, digest=digest(renewing))
    return Opened(token, expires_at, renewing)
