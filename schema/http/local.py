"""Which requests come from this machine itself: some routes are offered to nobody else."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import Request
from starlette.responses import Response

PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via", "origin")
"""What a proxy or a browser adds: such a request comes from elsewhere, whatever address it has."""

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""A route with all of them tells nobody by a 405 that it is there."""


def is_local(request: Request) -> bool:
    """Whether a request was sent on this machine, and not for somebody else."""
    address = sender(request)
    return address is not None and address.is_loopback


def sender(request: Request) -> IPv4Address | IPv6Address | None:
    """The address of whoever sent a request for nobody else; None where that cannot be told."""
    if request.client is None or any(name in request.headers for name in PASSED_ON):
        return None
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def nothing_here() -> Response:
    """What everybody else finds."""
    return Response("Not Found", 404, media_type="text/plain")
