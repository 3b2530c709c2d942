"""Identities at providers: bound to an account, and no longer. 身份绑定。"""

from __future__ import annotations

from uuid import UUID

from tortoise.exceptions import IntegrityError

from .. import clock
from ..errors import ConflictError, RejectedError, text
from ..records import events
from ..records.encrypted import blind, blinds, encrypt
from ..records.record import new_id
from .event_types import IDENTITY, IDENTITY_BOUND, IDENTITY_UNBOUND, IdentityChanged
from .models import Account, Identity


async def found(provider: str, subject: str) -> Identity | None:
    """The identity that a provider's subject is bound by."""
    return await Identity.filter(provider=provider, subject_index__in=blinds(Identity, "subject", subject)).first()


async def bind(account_id: UUID, provider: str, subject: str) -> Identity:
    """Bind an identity, in a unit of work; one that is the account's already stays.

    Raises ConflictError where it is bound to another account.
    """
    known = await found(provider, subject)
    if known is not None and known.account_id == account_id:
        return known
    if known is not None:
        raise _taken()
    id_ = new_id()
    try:
        made = await Identity.create(
            id=id_,
            account_id=account_id,
            provider=provider,
            subject=encrypt(Identity, "subject", subject, id_),
            subject_index=blind(Identity, "subject", subject),
        )
    except IntegrityError as error:  # somebody bound it a moment ago
        raise _taken() from error
    told = IdentityChanged(account_id=account_id, provider=provider)
    await events.append(IDENTITY_BOUND, IDENTITY, made.id, told)
    return made


async def unbind_all(account_id: UUID) -> None:
    """Unbind every identity of an account that has a password to sign in by, in a unit of work."""
    if await Account.filter(id=account_id, password_hash__isnull=False).exists():
        for identity in await Identity.filter(account_id=account_id, unbound_at=None).order_by("id"):
            await unbind(identity)


def _taken() -> ConflictError:
    return ConflictError(text("This identity belongs to another account"), path=("credential",))


async def unbind(identity: Identity) -> Identity:
    """Unbind an identity, in a unit of work; one that is unbound stays so.

    Raises RejectedError LAST_IDENTITY where nothing would be left to sign in by.
    """
    if identity.unbound_at is not None:
        return identity
    account = await Account.filter(id=identity.account_id).select_for_update().get()
    others = Identity.filter(account_id=account.id, unbound_at=None).exclude(id=identity.id)
    if account.password_hash is None and not await others.exists():
        raise RejectedError(text("Nothing would be left to sign in by"), code="LAST_IDENTITY", path=("identityId",))
    now = clock.now()
    changed = {"subject": None, "subject_index": None, "unbound_at": now, "updated_at": now}
    await Identity.filter(id=identity.id).update(**changed, version=identity.version + 1)
    identity.update_from_dict({**changed, "version": identity.version + 1})
    told = IdentityChanged(account_id=account.id, provider=identity.provider)
    await events.append(IDENTITY_UNBOUND, IDENTITY, identity.id, told)
    return identity
