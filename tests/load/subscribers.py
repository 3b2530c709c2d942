"""From the writing of an event to those who follow it, in one process and across two. 订阅延迟。"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import orjson
from websockets.asyncio.client import ClientConnection, connect

from linli.core.districts import District
from linli.core.graph import services
from linli.core.graph.models import OrgNode
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id

from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .people import appointed
from .processes import Server, serving
from .sizes import Size
from .tables import Table, figure
from .wire import Connection, WrongAnswerError, connections

PLACES = 20
WRITERS = 8
EVERYBODY_RATE = 0.1
"""Where everybody sees everything there are a tenth of the events, and so twice the deliveries."""
PATIENCE = 30.0
WARM = 10

_FOLLOW = 'subscription { events(types: ["core.org_created"]) { sequence at org { code } } }'
_CREATE = """mutation ($input: CreateOrgInput!) {
  createOrg(input: $input) { __typename ... on OrgNode { id } ... on Error { code message } }
}"""


@dataclass(frozen=True)
class Followed:
    """What was delivered: seconds from the writing of each event until one who follows had it."""

    delays: Sequence[float]
    rate: float

    def quantile(self, part: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.delays)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@dataclass(frozen=True)
class People:
    """Tokens: one who writes, and those who follow; and the places where it is written, in turn."""

    writer: str
    followers: Sequence[str]
    places: Sequence[str]
    everybody: bool

    def deliveries(self, written: int) -> int:
        """How many there have to be of so many events, which are written place by place."""
        if self.everybody:
            return written * len(self.followers)
        at = [sum(number % PLACES == place for number in range(1, written + 1)) for place in range(PLACES)]
        return sum(at[number % PLACES] for number in range(len(self.followers)))


def measure(size: Size) -> Iterator[Table]:
    """The table: one process and, on PostgreSQL, two; events that few see, and that all do."""
    rows = []
    for engine in engines():
        for processes in (1, 2) if engine.server else (1,):
            for everybody in (False, True):
                rate = size.events_per_second * (EVERYBODY_RATE if everybody else 1)
                say(f"subscribers: {engine.name}, {processes} process(es), {rate:g} events/s, {size.followers} follow")
                found = follow(engine, size, processes, everybody=everybody)
                rows.append(_row(engine, processes, size, found, everybody=everybody))
    yield Table(
        "From an event to those who follow",
        ("engine", "processes", "follow", "see each event", "events, 1/s", "deliveries", "p50, ms", "p99, ms"),
        rows,
        "From when the event is written in its transaction, so the commit and the sealing count; of two processes one "
        "writes and the other delivers. Each follower got every event that it sees, in order, else this had failed.",
    )


def _row(engine: Engine, processes: int, size: Size, found: Followed, *, everybody: bool) -> tuple[str, ...]:
    each = size.followers if everybody else size.followers // PLACES
    return (
        engine.name,
        str(processes),
        str(size.followers),
        str(each),
        figure(found.rate),
        f"{len(found.delays):,}",
        figure(found.quantile(0.5)),
        figure(found.quantile(0.99)),
    )


def follow(engine: Engine, size: Size, processes: int = 1, *, everybody: bool = False) -> Followed:
    """Write at a rate while others follow; raises WrongAnswerError where anything was lost, doubled or out of order."""
    rate = size.events_per_second * (EVERYBODY_RATE if everybody else 1)
    with deployed(engine, {"live": ()}) as deployment:
        people = asyncio.run(deployment.inside("live", lambda it: _enter(it, size.followers, everybody=everybody)))
        asyncio.run(deployment.inside("live", lambda it: seal_now(it.store)))
        with serving(deployment.config) as server, _beside(deployment, server, processes) as other:
            here, there = (one.endpoint(deployment.keys["live"]) for one in (server, other))
            return asyncio.run(_followed(here, there, people, rate, size.follow_seconds))


@contextmanager
def _beside(deployment: Deployment, server: Server, processes: int) -> Iterator[Server]:
    """The process that delivers: the same one, or a second that serves the same district."""
    if processes == 1:
        yield server
        return
    folder = deployment.folder / "another"
    folder.mkdir()
    for file in ("linli.toml", "linli.keys"):
        shutil.copy(deployment.folder / file, folder)
    with serving(folder / "linli.toml") as second:
        yield second


async def _enter(district: District, followers: int, *, everybody: bool) -> People:
    root = await OrgNode.get(parent_id=None)

    async def grow(_unit: object) -> list[OrgNode]:
        street = await services.create_org(
            district.kinds, kind="SUBDISTRICT", name="示例街道", parent_id=root.id, code=None, valid_from=None
        )
        return [
            await services.create_org(
                district.kinds, kind="COMMUNITY", name=f"示例社区{n}", parent_id=street.id, code=None, valid_from=None
            )
            for n in range(PLACES)
        ]

    places = await transact(grow)
    role = "auditor" if everybody else "community-staff"
    tokens = [
        await appointed(district, f"follower{n}", role, root if everybody else places[n % PLACES])
        for n in range(followers)
    ]
    writer = await appointed(district, "writer", "district-admin", root)
    return People(writer, tokens, [global_id("OrgNode", place.id) for place in places], everybody)


class _Follower:
    """One who follows, and what it received."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.sequences: list[int] = []
        self.delays: list[float] = []

    async def begin(self, token: str) -> None:
        await self._connection.send(
            json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        )
        await self._connection.recv()
        await self._connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": _FOLLOW}}))
        await self._connection.send(json.dumps({"type": "ping"}))
        await self._connection.recv()

    async def run(self) -> None:
        while True:
            message = orjson.loads(await self._connection.recv())
            now = time.time()
            told = message["payload"]["data"]["events"]
            self.sequences.append(told["sequence"])
            if int(told["org"]["code"][1:]) > WARM:
                self.delays.append(now - datetime.fromisoformat(told["at"]).timestamp())


async def _followed(here: str, there: str, people: People, rate: float, seconds: float) -> Followed:
    async with AsyncExitStack() as stack:
        followers = []
        for token in people.followers:
            opening = connect(there.replace("http", "ws", 1), subprotocols=["graphql-transport-ws"], proxy=None)  # type: ignore[list-item]
            followers.append(_Follower(await stack.enter_async_context(opening)))
            await followers[-1].begin(token)
        writers = await stack.enter_async_context(connections(here, *[people.writer] * WRITERS))
        running = [asyncio.create_task(follower.run()) for follower in followers]
        written, took = await _write(writers, people.places, rate, seconds)
        try:
            await _until_all(followers, people, written)
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
    return Followed([delay for follower in followers for delay in follower.delays], written / took)


async def _write(
    writers: Sequence[Connection], places: Sequence[str], rate: float, seconds: float
) -> tuple[int, float]:
    """Write at a rate, place by place; how many were written, and how long it took."""
    numbers, began, total = count(1), time.monotonic(), WARM + int(rate * seconds)

    async def write(writer: Connection) -> None:
        while (number := next(numbers)) <= total:
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            given = {"kind": "TEAM", "name": "示例队", "code": f"T{number}", "parentId": places[number % len(places)]}
            made = await writer.mutate(_CREATE, **given)
            if made["__typename"] != "OrgNode":
                raise WrongAnswerError(f"{made}")

    await asyncio.gather(*map(write, writers))
    return total, time.monotonic() - began


async def _until_all(followers: Sequence[_Follower], people: People, written: int) -> None:
    """Until everybody has what it sees; raises WrongAnswerError where nothing more comes before, or not in order."""
    wanted, found, end = people.deliveries(written), -1, time.monotonic() + PATIENCE
    while found < wanted and time.monotonic() < end:
        await asyncio.sleep(0.02)
        before, found = found, sum(len(one.sequences) for one in followers)
        end = time.monotonic() + PATIENCE if found > before else end
    if found != wanted or any(one.sequences != sorted(set(one.sequences)) for one in followers):
        raise WrongAnswerError(f"{found} deliveries of {wanted} to {len(people.followers)} followers, or out of order")
