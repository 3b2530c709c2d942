"""Posting something to an address that was judged: without following it elsewhere, limited in time and size."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

from .addresses import Network, judged

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 65_536
"""Of an answer; more of it is not read."""


@cache
def _tls() -> object:
    import ssl  # noqa: PLC0415  loaded where something is sent

    return ssl.create_default_context()


def _client(seconds: float) -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415  loaded where something is sent

    # proxies of the environment would decide anew where it goes
    return httpx.AsyncClient(timeout=seconds, follow_redirects=False, trust_env=False, verify=_tls())  # type: ignore[arg-type]


async def post(
    url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, networks: Collection[Network] = ()
) -> int:
    """Send a body; the status of the answer.

    Raises ForbiddenAddressError, OSError for an unknown name, and httpx.HTTPError for what fails on the way.
    """
    target = await judged(url, networks)
    async with (
        _client(seconds) as client,
        client.stream(
            "POST",
            target.url,
            content=body,
            headers={**headers, "host": target.authority},
            extensions={"sni_hostname": target.host},
        ) as response,
    ):
        read = 0
        async for part in response.aiter_raw():
            read += len(part)
            if read > MOST_BYTES:
                break
        return int(response.status_code)
