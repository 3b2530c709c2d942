"""Which requests come from this machine itself: some routes are offered to nobody else."""

from __future__ import annotations

from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import Response

PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via", "origin")
"""What a proxy or a browser adds: such a request comes from elsewhere, whatever address it has."""

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""A route with all of them tells nobody by a 405 that it is there."""


def is_local(request: Request) -> bool:
    """Whether a request was sent on this machine, and not for somebody else."""
    if request.client is None or any(name in request.headers for name in PASSED_ON):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return bool(plain.is_loopback)


def nothing_here() -> Response:
    """What everybody else finds."""
    return Response("Not Found", 404, media_type="text/plain")
