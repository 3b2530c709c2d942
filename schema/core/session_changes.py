"""Mutations of one's own sessions and password."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import strawberry

from linli.core.access import models, services, sessions, throttle
from linli.core.access.passwords import hashed, verified
from linli.core.access.sessions import Reason
from linli.core.errors import ForbiddenError, RejectedError, text
from linli.core.records.requests import Outcome, reused
from linli.core.records.unit_of_work import transact

from ..context import Context, Info
from ..contributions import fields
from ..errors import RateLimitedError
from ..inputs import MutationInput, required, secret
from ..mutations import mutation
from .access import Account, AccountSession
from .lookups import seen
from .sessions import note_failure, tried


def owner(context: Context) -> UUID:
    """The account that asks; a narrowed token changes nothing of the account itself."""
    viewer = context.viewer
    assert viewer.account_id is not None, "mutations that need a token ask for one"
    if viewer.narrowed:
        raise ForbiddenError(text("A narrowed token changes nothing of its account"))
    return viewer.account_id


@strawberry.input(description="Sign out. 退出登录。")
class LogoutInput(MutationInput):
    """This session."""


@mutation("End the session that the request belongs to. 退出登录。", AccountSession)
async def logout(info: Info, input: LogoutInput) -> models.AccountSession:  # noqa: A002
    """End it with all its tokens."""
    session_id = info.context.viewer.session_id
    if session_id is None:
        raise RejectedError(text("This token belongs to no session"), code="NO_SESSION")
    return await sessions.end(await models.AccountSession.get(id=session_id), Reason.SIGNED_OUT)


@strawberry.input(description="Sign out everywhere. 全部退出。")
class LogoutEverywhereInput(MutationInput):
    """All sessions."""


@mutation("End all of one's own sessions; service tokens stay. 退出全部会话。", Account)
async def logout_everywhere(info: Info, input: LogoutEverywhereInput) -> models.Account:  # noqa: A002
    """End them, this one too."""
    account_id = owner(info.context)
    await sessions.end_all(account_id, Reason.EVERYWHERE)
    return await models.Account.get(id=account_id)


@strawberry.input(description="Which session ends. 结束会话。")
class RevokeSessionInput(MutationInput):
    """Which."""

    session_id: strawberry.ID = required("Which. 会话。")


@mutation("End one of one's own sessions. 结束某个会话。", AccountSession)
async def revoke_session(info: Info, input: RevokeSessionInput) -> models.AccountSession:  # noqa: A002
    """End it with all its tokens."""
    owner(info.context)
    return await sessions.end(
        await seen(info.context, models.AccountSession, input.session_id, "sessionId"), Reason.REVOKED
    )


@strawberry.input(description="The old and the new password. 修改密码。")
class ChangePasswordInput(MutationInput):
    """Both."""

    old_password: str = secret("The password so far. 原密码。")
    new_password: str = secret("Another one, 10 characters at least. 新密码。")


@dataclass(frozen=True)
class _Change:
    """Whose password is to become the one of this hash; `counted` is the try."""

    account: models.Account
    kept: str
    counted: throttle.Counted


async def _change(info: Info, input: ChangePasswordInput) -> _Change:  # noqa: A002
    """The change that is asked for, by somebody who knows the old password; INVALID_CREDENTIALS for others."""
    account = await models.Account.get(id=owner(info.context))
    services.check_password(input.new_password, "newPassword")
    counted = await tried(info, account)
    if not await asyncio.to_thread(verified, input.old_password, account.password_hash):
        note_failure(account.id)
        raise RejectedError(text("The old password is wrong"), code="INVALID_CREDENTIALS", path=("oldPassword",))
    return _Change(account, await asyncio.to_thread(hashed, input.new_password), counted)


async def _changed_before(info: Info, input: ChangePasswordInput, _outcome: Outcome) -> models.Account:  # noqa: A002
    """The account, where the password is the new one.

    No hash of a password is kept to compare the two requests by, since it would be easier to guess at than the
    account's own; so it is the account's own that is asked, and the question is counted as a try like any other.
    """
    account = await models.Account.get(id=owner(info.context))
    counted = await tried(info, account)
    if not await asyncio.to_thread(verified, input.new_password, account.password_hash):
        note_failure(account.id)
        raise reused()
    await transact(lambda _unit: throttle.succeeded(counted))
    return account


@mutation(
    "Change one's own password; all other sessions end. 修改密码，其他会话随之结束。",
    Account,
    RateLimitedError,
    before=_change,
    again=_changed_before,
)
async def change_password(info: Info, input: ChangePasswordInput, change: _Change) -> models.Account:  # noqa: A002
    """Change it."""
    await throttle.succeeded(change.counted)
    return await services.change_password(change.account, change.kept, info.context.viewer.session_id)


@fields("Changes of one's own sessions. 会话变更。")
class SessionMutation:
    """What somebody can do about the own account."""

    logout = logout
    logout_everywhere = logout_everywhere
    revoke_session = revoke_session
    change_password = change_password
