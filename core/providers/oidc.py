"""OpenID Connect: signed tokens that are checked here, with keys that the issuer publishes. OIDC。"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from linli.core import clock
from linli.core.access.authentication import CredentialRefusedError, ProviderUnavailableError
from linli.core.config.providers import OidcProvider

from .http import ask

log = structlog.get_logger(__name__)

SUCCESS = 200
SECONDS_BETWEEN = 30.0
"""Between two fetches of the keys at least: tokens with made-up key ids are not to make us hammer the issuer."""


class Keys:
    """An issuer's public keys, fetched when they are needed and kept for a while.

    While the issuer does not answer the ones at hand count, but no longer than `stale_seconds` after they were fetched:
    an issuer that took a key back could not tell. Whoever asks while they are fetched waits for that one request.
    """

    def __init__(self, url: str, keep_seconds: float, stale_seconds: float) -> None:
        self._url, self._keep = url, keep_seconds
        self._stale = max(keep_seconds, stale_seconds)
        self._keys: KeySet | None = None
        self._fetched = self._tried = float("-inf")
        self._one = asyncio.Lock()

    async def current(self) -> KeySet:
        """The keys; stale ones rather than none while the issuer does not answer."""
        async with self._one:
            if self._age > self._keep:
                await self._renew()
            if self._keys is None:
                raise ProviderUnavailableError(f"{self._url} gave no keys")
            if self._age > self._stale:
                raise ProviderUnavailableError(f"{self._url} gave no keys for {self._age:.0f} seconds")
            return self._keys

    @property
    def _age(self) -> float:
        return clock.monotonic() - self._fetched

    async def renewed(self) -> KeySet:
        """The keys after a look whether there are others, for a token whose key is not among them."""
        async with self._one:
            await self._renew()
            assert self._keys is not None, "asked for anew before there were any"
            return self._keys

    async def _renew(self) -> None:
        now = clock.monotonic()
        if now - self._tried < SECONDS_BETWEEN:
            return
        self._tried = now
        try:
            self._keys, self._fetched = await self._fetch(), now
        except ProviderUnavailableError as error:
            log.warning("keys_not_fetched", reason=str(error))

    async def _fetch(self) -> KeySet:
        reply = await ask("GET", self._url)
        if reply.status != SUCCESS or not isinstance(reply.body, dict):
            raise ProviderUnavailableError(f"{self._url} answers {reply.status}")
        try:
            return KeySet.import_key_set(reply.body)  # type: ignore[arg-type]  # it checks the shape itself
        except (JoseError, ValueError, TypeError, KeyError):
            raise ProviderUnavailableError(f"{self._url} answers no key set") from None


class Oidc:
    """Takes id tokens and bearer tokens of one issuer for one audience."""

    verifies_here = True

    def __init__(self, settings: OidcProvider) -> None:
        self._settings = settings
        self._keys = Keys(settings.jwks_url, settings.keys_minutes * 60, settings.keys_stale_hours * 3600)

    async def subject(self, credential: str) -> str:
        """Whom the token is about, once its signature, issuer, audience and times are right."""
        try:
            claims = (await self._decoded(credential)).claims
            self._registry().validate(claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            raise CredentialRefusedError from None
        self._check_party(claims)
        found = claims.get(self._settings.subject)
        if not isinstance(found, str) or not found or not found.isprintable():
            raise CredentialRefusedError
        return found

    async def _decoded(self, credential: str) -> jwt.Token:
        allowed = list(self._settings.algorithms)
        if jws.extract_compact(credential.encode()).headers().get("alg") not in allowed:
            raise CredentialRefusedError
        try:
            return jwt.decode(credential, await self._keys.current(), algorithms=allowed)
        except InvalidKeyIdError:
            return jwt.decode(credential, await self._keys.renewed(), algorithms=allowed)

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=self._settings.skew_seconds,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.audience},
            exp={"essential": True},
        )

    def _check_party(self, claims: dict[str, Any]) -> None:
        """A token for several audiences says for whom it was made (OpenID Connect Core 3.1.3.7)."""
        audience, party = claims["aud"], claims.get("azp")
        several = isinstance(audience, list) and len(audience) > 1
        if (several or party is not None) and party != self._settings.audience:
            raise CredentialRefusedError
