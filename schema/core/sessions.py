"""Signing in, and renewing what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import strawberry

from linli.core.access import second_factor, sessions, throttle
from linli.core.access.attempts import Attempt, current_tally
from linli.core.access.models import Account, SecondFactor
from linli.core.access.names import account_by_name, folded
from linli.core.access.passwords import checked
from linli.core.counters import (
    LOGIN_FAILED_KNOWN,
    LOGIN_FAILED_UNKNOWN,
    LOGIN_THROTTLED,
    SESSION_BEGUN,
    SESSION_REFUSED,
    counters,
)
from linli.core.errors import RateLimitedError as TooManyError
from linli.core.errors import RejectedError, text
from linli.core.records.store import Store, current_store, scope
from linli.core.records.unit_of_work import act_as, current_unit, transact
from linli.core.tasks import spawn

from ..context import Info
from ..contributions import fields
from ..errors import RateLimitedError
from ..inputs import MutationInput, not_remembered, optional, required, secret, value
from ..mutations import mutation


@strawberry.type(description="The tokens of a session. 会话令牌。")
class Session:
    """What a client keeps after signing in."""

    token: str = strawberry.field(description="Send it as Authorization: Bearer. 访问令牌。")
    expires_at: datetime = strawberry.field(description="Until when it counts. 失效时间。")
    refresh_token: str = strawberry.field(
        description="Renews the session by refreshSession, once; then there is a new one. 刷新令牌，限用一次。"
    )


def given(opened: sessions.Opened) -> Session:
    """What a client is given of a session."""
    return Session(token=opened.token, expires_at=opened.expires_at, refresh_token=opened.refresh_token)


@strawberry.input(description="User name and password. 登录信息。")
class LoginInput(MutationInput):
    """What signs in."""

    request_id: str | None = not_remembered()
    username: str = required("User name. 用户名。")
    password: str = secret("Password. 密码。")
    second_factor: str | None = optional(
        "A code by time or a recovery code, where one is asked for. 动态口令或恢复码。"
    )


@dataclass(frozen=True)
class Shown:
    """Who somebody has shown to be, and how; `anew` replaces the password's hash `kept` where it has to be another.

    `counted` are the tries that this took.
    """

    account_id: UUID
    provider: str
    code: str | None
    counted: tuple[throttle.Counted, ...]
    kept: str | None = None
    anew: str | None = None


async def _shown(info: Info, input: LoginInput) -> Shown:  # noqa: A002
    """Whose name and password these are, or INVALID_CREDENTIALS without saying which of the two was wrong.

    Beyond the limits it is RATE_LIMITED for every name, at the price of one hash or, while others are made, none.
    """
    account = await account_by_name(input.username)
    with ExitStack() as turn:
        counted = await _unless_throttled(_tried_name(info, input.username, account, turn))
        open_to = account is not None and account.disabled_at is None and counted.passes
        known = account.password_hash if account is not None and open_to else None
        # in a thread: a slow hash is to keep neither the other requests waiting nor the writer's place
        fits, anew = await asyncio.to_thread(checked, input.password, known)
    if fits and account is not None:
        return Shown(account.id, "password", value(input.second_factor), (counted,), known, anew)
    note_failure(None if account is None else account.id)
    if counted.held is not None:
        counters.add(LOGIN_THROTTLED, current_store().key)
    raise counted.held or RejectedError(text("The user name or the password is wrong"), code="INVALID_CREDENTIALS")


async def _unless_throttled(counting: Awaitable[throttle.Counted]) -> throttle.Counted:
    """Count those whom the limits refuse."""
    try:
        return await counting
    except TooManyError:
        counters.add(LOGIN_THROTTLED, current_store().key)
        raise


async def _tried_name(info: Info, username: str, account: Account | None, turn: ExitStack) -> throttle.Counted:
    """Count a try at a name; beyond the limits it takes a turn, and is not counted where there is none."""
    origin, settings = info.context.origin, info.context.district.settings
    which = throttle.Tried(folded(username), None if account is None else account.id)

    async def work(_unit: object) -> throttle.Counted:
        turn.close()  # of an attempt that the store undid
        counted = await throttle.count(which, origin, settings)
        if counted.held is not None:
            turn.enter_context(throttle.HASHES.taken("login", origin.network))
        return counted

    return await transact(work)


@mutation("Sign in by user name and password. 登录。", Session, RateLimitedError, anonymous=True, before=_shown)
async def login(info: Info, input: LoginInput, shown: Shown) -> Session:  # noqa: A002  the argument's name in the API
    """Answer a session."""
    return await begin(info, shown)


def note_failure(account_id: UUID | None) -> None:
    """Record a wrong password or code beside the answer, which must take as long for known names as for others."""
    counters.add(LOGIN_FAILED_UNKNOWN if account_id is None else LOGIN_FAILED_KNOWN, current_store().key)
    if account_id is not None:
        spawn(partial(_failed, current_store(), account_id), name="failed login")


async def _failed(store: Store, account_id: UUID) -> None:
    with scope(store):
        await current_tally().note(Attempt(account_id))


async def tried(info: Info, account: Account, *, guessing: bool = True) -> throttle.Counted:
    """Count a try at the account of whoever asks; RateLimitedError where there are too many, uncounted.

    One that is not `guessing` comes by a provider's word, and is counted apart from guesses at the password.
    """
    origin, settings = info.context.origin, info.context.district.settings
    which = throttle.Tried(folded(account.username) if guessing else str(account.id), account.id)

    async def work(_unit: object) -> throttle.Counted:
        counted = await throttle.count(which, origin, settings, guessing=guessing)
        if counted.held is not None and not counted.passes:
            raise counted.held
        return counted

    return await _unless_throttled(transact(work))


async def begin(info: Info, shown: Shown) -> Session:
    """Begin a session of an account that has shown who it is, and its second factor where it has one."""
    act_as(shown.account_id)
    origin, settings = info.context.origin, info.context.district.settings
    factor = await second_factor.active(shown.account_id)
    if factor is not None:
        await _check_code(factor, shown)
    for one in shown.counted:
        await throttle.succeeded(one)
    if shown.anew is not None:
        await Account.filter(id=shown.account_id, password_hash=shown.kept).update(password_hash=shown.anew)
    with_factor = factor is not None
    begun = await sessions.open_session(shown.account_id, shown.provider, origin, settings, second_factor=with_factor)
    unit = current_unit()
    unit.after_commit.append(partial(counters.add, SESSION_BEGUN, unit.store.key))
    return given(begun)


async def _check_code(factor: SecondFactor, shown: Shown) -> None:
    """Refuse whoever does not show the second factor."""
    if not shown.code:
        raise second_factor.required()
    if not await second_factor.shown(factor, shown.code):
        note_failure(shown.account_id)
        raise wrong_code("secondFactor")


def wrong_code(path: str) -> RejectedError:
    """A code that does not count, or no longer."""
    told = text("This code is wrong, or was used before")
    return RejectedError(told, code="INVALID_CREDENTIALS", path=(path,))


@strawberry.input(description="The token that renews. 刷新令牌。")
class RefreshSessionInput(MutationInput):
    """What renews."""

    request_id: str | None = not_remembered()
    refresh_token: str = secret("The refresh token that was given last. 最近一次发放的刷新令牌。")


@mutation(
    "Renew a session, without an access token; a refresh token that comes a second time ends its session. 续期会话。",
    Session,
    anonymous=True,
)
async def refresh_session(info: Info, input: RefreshSessionInput) -> Session | RejectedError:  # noqa: A002
    """Answer new tokens, or SESSION_ENDED whatever the reason; that a reused token ended the session stands."""
    act_as(None)
    renewed = await sessions.refresh(input.refresh_token, info.context.district.settings)
    if renewed is None:
        counters.add(SESSION_REFUSED, current_store().key)
        told = text("This session is over: sign in again")
        return RejectedError(told, code="SESSION_ENDED", path=("refreshToken",))
    return given(renewed)


@fields("Signing in. 登录。")
class SignInMutation:
    """What can be done without a token."""

    login = login
    refresh_session = refresh_session
