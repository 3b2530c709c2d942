"""Mutations of one's own second factor."""

from __future__ import annotations

import asyncio

import strawberry

from linli.core.access import models, second_factor, throttle
from linli.core.access.passwords import verified
from linli.core.errors import InvalidTransitionError, RejectedError, text

from ..context import Info
from ..contributions import fields
from ..errors import RateLimitedError
from ..inputs import MutationInput, required, secret, value
from ..mutations import mutation, told_once
from .access import Account
from .session_changes import owner
from .sessions import note_failure, tried, wrong_code


@strawberry.type(description="A second factor to confirm. 待确认的二次验证。")
class EnrolledSecondFactor:
    """What an authenticator app is given, this once."""

    secret: str = strawberry.field(description="Base32, to type in. 密钥。")
    address: str = strawberry.field(description="otpauth://, to show as a QR code. 二维码内容。")


@strawberry.type(description="A second factor that counts from now on. 已启用的二次验证。")
class ConfirmedSecondFactor:
    """What its owner keeps in a safe place, this once."""

    recovery_codes: list[str] = strawberry.field(
        description="Each stands in for a lost app, once. 恢复码，每个限用一次。"
    )


@strawberry.input(description="Begin a second factor. 登记二次验证。")
class EnrolSecondFactorInput(MutationInput):
    """Who asks."""

    password: str | None = secret("One's own password, where the account has one. 密码。", needed=False)


Tried = tuple[models.Account, throttle.Counted]
"""The account that asks, and the try that this is."""


async def _tried(info: Info, _input: MutationInput) -> Tried:
    account = await models.Account.get(id=owner(info.context))
    return account, await tried(info, account)


async def _with_password(info: Info, input: EnrolSecondFactorInput) -> Tried:  # noqa: A002
    account, counted = await _tried(info, input)
    if account.password_hash is not None:
        given = value(input.password) or ""
        if not await asyncio.to_thread(verified, given, account.password_hash):
            note_failure(account.id)
            raise RejectedError(text("The password is wrong"), code="INVALID_CREDENTIALS", path=("password",))
    return account, counted


@mutation(
    "Begin a second factor by time (RFC 6238); it counts once confirmed. 登记二次验证。",
    EnrolledSecondFactor,
    RateLimitedError,
    before=_with_password,
    again=told_once(text("This was done, and its secret is told only once: send it again under another request id")),
)
async def enrol_second_factor(info: Info, input: EnrolSecondFactorInput, own: Tried) -> EnrolledSecondFactor:  # noqa: A002
    """Give the secret to whoever knows the password."""
    account, counted = own
    await throttle.succeeded(counted)
    made = await second_factor.enrol(account, info.context.district.configuration.name)
    return EnrolledSecondFactor(secret=made.secret, address=made.address)


@strawberry.input(description="A code by time. 动态口令。")
class ConfirmSecondFactorInput(MutationInput):
    """What the app shows."""

    code: str = required("Six digits. 动态口令。")


@mutation(
    "Let the second factor count from now on. 启用二次验证。",
    ConfirmedSecondFactor,
    RateLimitedError,
    before=_tried,
    again=told_once(
        text("This was done, and recovery codes are told only once: to get others, disable the factor and enrol anew")
    ),
)
async def confirm_second_factor(
    info: Info,
    input: ConfirmSecondFactorInput,  # noqa: A002
    own: Tried,
) -> ConfirmedSecondFactor:
    """Answer recovery codes, or INVALID_CREDENTIALS for a code that does not fit."""
    account, counted = own
    codes = await second_factor.confirm(account.id, input.code, info.context.viewer.session_id)
    if codes is None:
        raise wrong_code("code")
    await throttle.succeeded(counted)
    return ConfirmedSecondFactor(recovery_codes=codes)


@strawberry.input(description="Disable the second factor. 停用二次验证。")
class DisableSecondFactorInput(MutationInput):
    """What shows that it is the owner."""

    code: str = required("A code by time or a recovery code. 动态口令或恢复码。")


@mutation("Disable one's own second factor. 停用二次验证。", Account, RateLimitedError, before=_tried)
async def disable_second_factor(_info: Info, input: DisableSecondFactorInput, own: Tried) -> models.Account:  # noqa: A002
    """Disable it for whoever shows it."""
    account, counted = own
    factor = await second_factor.active(account.id)
    if factor is None:
        raise InvalidTransitionError(text("There is no second factor to disable"))
    if not await second_factor.shown(factor, input.code):
        note_failure(account.id)
        raise wrong_code("code")
    await second_factor.disable(factor)
    await throttle.succeeded(counted)
    return account


@fields("Changes of one's own second factor. 二次验证变更。")
class SecondFactorMutation:
    """What somebody can do about the own second factor."""

    enrol_second_factor = enrol_second_factor
    confirm_second_factor = confirm_second_factor
    disable_second_factor = disable_second_factor
