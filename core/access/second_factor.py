"""The second factor: enrolled, confirmed by a code, asked for at every login, replaced by recovery codes. 二次验证。

Every function that changes something runs in a unit of work. A code counts once: neither it nor an earlier one is taken
again. Roles in `second_factor_roles` count only in sessions that began with a second factor.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from .. import clock
from ..errors import InvalidTransitionError, RejectedError, text
from ..records import events
from ..records.encrypted import encrypt
from ..records.record import new_id
from . import totp
from .event_types import ACCOUNT, SECOND_FACTOR_DISABLED, SECOND_FACTOR_ENABLED, SecondFactorChanged
from .models import Account, AccountSession, RecoveryCode, SecondFactor
from .tokens import digest

RECOVERY_CODES = 10
RECOVERY_BYTES = 10


@dataclass(frozen=True)
class Enrolled:
    """What the owner puts into an authenticator app, this once."""

    secret: str
    address: str


async def active(account_id: UUID) -> SecondFactor | None:
    """The second factor that an account has confirmed."""
    return await SecondFactor.filter(account_id=account_id, disabled_at=None, confirmed_at__isnull=False).first()


async def enrol(account: Account, issuer: str) -> Enrolled:
    """Begin a second factor; it counts once it is confirmed, and replaces one that was not."""
    await Account.filter(id=account.id).select_for_update().get()
    if await active(account.id) is not None:
        raise InvalidTransitionError(text("There is a second factor already: disable it first"))
    await SecondFactor.filter(account_id=account.id, confirmed_at=None).delete()
    secret = totp.new_secret()
    id_ = new_id()
    await SecondFactor.create(id=id_, account_id=account.id, secret=encrypt(SecondFactor, "secret", secret, id_))
    return Enrolled(secret, totp.address(secret, issuer, account.username))


async def confirm(account_id: UUID, code: str, session_id: UUID | None) -> list[str] | None:
    """Let a second factor count from now on, and give its recovery codes, this once; None for a wrong code.

    The session in which it is confirmed has shown it too.
    """
    factor = await SecondFactor.filter(account_id=account_id, disabled_at=None).select_for_update().first()
    if factor is None or factor.confirmed_at is not None:
        raise InvalidTransitionError(text("There is no second factor to confirm: enrol one first"))
    if not await _taken(factor, code):
        return None
    await SecondFactor.filter(id=factor.id).update(confirmed_at=clock.now())
    if session_id is not None:
        await AccountSession.filter(id=session_id).update(second_factor=True)
    await events.append(SECOND_FACTOR_ENABLED, ACCOUNT, account_id, SecondFactorChanged())
    return await _recovery_codes(factor)


async def shown(factor: SecondFactor, code: str) -> bool:
    """Whether a code, or a recovery code, is one that counts now; it counts no more."""
    written = code.replace(" ", "").replace("-", "")
    return await _taken(factor, written) or await _recovered(factor, written.lower())


async def disable(factor: SecondFactor) -> None:
    """End a second factor, with its secret and its recovery codes."""
    now = clock.now()
    await SecondFactor.filter(id=factor.id).update(disabled_at=now, secret=None)
    await RecoveryCode.filter(factor_id=factor.id).delete()
    await AccountSession.filter(account_id=factor.account_id, ended_at=None).update(second_factor=False)
    await events.append(SECOND_FACTOR_DISABLED, ACCOUNT, factor.account_id, SecondFactorChanged())


def required() -> RejectedError:
    """The password was right, and is not enough."""
    told = text("A code of the second factor is needed")
    return RejectedError(told, code="SECOND_FACTOR_REQUIRED", path=("secondFactor",))


async def _taken(factor: SecondFactor, code: str) -> bool:
    """Whether a code by time fits and is of a later step than the last one: of two at once one fits."""
    assert factor.secret is not None, "a factor that counts has its secret"
    step = totp.step_of(factor.secret.decrypt(), code, clock.now())
    if step is None:
        return False
    unused = SecondFactor.filter(id=factor.id, last_step__lt=step)
    return bool(await unused.update(last_step=step))


async def _recovered(factor: SecondFactor, code: str) -> bool:
    unused = RecoveryCode.filter(factor_id=factor.id, digest=digest(code), used_at=None)
    return bool(await unused.update(used_at=clock.now()))


async def _recovery_codes(factor: SecondFactor) -> list[str]:
    """Codes of 80 random bits, which need no slow hash."""
    codes = [secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    await RecoveryCode.bulk_create([RecoveryCode(factor_id=factor.id, digest=digest(code)) for code in codes])
    return ["-".join(code[start : start + 5] for start in range(0, len(code), 5)) for code in codes]
