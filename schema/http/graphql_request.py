"""Reading a GraphQL request from HTTP, to the letter of GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from linli.core.errors import Text, text
from linli.core.tasks import within

from ..execution import Request

MAX_DEPTH = 100
"""How deep lists and objects may stand in each other: what walks through them would not come back otherwise."""
BODY_SECONDS = 30
KEPT_CHARACTERS = 200
"""How long a header may be of which it is kept what it means."""
RESPONSE_TYPE = "application/graphql-response+json"
JSON_TYPE = "application/json"


NUL = "\x00"


class BadRequestError(Exception):
    """The request cannot be read; `status` and words for the client."""

    def __init__(self, status: int, message: Text, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.message, self.headers = status, message, dict(headers or {})
        super().__init__(str(message))


def media_type(request: HttpRequest) -> str:
    """What to answer in: the response type where it is accepted, else JSON; 406 where neither is."""
    for found in _offered(request):
        if found == RESPONSE_TYPE:
            return RESPONSE_TYPE
        if found in (JSON_TYPE, "application/*", "*/*"):
            return JSON_TYPE
    raise BadRequestError(406, text("Accept {one} or {other}", one=RESPONSE_TYPE, other=JSON_TYPE))


EVENT_STREAM = "text/event-stream"


def accepts_stream(request: HttpRequest) -> bool:
    """Whether server-sent events are accepted, whatever else is."""
    return EVENT_STREAM in _offered(request)


def takes_nothing_but_stream(request: HttpRequest) -> bool:
    """Whether only server-sent events are accepted: then queries are answered as a stream of one."""
    return _offered(request) == (EVENT_STREAM,)


def _offered(request: HttpRequest) -> tuple[str, ...]:
    accepted = request.headers.get("accept", JSON_TYPE)
    return (_known if len(accepted) <= KEPT_CHARACTERS else _parts)(accepted)


def _parts(accepted: str) -> tuple[str, ...]:
    return tuple(part.partition(";")[0].strip().lower() for part in accepted.split(","))


_known = lru_cache(maxsize=256)(_parts)


async def read(request: HttpRequest, max_body: int) -> Request:
    """The GraphQL request in a GET or POST, its body of `max_body` bytes at most; raises BadRequestError."""
    if request.method == "GET":
        return _from_query(request)
    if request.method != "POST":
        raise BadRequestError(405, text("Use POST, or GET for queries"), {"Allow": "GET, POST"})
    content_type, _, parameters = request.headers.get("content-type", "").partition(";")
    if content_type.strip().lower() != JSON_TYPE or not _is_utf8(parameters):
        raise BadRequestError(415, text("Send {type} in UTF-8", type=JSON_TYPE))
    body = await _body(request, max_body)
    asked = request_of(_json(body, "body"))
    if b"u0000" in body:
        refuse_nul(asked)
    return asked


def _is_utf8(parameters: str) -> bool:
    charset = parameters.lower().partition("charset=")[2].strip().strip('"')
    return charset in ("", "utf-8", "utf8")


async def _body(request: HttpRequest, most: int) -> bytes:
    try:
        body = await within(_whole(request, most), BODY_SECONDS)
    except TimeoutError:
        raise BadRequestError(408, text("The body did not arrive within {limit} seconds", limit=BODY_SECONDS)) from None
    except ClientDisconnect:  # nobody reads the answer; it is no failure of ours
        raise BadRequestError(400, text("The body ended before it was whole")) from None
    return body


async def _whole(request: HttpRequest, most: int) -> bytes:
    """The body, which is nearly always one piece and there already: then it is neither copied nor timed."""
    pieces: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise BadRequestError(413, text("A request holds at most {limit} bytes", limit=most))
        if chunk:
            pieces.append(chunk)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _json(given: bytes | str, what: str) -> Any:
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError as error:
        raise BadRequestError(400, text("{what} is not JSON: {error}", what=what, error=error)) from error


def _from_query(request: HttpRequest) -> Request:
    given = request.query_params
    parts: dict[str, Any] = {"query": given.get("query")}
    if "operationName" in given:
        parts["operationName"] = given["operationName"]
    for name in ("variables", "extensions"):
        if given.get(name):
            parts[name] = _json(given[name], name)
    asked = request_of(parts)
    refuse_nul(asked)
    return asked


def refuse_nul(asked: Request) -> None:
    """Raise BadRequestError for a U+0000: PostgreSQL keeps none, and Linli answers the same on both engines."""
    if _holds_nul(asked.variables) or _holds_nul(asked.query):
        raise BadRequestError(400, text("Texts hold no U+0000"))


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(one) for key, one in value.items())
    if isinstance(value, list):
        return any(_holds_nul(one) for one in value)
    return isinstance(value, str) and NUL in value


def request_of(parts: Any) -> Request:
    """The request that a JSON value states. Raises BadRequestError."""
    if not isinstance(parts, dict):
        raise BadRequestError(400, text("Send one JSON object with `query`; batches are not taken"))
    query, variables = parts.get("query"), parts.get("variables")
    operation_name, extensions = parts.get("operationName"), parts.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise BadRequestError(400, text("`query` must be a text"))
    if variables is not None and not isinstance(variables, dict):
        raise BadRequestError(400, text("`variables` must be an object"))
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequestError(400, text("`operationName` must be a text"))
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequestError(400, text("`extensions` must be an object"))
    if _is_deep(variables):
        raise BadRequestError(400, text("`variables` are nested deeper than {limit} levels", limit=MAX_DEPTH))
    return Request(query, variables or {}, operation_name or None, tells_cost=bool((extensions or {}).get("cost")))


def _is_deep(variables: Any) -> bool:
    level = [variables]
    for _ in range(MAX_DEPTH):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [value for values in inner if values for value in values if isinstance(value, (dict, list))]
    return bool(level)
