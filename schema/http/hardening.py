"""What stands around every path of a server, as its configuration says. 加固。"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from linli.core.config import ServerConfiguration

from .guard import Guard
from .security_headers import SecurityHeaders

ASKING = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "X-Requested-With")
ANSWERED = ("X-Request-Id", "Retry-After")
REMEMBER_SECONDS = 600


def hardening(server: ServerConfiguration) -> list[Middleware]:
    """The middleware, the outermost first. Proxies and websites count only as far as they are configured."""
    around = [Middleware(SecurityHeaders, https=server.https)]
    if server.trusted_proxies:
        around.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=list(server.trusted_proxies)))
    if server.cors_origins:
        around.append(_websites(server))
    return [*around, Middleware(Guard)]


def _websites(server: ServerConfiguration) -> Middleware:
    """Answers browsers that ask on behalf of websites; without cookies, of which there are none."""
    return Middleware(
        CORSMiddleware,
        allow_origins=server.cors_origins,
        allow_methods=("GET", "POST"),
        allow_headers=ASKING,
        expose_headers=ANSWERED,
        max_age=REMEMBER_SECONDS,
    )
