"""Signing in by a provider, and binding what it vouches for."""

from __future__ import annotations

import re
from uuid import UUID

import strawberry
import structlog

from linli.core.access import identities, models, throttle
from linli.core.access.authentication import CredentialRefusedError, ProviderUnavailableError
from linli.core.errors import RejectedError, invalid, text

from ..context import Context, Info
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
    counted = await tried(info, None)
    subject = await _subject(info.context, input)
    known = await identities.found(input.provider, subject)
    if known is None or not await models.Account.filter(id=known.account_id, disabled_at=None).exists():
        told = text("No account is bound to this identity: sign in otherwise and bind it")
        raise RejectedError(told, code="IDENTITY_NOT_BOUND", path=("credential",))
    by_account = await tried(info, str(known.account_id))
    return Shown(known.account_id, input.provider, value(input.second_factor), (counted, by_account))


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


async def _own(info: Info, input: BindIdentityInput) -> tuple[UUID, str, throttle.Counted]:  # noqa: A002
    """The account that asks, whom the provider vouches for, and the try."""
    account_id = owner(info.context)
    counted = await tried(info, None)
    return account_id, await _subject(info.context, input), counted


@mutation("Bind what a provider vouches for to one's own account. 绑定身份。", Identity, RateLimitedError, before=_own)
async def bind_identity(
    _info: Info,
    input: BindIdentityInput,  # noqa: A002
    own: tuple[UUID, str, throttle.Counted],
) -> models.Identity:
    """Bind it; CONFLICT where it belongs to another account."""
    account_id, subject, counted = own
    await throttle.succeeded(counted)
    return await identities.bind(account_id, input.provider, subject)


@strawberry.input(description="Unbind an identity. 解绑身份。")
class UnbindIdentityInput(MutationInput):
    """Which."""

    identity_id: strawberry.ID = required("Which. 身份。")


@mutation("Unbind one of one's own identities; what the provider knows is forgotten. 解绑身份。", Identity)
async def unbind_identity(info: Info, input: UnbindIdentityInput) -> models.Identity:  # noqa: A002
    """Unbind it, unless it is the only way to sign in."""
    owner(info.context)
    return await identities.unbind(await seen(info.context, models.Identity, input.identity_id, "identityId"))


async def _subject(context: Context, given: CredentialInput) -> str:
    """Whom the provider vouches for; a refusal in words where it does not."""
    provider = context.district.providers.get(given.provider)
    if provider is None:
        raise invalid("provider", "UNKNOWN", "There is no provider {found} here", found=given.provider)
    if not CREDENTIAL.fullmatch(given.credential):
        raise invalid("credential", "TEXT", "A credential has 1 to 8192 printable ASCII characters")
    try:
        return await provider.subject(given.credential)
    except CredentialRefusedError:
        told = text("The provider does not vouch for this")
        raise RejectedError(told, code="INVALID_CREDENTIALS", path=("credential",)) from None
    except ProviderUnavailableError as error:
        log.warning("provider_unavailable", provider=given.provider, reason=str(error))
        told = text("The provider does not answer: try again later")
        raise RejectedError(told, code="PROVIDER_UNAVAILABLE", path=("provider",)) from None


@fields("Signing in by providers. 第三方登录。")
class IdentityMutation:
    """What can be done by identities."""

    login_with = login_with
    bind_identity = bind_identity
    unbind_identity = unbind_identity
