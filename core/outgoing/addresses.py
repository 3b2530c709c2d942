"""Where a server may send something: to public addresses, and to the networks that an operator names. 出站地址。

A name is looked up once per request and the connection goes to the address that was judged, so that a name that
changes its mind in between leads nowhere else.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from ..errors import FieldProblem, RejectedError, Text, ValidationError, text

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

LONGEST = 500
LOOKING_UP = 4
_UNICAST = ip_network("2000::/3")
"""Where all public addresses of IPv6 are; elsewhere are those behind which a gateway has others, private ones too."""
_DOCUMENTATION = ip_network("3fff::/20")


class ForbiddenAddressError(RejectedError):
    """A request may not go there."""

    def __init__(self, message: Text) -> None:
        super().__init__(message, code="ADDRESS_FORBIDDEN")


@dataclass(frozen=True)
class Target:
    """A judged address: `url` leads to it by number, `host` is what the server there is called."""

    url: str
    host: str
    authority: str


def checked(url: str, networks: Collection[Network] = (), path: str = "url") -> str:
    """An address as somebody typed it; ValidationError (URL) for one to which nothing will ever be sent."""
    problem = _problem(url, networks)
    if problem is not None:
        raise ValidationError(FieldProblem(path, "URL", problem))
    return url


def _problem(url: str, networks: Collection[Network]) -> Text | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return text("This is no web address")
    if len(url) > LONGEST or not url.isprintable() or not parts.hostname or port == 0:
        return text("A web address of at most {most} characters is expected", most=LONGEST)
    if _ascii(parts.hostname) is None:
        return text("This is no web address")
    if parts.username or parts.password or parts.fragment:
        return text("A web address without a user name, password and fragment is expected")
    if parts.scheme == "https" or (parts.scheme == "http" and networks):
        given = _number(parts.hostname)
        return None if given is None or _allowed(given, networks) else _private(parts.hostname)
    return text("A web address that begins with https:// is expected")


async def judged(url: str, networks: Collection[Network] = ()) -> Target:
    """Where a request to this address may go. Raises ForbiddenAddressError, and OSError where the name is unknown."""
    parts = urlsplit(url)
    host = _ascii(parts.hostname or "")
    if host is None:
        raise ForbiddenAddressError(text("This is no web address"))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await _looked_up(host, port)
    for address in found:
        if not _allowed(address, networks):
            raise ForbiddenAddressError(_private(host))
    if parts.scheme != "https" and not all(any(address in one for one in networks) for address in found):
        raise ForbiddenAddressError(text("A web address that begins with https:// is expected"))
    return Target(_by_number(parts, found[0], port), host, _authority(host, parts.port))


def _ascii(host: str) -> str | None:
    """A name as it is looked up and as receivers know it; None for what can be no name, such as `a..b`."""
    try:
        return host if host.isascii() and _number(host) is not None else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _authority(host: str, port: int | None) -> str:
    named = f"[{host}]" if ":" in host else host
    return named if port is None else f"{named}:{port}"


@cache
def _lookups() -> ThreadPoolExecutor:
    """Threads of their own: a name that takes long to find keeps no password and no file waiting."""
    return ThreadPoolExecutor(LOOKING_UP, thread_name_prefix="lookup")


async def _looked_up(host: str, port: int) -> Sequence[Address]:
    given = _number(host)
    if given is not None:
        return [given]
    asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_lookups(), asked)
    return [ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


def _by_number(parts: SplitResult, address: Address, port: int) -> str:
    host = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004  of the protocol
    return parts._replace(netloc=f"{host}:{port}").geturl()


def _number(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _allowed(address: Address, networks: Collection[Network]) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if any(inner in one for one in networks):
        return True
    if inner.version == 6 and (inner not in _UNICAST or inner in _DOCUMENTATION):  # noqa: PLR2004  of the protocol
        return False
    return inner.is_global and not inner.is_multicast


def _private(host: str) -> Text:
    return text("Nothing is sent to {host}: it is not public, and core.outgoing_networks does not name it", host=host)
