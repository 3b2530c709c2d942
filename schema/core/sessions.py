"""Signing in."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import strawberry

from linli.core import clock
from linli.core.access import tokens
from linli.core.access.models import Account
from linli.core.access.passwords import verified
from linli.core.errors import RejectedError, text
from linli.core.records.unit_of_work import transact

from ..context import Info
from ..inputs import MutationInput, required
from ..mutations import mutation

SESSION = timedelta(hours=12)


@strawberry.type(description="A session that was opened. 会话。")
class Session:
    """What a client keeps after signing in."""

    token: str = strawberry.field(description="Send it as Authorization: Bearer. 访问令牌。")
    expires_at: datetime = strawberry.field(description="Until when it counts. 失效时间。")


@strawberry.input(description="User name and password. 登录信息。")
class LoginInput(MutationInput):
    """What signs in."""

    username: str = required("User name. 用户名。")
    password: str = required("Password. 密码。")


@mutation("Sign in by user name and password. 登录。", Session, anonymous=True, own_unit=True)
async def login(info: Info, input: LoginInput) -> Session:  # noqa: A002  the argument's name in the API
    """Answer a session, or INVALID_CREDENTIALS without saying which of the two was wrong."""
    account = await Account.get_or_none(username=input.username)
    known = None if account is None or account.disabled_at is not None else account.password_hash
    # in a thread: a slow hash is to keep neither the other requests waiting nor the writer's place
    fits = await asyncio.to_thread(verified, input.password, known)
    if not fits or account is None:
        raise RejectedError(text("The user name or the password is wrong"), code="INVALID_CREDENTIALS")
    expires_at = clock.now() + SESSION
    account_id = account.id
    token = await transact(lambda _unit: tokens.issue(account_id, expires_at), account_id)
    return Session(token=token, expires_at=expires_at)
