"""Moving a running scenario server on, over HTTP and with the client that the command uses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from linli.core import clock as clocks
from linli.core.clock import Clock, FrozenClock
from linli.core.districts import District
from linli.core.errors import RejectedError
from linli.core.jobs.models import Timer
from linli.core.jobs.remote import advance
from linli.core.jobs.sweepers import Sweepers
from linli.core.jobs.timers import TimerKind, schedule
from linli.core.records.unit_of_work import transact
from linli.schema.http.clock_route import clock_route

RINGS = "test.rings"

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


class Rings:
    """An application with the route alone, over a district with timers that note when they are carried out."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.seen: list[datetime] = []
        self.start = clocks.now()
        sweepers = Sweepers([district], {RINGS: TimerKind(RINGS, self._ring, "Rings")})
        self.app = Starlette(routes=[clock_route(sweepers)])

    async def _ring(self, _district: District, _timer: Timer) -> None:
        self.seen.append(clocks.now())

    def at(self, hours: float) -> datetime:
        return self.start + timedelta(hours=hours)

    async def plan(self, hours: float) -> None:
        with self.district.scope():
            await transact(lambda _unit: schedule(RINGS, uuid4(), self.at(hours)))

    async def send(
        self, body: Any, *, method: str = "POST", host: str = "127.0.0.1", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(host, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, "/clock", json=body, headers=headers)


@pytest.fixture
def scenario(clock: FrozenClock) -> Iterator[None]:
    """The clock runs in scenario time."""
    clocks.use(Clock(clock.now()))
    yield
    clocks.use(clock)


@pytest.fixture
def rings(district: District, scenario: None) -> Rings:
    """An application in scenario time."""
    return Rings(district)


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[int]:
    """A real server; its port."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([bound]))
    while not server.started:
        await asyncio.sleep(0.005)
    yield bound.getsockname()[1]
    server.should_exit = True
    await running


async def moved(port: int, to: datetime) -> dict[str, Any]:
    return await asyncio.to_thread(advance, port, to, patience=10)


async def test_the_clock_is_moved_through_every_due_instant(rings: Rings) -> None:
    for hours in (2, 1, 30):
        await rings.plan(hours)
    response = await rings.send({"to": rings.at(24).isoformat()})
    assert response.status_code == 200
    body = response.json()
    assert (body["fired"], body["failed"]) == (2, 0)
    assert timedelta() <= datetime.fromisoformat(body["now"]) - rings.at(24) < timedelta(minutes=1)
    late = [seen - rings.at(hours) for seen, hours in zip(rings.seen, (1, 2), strict=True)]
    assert all(timedelta() <= each < timedelta(minutes=1) for each in late)


@pytest.mark.parametrize(
    "sent",
    [
        {"host": "10.1.2.3"},
        {"host": "2001:db8::1"},
        {"host": "a.socket"},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"headers": {"Origin": "http://localhost"}},
        {"method": "GET"},
        {"method": "PUT"},
    ],
)
async def test_others_find_nothing_there(rings: Rings, sent: dict[str, Any]) -> None:
    response = await rings.send({"to": rings.at(24).isoformat()}, **sent)
    assert response.status_code == 404
    assert clocks.now() < rings.at(1)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_may_move_it(rings: Rings, host: str) -> None:
    response = await rings.send({"to": rings.at(24).isoformat()}, host=host)
    assert response.status_code == 200
    assert clocks.now() >= rings.at(24)


async def test_a_server_at_the_present_time_offers_nothing(district: District, clock: FrozenClock) -> None:
    rings = Rings(district)
    assert (await rings.send({"to": rings.at(24).isoformat()})).status_code == 404
    assert clock.now() == rings.start


async def test_it_is_not_put_back(rings: Rings) -> None:
    response = await rings.send({"to": rings.at(-1).isoformat()})
    assert response.status_code == 409
    assert response.json()["code"] == "CLOCK_BACKWARDS"
    assert datetime.fromisoformat(response.json()["now"]) >= rings.start


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"to": 1},
        {"to": "tomorrow"},
        {"to": "2031-01-01T08:00:00"},
        {"to": "0001-01-01T00:00:00+08:00"},
        {"to": "9999-12-31T23:59:59-08:00"},
    ],
)
async def test_what_is_no_instant_is_refused(rings: Rings, body: Any) -> None:
    response = await rings.send(body)
    assert (response.status_code, response.json()["code"]) == (400, "VALIDATION")
    assert clocks.now() < rings.at(1)


async def test_the_command_moves_a_real_server_and_is_told_what_happened(rings: Rings) -> None:
    await rings.plan(1)
    async with listening(rings.app) as port:
        body = await moved(port, rings.at(24))
        assert (body["fired"], body["failed"]) == (1, 0)
        assert datetime.fromisoformat(body["now"]) >= rings.at(24)
        with pytest.raises(RejectedError) as refused:
            await moved(port, rings.at(-1))
    assert refused.value.code == "CLOCK_BACKWARDS"
    assert "is not put back" in str(refused.value)


async def test_the_command_is_told_that_a_server_runs_at_the_present_time(district: District) -> None:
    async with listening(Rings(district).app) as port:
        with pytest.raises(RejectedError) as refused:
            await moved(port, datetime(2031, 1, 1, tzinfo=UTC))
    assert refused.value.code == "NO_SCENARIO"


async def test_the_command_is_told_that_nobody_answers(engine: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(RejectedError) as refused:
            await moved(free.getsockname()[1], datetime(2031, 1, 1, tzinfo=UTC))
    assert refused.value.code == "SERVER_UNREACHABLE"


@pytest.mark.parametrize("said", [b"hello", b"[1]", b"null"])
async def test_the_command_is_told_that_somebody_else_answers(engine: str, said: bytes) -> None:
    async def somebody(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": said})

    async with listening(somebody) as port:
        with pytest.raises(RejectedError) as refused:
            await moved(port, datetime(2031, 1, 1, tzinfo=UTC))
    assert refused.value.code == "SERVER_UNREACHABLE"
