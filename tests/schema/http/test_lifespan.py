"""What a server does beside answering, and that it does what fell due before it answers anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import BaseModel
from starlette.applications import Starlette

from linli.core import tasks
from linli.core.clock import FrozenClock
from linli.core.districts import District, Platform
from linli.core.jobs import timers
from linli.core.jobs.models import Timer
from linli.core.jobs.timers import TimerKind, schedule
from linli.core.records.event_types import EventType, Public
from linli.core.records.events import append, sealed_events
from linli.core.records.unit_of_work import transact
from linli.schema.http.application import application
from linli.schema.http.lifespan import Background
from linli.schema.testing.schemas import composed_once

RINGS = "test.rings"
QUERY = {"query": "{ district { name } }"}

one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


class Rung(BaseModel):
    """What a timer tells."""

    subject: Public[str]


RUNG = EventType("core.rung", 1, Rung, "A timer rang")


class Bell:
    """Timers that tell an event, once `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.reached = asyncio.Event()
        self.fired: list[UUID] = []

    async def ring(self, _district: District, timer: Timer) -> None:
        self.reached.set()
        await self.open.wait()
        await append(RUNG, "Timer", timer.subject_id, Rung(subject=str(timer.subject_id)))
        self.fired.append(timer.subject_id)


@pytest.fixture
async def bell(monkeypatch: pytest.MonkeyPatch) -> Bell:
    """Core has one kind of timers: it rings."""
    made = Bell()
    monkeypatch.setattr(timers, "CORE_TIMERS", (TimerKind(RINGS, made.ring, "Rings"),))
    return made


@pytest.fixture
def background(district: District, platform: Platform, bell: Bell) -> Background:
    """The background of a server for the platform."""
    return Background(platform)


@pytest.fixture
def app(platform: Platform, background: Background) -> Starlette:
    """The application with its background."""
    return application(platform, composer=composed_once, background=background)


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the application; nobody has started it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://district.test") as client:
        yield client


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[None]:
    """The application between its start and its end."""
    async with app.router.lifespan_context(app):
        yield


async def plan(district: District, clock: FrozenClock, seconds: float) -> UUID:
    subject, due = uuid4(), clock.now() + timedelta(seconds=seconds)
    with district.scope():
        await transact(lambda _unit: schedule(RINGS, subject, due))
    return subject


async def events_of(district: District) -> list[UUID]:
    with district.scope():
        return [event.subject_id for event in await sealed_events() if event.type == RUNG.name]


async def test_what_fell_due_is_carried_out_in_order_before_the_first_request_is_answered(
    app: Starlette, http: httpx.AsyncClient, district: District, clock: FrozenClock, bell: Bell
) -> None:
    subjects = [await plan(district, clock, seconds) for seconds in (-30, -20, -10)]
    bell.open.clear()
    async with serving(app):
        await bell.reached.wait()
        answering = asyncio.create_task(http.post(f"/d/{district.key}/graphql", json=QUERY))
        ready = await http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json() == {"status": "catching up", "districts": {district.key: "carries out what fell due"}}
        assert (await http.get("/healthz")).status_code == 200
        assert not answering.done()
        bell.open.set()
        answer = await answering
        assert bell.fired == subjects
        assert answer.json() == {"data": {"district": {"name": "岳阳市岳阳楼区"}}}
        assert (await http.get("/readyz")).status_code == 200


async def test_while_it_runs_timers_are_carried_out_and_events_sealed(
    app: Starlette, background: Background, district: District, clock: FrozenClock, bell: Bell
) -> None:
    async with serving(app):
        await background.caught_up.wait()
        subject = await plan(district, clock, 0)
        async with asyncio.timeout(5):
            while await events_of(district) != [subject]:
                await asyncio.sleep(0.01)


async def test_when_it_ends_what_was_told_is_sealed_and_nothing_runs_on(
    app: Starlette, background: Background, district: District, clock: FrozenClock, bell: Bell
) -> None:
    due = await plan(district, clock, -1)
    async with serving(app):
        await background.caught_up.wait()
    assert await events_of(district) == [due]
    assert not tasks._running
    await plan(district, clock, -1)
    await asyncio.sleep(0.05)
    assert bell.fired == [due]


@one_engine
async def test_a_server_that_is_stopped_while_it_catches_up_ends_and_leaves_the_rest_for_later(
    app: Starlette, district: District, clock: FrozenClock, bell: Bell
) -> None:
    await plan(district, clock, -1)
    bell.open.clear()
    async with asyncio.timeout(5), serving(app):
        await bell.reached.wait()
    assert not tasks._running
    with district.scope():
        assert await Timer.filter(done_at=None).count() == 1


@one_engine
async def test_nobody_waits_where_no_server_runs(http: httpx.AsyncClient, district: District) -> None:
    answer = await http.post(f"/d/{district.key}/graphql", json=QUERY)
    assert answer.json() == {"data": {"district": {"name": "岳阳市岳阳楼区"}}}


@one_engine
async def test_districts_that_are_not_served_are_left_alone(
    district: District, platform: Platform, clock: FrozenClock, bell: Bell
) -> None:
    await plan(district, clock, -1)
    background = Background(platform, {district.key: "is behind"})
    async with background.lifespan(Starlette()):
        await background.caught_up.wait()
        await asyncio.sleep(0.05)
    assert bell.fired == []
