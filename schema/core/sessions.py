"""Signing in."""

from __future__ import annotations

from datetime import datetime, timedelta

import strawberry

from linli.core import clock
from linli.core.access import tokens
from linli.core.access.models import Account
from linli.core.access.passwords import verified
from linli.core.errors import RejectedError, text

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


@mutation("Sign in by user name and password. 登录。", Session, anonymous=True)
async def login(info: Info, input: LoginInput) -> Session:  # noqa: A002  the argument's name in the API
    """Answer a session, or INVALID_CREDENTIALS without saying which of the two was wrong."""
    account = await Account.get_or_none(username=input.username)
    known = None if account is None or account.disabled_at is not None else account.password_hash
    if not verified(input.password, known) or account is None:
        raise RejectedError(text("The user name or the password is wrong"), code="INVALID_CREDENTIALS")
    expires_at = clock.now() + SESSION
    return Session(token=await tokens.issue(account.id, expires_at), expires_at=expires_at)
