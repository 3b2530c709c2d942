"""What no path may be asked: with a secret in the URL, or by a form on another website. 请求防护。"""

from __future__ import annotations

import re
from collections.abc import Callable

import orjson
from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from linli.core.access import sessions, tokens
from linli.core.errors import Text, text
from linli.core.languages import LANGUAGES, negotiate

from ..execution import refusal
from ..problems import bad_request

SECRETS = frozenset(
    {"token", "accesstoken", "refreshtoken", "idtoken", "authorization", "bearer", "apikey", "password", "jwt"}
)
"""Names of what ends up in the logs of whoever stands between, and in a browser's history: small, without _ and -."""
PREFIXES = (tokens.PREFIX, sessions.PREFIX)
OURS = re.compile(rf"(?:{'|'.join(PREFIXES)})[A-Za-z0-9_-]{{20,}}")
"""A token of ours, wherever it stands in a value: shorter words are names, such as those of packages."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIMPLE = frozenset({"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
"""What a form sends from any website without the browser asking first (Fetch, CORS-safelisted request headers)."""
FROM_BROWSERS = ("origin", "sec-fetch-site")
ASKED_FOR = ("authorization", "x-requested-with")
"""Headers that a website cannot add to a request elsewhere unless it was asked for and allowed."""
BAD_REQUEST = 4400
IN_URL = text("A token in a URL ends up in logs: send it as Authorization: Bearer")
FORGED = text("A browser may send this only with the header Authorization or X-Requested-With, or as JSON")


class Guard:
    """Refuses such requests before anything reads them."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = _REFUSING.get(scope["type"], _allowed)(scope)
        await (answer or self._application)(scope, receive, send)


def _refused(scope: Scope) -> Response | None:
    headers = Headers(scope=scope)
    if scope["query_string"] and _holds_secret(QueryParams(scope["query_string"])):
        return _told(400, IN_URL, headers)
    if scope["method"] not in SAFE and _is_forgeable(headers):
        return _told(415, FORGED, headers)
    return None


def _refused_socket(scope: Scope) -> WebSocketClose | None:
    """A WebSocket needs no token in its URL: `connection_init` carries it."""
    return WebSocketClose(BAD_REQUEST) if _holds_secret(QueryParams(scope["query_string"])) else None


def _allowed(_scope: Scope) -> None:
    """What is no request is not refused."""


_REFUSING: dict[str, Callable[[Scope], ASGIApp | None]] = {"http": _refused, "websocket": _refused_socket}


def _holds_secret(given: QueryParams) -> bool:
    return any(_is_secret(name, value) for name, value in given.multi_items())


def _is_secret(name: str, value: str) -> bool:
    """Whether it is called a secret, or one of ours stands anywhere in it, such as in a query's variables."""
    called = name.lower().replace("_", "").replace("-", "") in SECRETS
    return called or value.startswith(PREFIXES) or OURS.search(value) is not None


def _is_forgeable(headers: Headers) -> bool:
    """Whether a form on any website could have sent this in its visitor's name."""
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    named = any(name in headers for name in ASKED_FOR)
    return content_type in SIMPLE and not named and any(name in headers for name in FROM_BROWSERS)


def _told(status: int, message: Text, headers: Headers) -> Response:
    told = refusal(negotiate(headers.get("accept-language"), LANGUAGES[0]), bad_request(message))
    return Response(orjson.dumps(told.body()), status, media_type="application/json; charset=utf-8")
