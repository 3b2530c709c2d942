"""OAuth2 codes: exchanged at the provider for who it is, in one request or in two. OAuth2 授权码。

One request is WeChat's `code2session`; two are 企业微信 (a token of the app's own, then the code) and 钉钉 (the code
for a token, then the token).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from linli.core import clock
from linli.core.access.authentication import CredentialRefusedError, ProviderUnavailableError
from linli.core.config.providers import PLACE, OAuth2Provider, OAuth2Request

from .http import Reply, ask

SUCCESS = range(200, 300)
REFUSED = frozenset({400, 401, 403})


class OAuth2:
    """Exchanges codes at one provider."""

    def __init__(self, settings: OAuth2Provider) -> None:
        self._settings = settings
        self._token, self._until = "", float("-inf")
        self._one = asyncio.Lock()

    async def subject(self, credential: str) -> str:
        """Whom the provider answers for the code."""
        its = self._settings
        values = {"client_id": its.client_id, "client_secret": its.client_secret, "code": credential}
        if its.user is None:
            answer = self._judged(await _sent(its.token, values), of_code=True)
        else:
            token = await self._own_token(values)
            answer = self._judged(await _sent(its.user, values | {"token": token}), of_code=True)
        found = _at(answer, its.subject)
        if not isinstance(found, str | int) or isinstance(found, bool) or found == "":
            raise CredentialRefusedError
        return str(found)

    async def _own_token(self, values: Mapping[str, str]) -> str:
        its = self._settings
        if not its.keep_token_seconds:
            return self._token_in(await _sent(its.token, values))
        async with self._one:
            if clock.monotonic() >= self._until:
                self._token = self._token_in(await _sent(its.token, values))
                self._until = clock.monotonic() + its.keep_token_seconds
            return self._token

    def _token_in(self, reply: Reply) -> str:
        of_code = "code" in self._settings.token.places
        found = _at(self._judged(reply, of_code=of_code), self._settings.token_path)
        if not isinstance(found, str) or not found:
            raise ProviderUnavailableError(f"{self._settings.token.url} answers no {self._settings.token_path}")
        return found

    def _judged(self, reply: Reply, *, of_code: bool) -> Any:
        """The answer, unless it says that the code, or what the district sent with it, is refused."""
        its = self._settings
        code = None if its.error is None else _at(reply.body, its.error)
        if reply.status in SUCCESS and code in (None, 0, "0", ""):
            return reply.body
        # a token that is no longer taken may be the reason: the next try asks for another
        self._until = float("-inf")
        if of_code and (reply.status in SUCCESS or reply.status in REFUSED):
            raise CredentialRefusedError
        raise ProviderUnavailableError(f"{its.token.url} answers {reply.status}, error {code}")


async def _sent(request: OAuth2Request, values: Mapping[str, str]) -> Reply:
    body = _filled(request.body, values)
    sent = {"form": body} if request.body_format == "form" else {"json": body}
    return await ask(
        request.method,
        request.url,
        query=_filled(request.query, values),
        headers=_filled(request.headers, values),
        **sent,
    )


def _filled(texts: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    return {name: PLACE.sub(lambda place: values[place[1]], text) for name, text in texts.items()}


def _at(answer: Any, path: str) -> Any:
    """What stands in an answer under `data.user.id`; None where there is nothing."""
    for step in path.split("."):
        answer = answer.get(step) if isinstance(answer, dict) else None
    return answer
