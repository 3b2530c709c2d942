"""Mutations of one's own second factor."""

from __future__ import annotations

import asyncio

import strawberry

from linli.core.access import models, second_factor, throttle
from linli.core.access.passwords import verified
from linli.core.errors import InvalidTransitionError, RejectedError, text
from linli.core.records.unit_of_work import transact

from ..context import Info
from ..contributions import fields
from ..errors import RateLimitedError
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation
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

    password: str | None = optional("One's own password, where the account has one. 密码。")


@mutation(
    "Begin a second factor by time (RFC 6238); it counts once confirmed. 登记二次验证。",
    EnrolledSecondFactor,
    RateLimitedError,
    own_unit=True,
)
async def enrol_second_factor(info: Info, input: EnrolSecondFactorInput) -> EnrolledSecondFactor:  # noqa: A002
    """Give the secret to whoever knows the password."""
    account = await models.Account.get(id=owner(info.context))
    counted = await tried(info, account.username)
    if account.password_hash is not None:
        given = value(input.password) or ""
        if not await asyncio.to_thread(verified, given, account.password_hash):
            note_failure(account.id)
            raise RejectedError(text("The password is wrong"), code="INVALID_CREDENTIALS", path=("password",))
    issuer = info.context.district.configuration.name

    async def work(_unit: object) -> second_factor.Enrolled:
        await throttle.succeeded(counted)
        return await second_factor.enrol(account, issuer)

    made = await transact(work, account.id)
    return EnrolledSecondFactor(secret=made.secret, address=made.address)


@strawberry.input(description="A code by time. 动态口令。")
class ConfirmSecondFactorInput(MutationInput):
    """What the app shows."""

    code: str = required("Six digits. 动态口令。")


@mutation(
    "Let the second factor count from now on. 启用二次验证。", ConfirmedSecondFactor, RateLimitedError, own_unit=True
)
async def confirm_second_factor(info: Info, input: ConfirmSecondFactorInput) -> ConfirmedSecondFactor:  # noqa: A002
    """Answer recovery codes, or INVALID_CREDENTIALS for a code that does not fit."""
    account = await models.Account.get(id=owner(info.context))
    counted, session_id = await tried(info, account.username), info.context.viewer.session_id

    async def work(_unit: object) -> list[str]:
        codes = await second_factor.confirm(account.id, input.code, session_id)
        if codes is None:
            raise wrong_code("code")
        await throttle.succeeded(counted)
        return codes

    return ConfirmedSecondFactor(recovery_codes=await transact(work, account.id))


@strawberry.input(description="Disable the second factor. 停用二次验证。")
class DisableSecondFactorInput(MutationInput):
    """What shows that it is the owner."""

    code: str = required("A code by time or a recovery code. 动态口令或恢复码。")


@mutation("Disable one's own second factor. 停用二次验证。", Account, RateLimitedError, own_unit=True)
async def disable_second_factor(info: Info, input: DisableSecondFactorInput) -> models.Account:  # noqa: A002
    """Disable it for whoever shows it."""
    account = await models.Account.get(id=owner(info.context))
    counted = await tried(info, account.username)

    async def work(_unit: object) -> None:
        factor = await second_factor.active(account.id)
        if factor is None:
            raise InvalidTransitionError(text("There is no second factor to disable"))
        if not await second_factor.shown(factor, input.code):
            note_failure(account.id)
            raise wrong_code("code")
        await second_factor.disable(factor)
        await throttle.succeeded(counted)

    await transact(work, account.id)
    return account


@fields("Changes of one's own second factor. 二次验证变更。")
class SecondFactorMutation:
    """What somebody can do about the own second factor."""

    enrol_second_factor = enrol_second_factor
    confirm_second_factor = confirm_second_factor
    disable_second_factor = disable_second_factor
