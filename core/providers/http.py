"""Asking a provider: JSON over HTTP, limited in time and size, without following it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from linli.core.access.authentication import ProviderUnavailableError

SECONDS = 5.0
MOST_BYTES = 262_144


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: Any


async def ask(
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    json: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> Reply:
    """Send a request and read the JSON of the answer; ProviderUnavailableError where there is none.

    The text of the error names neither query nor body: they hold secrets.
    """
    import httpx  # noqa: PLC0415  loaded where somebody signs in by a provider

    try:
        async with (
            httpx.AsyncClient(timeout=SECONDS) as client,
            client.stream(
                method, url, params=query or None, headers=dict(headers or {}), json=json or None, data=form or None
            ) as response,
        ):
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise ProviderUnavailableError(f"{url} answers more than {MOST_BYTES} bytes")
            return Reply(response.status_code, _parsed(bytes(content), url))
    except httpx.HTTPError as error:
        raise ProviderUnavailableError(f"{url}: {type(error).__name__}") from None


def _parsed(content: bytes, url: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise ProviderUnavailableError(f"{url} answers no JSON") from None
