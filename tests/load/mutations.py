"""Mutations per second over HTTP, with events and idempotency, against the bare rows they write. 写入吞吐。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from linli.core.districts import District
from linli.core.graph.event_types import ORG_CREATED
from linli.core.graph.models import OrgNode
from linli.core.records.events import sealed_events
from linli.core.records.models import Request
from linli.core.records.verify import verify

from . import writing
from .creating import Creator
from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .people import Staff, staff
from .processes import Server, serving
from .sizes import Size
from .tables import Table, ratios, spread
from .wire import WrongAnswerError, connections

CLIENTS = (1, 32)
WARM_SECONDS = 1.0


@dataclass
class Turns:
    """How many per second, turn by turn, over so many connections."""

    clients: int
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine and number of connections."""
    yield Table(
        "Mutations per second",
        ("engine", "connections", "`createOrg`, 1/s", "bare transactions, 1/s", "ratio"),
        [_row(engine, turns) for engine in engines() for turns in _measured(engine, size)],
        "Both write the same: organisation, state, event, payload, request id. SQLite has one writer, so one bare "
        "connection.",
    )


def _row(engine: Engine, turns: Turns) -> tuple[str, ...]:
    ratio = spread(ratios(turns.theirs, turns.ours))
    return engine.name, str(turns.clients), spread(turns.ours), spread(turns.theirs), ratio


def _measured(engine: Engine, size: Size) -> list[Turns]:
    say(f"mutations: {engine.name}, {size.slices} turn(s) of {size.seconds:g} s")
    with deployed(engine, {"served": (), "bare": ()}) as deployment:
        people = {name: asyncio.run(deployment.inside(name, lambda it: staff(it, 0))) for name in deployment.keys}
        creator = Creator(people["served"].tree.community)
        with serving(deployment.config) as server:
            turns = asyncio.run(_turns(deployment, server, people, creator, size))
        asyncio.run(deployment.inside("served", lambda district: _check(district, creator.made)))
    return turns


async def _turns(
    deployment: Deployment, server: Server, people: dict[str, Staff], creator: Creator, size: Size
) -> list[Turns]:
    """Linli and the bare rows in turn, first on one connection, then on many."""
    written = writing.anew(await _example(deployment, server, people["bare"]))
    taken = [Turns(clients) for clients in CLIENTS]
    url, token = server.endpoint(deployment.keys["served"]), people["served"].admin
    await _ours(url, token, creator, max(CLIENTS), WARM_SECONDS)
    for _ in range(size.slices):
        for turns in taken:
            turns.ours.append(await _ours(url, token, creator, turns.clients, size.seconds))
            turns.theirs.append(await writing.rate(deployment, "bare", written, turns.clients, size.seconds))
    return taken


async def _ours(url: str, token: str, creator: Creator, clients: int, seconds: float) -> float:
    """Mutations per second. The connections are new in each turn: a server closes those that are idle meanwhile."""
    async with connections(url, *[token] * clients) as opened:
        await creator.create(opened[0], times=2)
        return await creator.rate(opened, seconds)


async def _example(deployment: Deployment, server: Server, people: Staff) -> dict[str, writing.Row]:
    """The rows that one mutation writes in the district that will get the bare ones."""
    async with connections(server.endpoint(deployment.keys["bare"]), people.admin) as (client,):
        org_id = await Creator(people.tree.community).create(client)
    return await writing.rows_of(deployment, "bare", org_id)


async def _check(district: District, made: int) -> None:
    """Each mutation left one organisation, one event in a chain that verifies, and one request id."""
    nodes = await OrgNode.filter(code__startswith="L").count()
    told = await sealed_events(types=[ORG_CREATED.name]).filter(actor_id__isnull=False).count()
    requests, verified = await Request.all().count(), await verify()
    if not nodes == told == requests == made or not verified.ok:
        found = f"{nodes} organisations, {told} events, {requests} request ids"
        raise WrongAnswerError(f"{made} mutations left {found} in {district.key}; {verified.findings}")
