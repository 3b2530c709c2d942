"""Signing in by a provider, and binding what it vouches for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

import strawberry
import structlog

from linli.core.access import identities, models, throttle
from linli.core.access.authentication import (
    CredentialRefusedError,
    Provider,
    ProviderUnavailableError,
    verifies_here,
)
from linli.core.access.turns import Turns
from linli.core.access.viewer import unconfirmed
from linli.core.errors import RejectedError, invalid, text
from linli.core.records.unit_of_work import transact

from ..context import Info
from ..contributions import fields
from ..errors import RateLimitedError
from ..inputs import MutationInput, not_remembered, optional, required, value
from ..mutations import mutation
from .access import Identity
from .lookups import seen
from .session_changes import owner
from .sessions import Session, Shown, begin, tried

log = structlog.get_logger(__name__)

CREDENTIAL = re.compile(r"[\x21-\x7e]{1,8192}")
UNAVAILABLE = "PROVIDER_UNAVAILABLE"
CODES = Turns(32, 8)
"""Codes under way to a provider of a district: in a process, and from one address."""


@dataclass(frozen=True)
class _Vouched:
    """Whom a provider vouches for; `counted` is the try, where one was counted."""

    subject: str
    counted: tuple[throttle.Counted, ...]


@strawberry.input(description="What a provider gave. 第三方凭据。")
class CredentialInput(MutationInput):
    """A provider and its credential."""

    provider: str = required("The provider's name in the district's configuration. 身份提供方。")
    credential: str = required("An OIDC token, or an OAuth2 code. 令牌或授权码。")


@strawberry.input(description="Sign in by a provider. 第三方登录。")
class LoginWithInput(CredentialInput):
    """What signs in."""

    request_id: str | None = not_remembered()
    second_factor: str | None = optional(
        "A code by time or a recovery code, where one is asked for. 动态口令或恢复码。"
    )


@strawberry.input(description="Bind an identity. 绑定身份。")
class BindIdentityInput(CredentialInput):
    """What is bound."""


async def _shown(info: Info, input: LoginWithInput) -> Shown:  # noqa: A002
    """Whose identity the provider vouches for."""
    vouched = await _vouched(info, input)
    known = await identities.found(input.provider, vouched.subject)
    account = None if known is None else await models.Account.get_or_none(id=known.account_id, disabled_at=None)
    if account is None:
        told = text("No account is bound to this identity: sign in otherwise and bind it")
        raise RejectedError(told, code="IDENTITY_NOT_BOUND", path=("credential",))
    by_account = await tried(info, account, guessing=False)
    return Shown(account.id, input.provider, value(input.second_factor), (*vouched.counted, by_account))


@mutation(
    "Sign in by a provider's token or code; IDENTITY_NOT_BOUND where no account is bound to it. 第三方登录。",
    Session,
    RateLimitedError,
    anonymous=True,
    before=_shown,
)
async def login_with(info: Info, input: LoginWithInput, shown: Shown) -> Session:  # noqa: A002
    """Answer a session of the account that the identity is bound to."""
    return await begin(info, shown)


async def _own(info: Info, input: BindIdentityInput) -> tuple[UUID, _Vouched]:  # noqa: A002
    """The account that asks, and whom the provider vouches for.

    Not while whoever made the account may be the one who asks: they could sign in ever after by what they bind.
    """
    account_id = owner(info.context)
    if not info.context.viewer.person_confirmed:
        raise unconfirmed()
    return account_id, await _vouched(info, input)


@mutation(
    "Bind what a provider vouches for to one's own account; not before its person is confirmed. 绑定身份。",
    Identity,
    RateLimitedError,
    before=_own,
)
async def bind_identity(
    _info: Info,
    input: BindIdentityInput,  # noqa: A002
    own: tuple[UUID, _Vouched],
) -> models.Identity:
    """Bind it; CONFLICT where it belongs to another account."""
    account_id, vouched = own
    for one in vouched.counted:
        await throttle.succeeded(one)
    return await identities.bind(account_id, input.provider, vouched.subject)


@strawberry.input(description="Unbind an identity. 解绑身份。")
class UnbindIdentityInput(MutationInput):
    """Which."""

    identity_id: strawberry.ID = required("Which. 身份。")


@mutation("Unbind one of one's own identities; what the provider knows is forgotten. 解绑身份。", Identity)
async def unbind_identity(info: Info, input: UnbindIdentityInput) -> models.Identity:  # noqa: A002
    """Unbind it, unless it is the only way to sign in."""
    owner(info.context)
    return await identities.unbind(await seen(info.context, models.Identity, input.identity_id, "identityId"))


async def _vouched(info: Info, given: CredentialInput) -> _Vouched:
    """Whom the provider vouches for; a refusal in words where it does not.

    What is verified here is judged before anything is counted, so that garbage holds nobody up. A code, which costs
    the provider a request, takes a turn and counts for its address until it turns out to be right.
    """
    provider = info.context.district.providers.get(given.provider)
    if provider is None:
        raise invalid("provider", "UNKNOWN", "There is no provider {found} here", found=given.provider)
    if not CREDENTIAL.fullmatch(given.credential):
        raise invalid("credential", "TEXT", "A credential has 1 to 8192 printable ASCII characters")
    if verifies_here(provider):
        return _Vouched(await _subject(provider, given), ())
    origin, settings = info.context.origin, info.context.district.settings
    with CODES.taken((info.context.district.key, given.provider), origin.address):
        counted = await transact(lambda _unit: throttle.count_code(origin, settings))
        try:
            return _Vouched(await _subject(provider, given), (counted,))
        except RejectedError as error:
            if error.code == UNAVAILABLE:
                await transact(lambda _unit: throttle.succeeded(counted))
            raise


async def _subject(provider: Provider, given: CredentialInput) -> str:
    try:
        return await provider.subject(given.credential)
    except CredentialRefusedError:
        told = text("The provider does not vouch for this")
        raise RejectedError(told, code="INVALID_CREDENTIALS", path=("credential",)) from None
    except ProviderUnavailableError as error:
        log.warning("provider_unavailable", provider=given.provider, reason=str(error))
        told = text("The provider does not answer: try again later")
        raise RejectedError(told, code=UNAVAILABLE, path=("provider",)) from None


@fields("Signing in by providers. 第三方登录。")
class IdentityMutation:
    """What can be done by identities."""

    login_with = login_with
    bind_identity = bind_identity
    unbind_identity = unbind_identity
