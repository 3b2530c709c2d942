"""Requests per second with and without what is counted for /metrics and the log of slow operations. 观测开销。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from starlette.requests import Request
from starlette.types import Message, Scope

from linli.core.clock import monotonic
from linli.core.config import ServerConfiguration
from linli.core.districts import District
from linli.core.records import tally
from linli.core.records.tally import Tally
from linli.schema.compose import compose
from linli.schema.http import graphql_endpoint
from linli.schema.http.room import Room
from linli.schema.observing.operations import Seen

from .deployments import CODE, deployed
from .engines import Engine, engines, say
from .sizes import Size
from .tables import Table, ratios, spread
from .wire import WrongAnswerError, body

HTTP_OK = 200
QUESTIONS = {
    "no organisation at all": body("query Bare { district { key } }"),
    "an organisation": body(f'query One {{ org(code: "{CODE}") {{ id name }} }}'),
}


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine and question."""
    yield Table(
        "Requests per second, watched and not",
        ("engine", "asked for", "watched, 1/s", "not watched, 1/s", "ratio"),
        [row for engine in engines() for row in rows(engine, size)],
        "One request after the other, in one process without sockets, in turns. Target: a ratio above 0.95.",
    )


def rows(engine: Engine, size: Size) -> list[tuple[str, ...]]:
    """The rows of an engine."""
    say(f"watching: {engine.name}, {size.slices} turn(s) of {size.seconds:g} s")
    with deployed(engine, {"watched": ()}) as deployment:
        return asyncio.run(deployment.inside("watched", lambda district: _rows(engine, district, size)))


async def _rows(engine: Engine, district: District, size: Size) -> list[tuple[str, ...]]:
    server = ServerConfiguration()
    endpoint = graphql_endpoint.GraphQLEndpoint(district, compose(district), server, Room(server))
    found: list[tuple[str, ...]] = []
    for title, sent in QUESTIONS.items():
        await _rate(endpoint, sent, size.seconds / 4)
        with_it, without = [], []
        for _ in range(size.slices):
            with_it.append(await _rate(endpoint, sent, size.seconds))
            with _unwatched():
                without.append(await _rate(endpoint, sent, size.seconds))
        found.append((engine.name, title, spread(with_it), spread(without), spread(ratios(with_it, without))))
    return found


async def _rate(endpoint: graphql_endpoint.GraphQLEndpoint, sent: bytes, seconds: float) -> float:
    count, began = 0, monotonic()
    while (took := monotonic() - began) < seconds:
        response = await endpoint.handle(Request(_scope(sent), _receive(sent)))
        if response.status_code != HTTP_OK or b'"errors"' in bytes(response.body):
            raise WrongAnswerError(bytes(response.body).decode())
        count += 1
    return count / took


def _scope(sent: bytes) -> Scope:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())]
    common = {"type": "http", "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1)}
    return {**common, "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}


def _receive(sent: bytes) -> Any:
    async def receive() -> Message:
        return {"type": "http.request", "body": sent, "more_body": False}

    return receive


@contextmanager
def _nothing(*_: object) -> Iterator[Seen]:
    yield Seen(Tally())


@contextmanager
def _unwatched() -> Iterator[None]:
    """As if nothing were counted."""
    with patch.object(graphql_endpoint, "watched", _nothing), patch.object(tally, "count", lambda _began: None):
        yield
