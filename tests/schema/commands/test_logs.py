"""What the server logs, and the id of a request."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from linli.schema.http.request_log import RequestLog
from linli.schema.logs import configure


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure(stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_both_ways_of_logging_are_one_line_of_json(stream: io.StringIO) -> None:
    structlog.get_logger().info("opened", district="x", name="岳阳")
    logging.getLogger("library").warning("slow %s", "query")
    structlog.get_logger().debug("unseen")
    logging.getLogger("httpx").info("GET https://host/?token=secret")
    ours, theirs = lines(stream)
    assert list(ours) == ["time", "level", "event", "district", "name"]
    assert (ours["level"], ours["event"], ours["name"]) == ("info", "opened", "岳阳")
    assert (theirs["level"], theirs["event"], theirs["logger"]) == ("warning", "slow query", "library")


def test_warnings_are_logged(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("soon gone", UserWarning, stacklevel=1)
        logging.captureWarnings(False)
    [line] = lines(stream)
    assert "soon gone" in line["event"]


def test_tracebacks_are_kept_without_values(stream: io.StringIO) -> None:
    secret = "430602199001010011"
    try:
        raise ValueError(len(secret))
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)
    [line] = lines(stream)
    assert "ValueError: 18" in line["exception"]
    assert secret not in line["exception"]


def test_people_at_a_terminal_read_plain_lines() -> None:
    stream = Terminal()
    configure(stream)
    structlog.get_logger().info("opened", district="x")
    assert "opened" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


async def _hello(request: Request) -> Response:
    structlog.get_logger().info("inside")
    return PlainTextResponse("hello", headers={"x-own": "1"})


async def _fail(_request: Request) -> Response:
    raise ZeroDivisionError


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def asking(app: RequestLog) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.fixture
def application(stream: io.StringIO) -> RequestLog:
    routes = [
        Route("/d/x/graphql", _hello),
        Route("/graphql", _hello),
        Route("/healthz", _hello),
        Route("/fail", _fail),
        WebSocketRoute("/d/x/live", _socket),
    ]
    return RequestLog(Starlette(routes=routes), "home")


@pytest.fixture
async def client(application: RequestLog) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(application) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "district"), [("/d/x/graphql", "x"), ("/graphql", "home"), ("/d/", ""), ("/other", None)]
)
async def test_the_line_of_a_request_names_its_district(
    client: httpx.AsyncClient, stream: io.StringIO, path: str, district: str | None
) -> None:
    answer = await client.get(path, params={"query": "secret"})
    line = lines(stream)[-1]
    assert (line["event"], line["method"], line["path"]) == ("request", "GET", path)
    assert (line["status"], line["district"]) == (answer.status_code, district)
    assert "secret" not in stream.getvalue()


async def test_what_is_logged_meanwhile_carries_the_id(client: httpx.AsyncClient, stream: io.StringIO) -> None:
    answer = await client.get("/graphql")
    inside, request = lines(stream)
    assert inside["event"] == "inside"
    assert inside["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-own"] == "1"
    structlog.get_logger().info("outside")
    assert "request_id" not in lines(stream)[-1]


@pytest.mark.parametrize("given", ["my-id.1", "A" * 128])
async def test_a_well_formed_id_is_taken_over(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/graphql", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "A" * 129, "a b", 'a"b', "é"])
async def test_any_other_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/graphql", headers=[(b"x-request-id", given.encode())])
    assert len(answer.headers["x-request-id"]) == 32


async def test_probes_are_not_logged(client: httpx.AsyncClient, stream: io.StringIO) -> None:
    assert (await client.get("/healthz")).headers["x-request-id"]
    assert [line["event"] for line in lines(stream)] == ["inside"]


async def test_what_nobody_caught_is_logged_once_and_answered(client: httpx.AsyncClient, stream: io.StringIO) -> None:
    answer = await client.get("/fail")
    failed, request = lines(stream)
    assert (answer.status_code, request["status"]) == (500, 500)
    assert failed["event"] == "request_failed"
    assert "ZeroDivisionError" in failed["exception"]
    assert failed["request_id"] == answer.headers["x-request-id"]


async def test_an_application_that_answered_nothing_is_answered_for(stream: io.StringIO) -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ZeroDivisionError

    async with asking(RequestLog(broken, None)) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.content) == (500, b"")
    assert lines(stream)[-1]["status"] == 500


async def test_a_websocket_is_one_line_too(application: RequestLog, stream: io.StringIO) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope: Scope = {"type": "websocket", "path": "/d/x/live", "headers": [], "query_string": b"", "subprotocols": []}
    await application(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert b"x-request-id" in dict(sent[0]["headers"])
    [line] = lines(stream)
    assert (line["method"], line["status"], line["district"]) == ("WEBSOCKET", 101, "x")


async def test_bodies_pass_through_untouched() -> None:
    chunks = [b"a", b"b"]

    async def streaming(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    async with asking(RequestLog(streaming, None)) as client:
        answer = await client.post("/", content=b"x")
    assert answer.content == b"ab"
