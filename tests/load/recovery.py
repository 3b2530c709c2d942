"""After kill -9: how soon a server answers again, and until all that waited is carried out. 强制终止后的恢复时间。"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from linli.core.clock import monotonic, now
from linli.core.districts import District
from linli.core.people.services import create_person
from linli.core.records.delivery_models import Delivery
from linli.core.records.models import Event
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import UnitOfWork, transact
from tests.chaos.clients import Busy, all_work
from tests.chaos.test_kills import configured, server

from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .people import Staff, staff
from .sizes import Size
from .tables import Table, spread
from .wire import WrongAnswerError

CLIENTS, LOAD_SECONDS, BATCH = 4, 1.0, 200
PATIENCE_SECONDS = 120.0
"""For how long a handler may be waited for; what waits longer is no measurement."""
ASKED = {"query": "{ orgs(first: 1) { nodes { id } } }"}


@dataclass
class Kills:
    """Seconds from the kill to the first answer of the next server, and until nothing waits for a handler.

    `left` is how many events were handled by the next server.
    """

    events: int
    answered: list[float] = field(default_factory=list)
    handled: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: two rows per engine, the second with ten times the events stored."""
    yield Table(
        "Recovery after kill -9",
        ("engine", "events stored", "kills", "kill to first answer, s", "kill to all handled, s", "handled after it"),
        [_line(engine, kills) for engine in engines() for kills in measured(engine, size)],
        f"Under a load of {CLIENTS} clients, after {LOAD_SECONDS:g} s of it. The next server is started at once, "
        "with its modules to import; it answers once what fell due is carried out.",
    )


def _line(engine: Engine, kills: Kills) -> tuple[str, ...]:
    spreads = (spread(figures) for figures in (kills.answered, kills.handled, kills.left))
    return engine.name, f"{kills.events:,}", str(len(kills.answered)), *spreads


def measured(engine: Engine, size: Size, times: Sequence[int] = (1, 10)) -> list[Kills]:
    """Kill servers while so many times `size.stored` events are stored."""
    told = " and ".join(str(one * size.stored) for one in times)
    say(f"recovery: {engine.name}, {size.kills} kill(s) each with {told} events")
    with deployed(engine, {"served": ()}) as deployment:
        known = asyncio.run(deployment.inside("served", lambda it: staff(it, 0)))
        config = configured(deployment)
        return [asyncio.run(_after(deployment, known, config, size, one * size.stored)) for one in times]


async def _after(deployment: Deployment, known: Staff, config: Path, size: Size, events: int) -> Kills:
    await deployment.inside("served", lambda it: _fill(it, events))
    kills = Kills(events)
    for turn in range(size.kills):
        await _kill(deployment, known, config, random.Random(turn), kills)
    return kills


async def _kill(deployment: Deployment, known: Staff, config: Path, chance: random.Random, kills: Kills) -> None:
    log, path = config.with_name("server.log"), f"/d/{deployment.keys['served']}/graphql"
    clients = [Busy(known.tree.community, random.Random(chance.random())) for _ in range(CLIENTS)]
    with server(config, log) as (process, url):
        working = asyncio.create_task(all_work(clients, url + path, known.admin))
        while not any(client.acknowledged for client in clients) and not working.done():
            await asyncio.sleep(0.02)
        await asyncio.sleep(LOAD_SECONDS)
        process.send_signal(signal.SIGKILL)
        began, killed = monotonic(), now()
        await asyncio.to_thread(process.wait)
    with server(config, log) as (_, url):
        await _answered(url + path, known.admin)
        kills.answered.append(monotonic() - began)
        ended = await deployment.inside("served", handled)
        kills.handled.append(ended - began)
        kills.left.append(await deployment.inside("served", lambda _: _done_since(killed)))
    await working
    if not any(client.acknowledged for client in clients):
        raise WrongAnswerError("nothing was acknowledged before the kill")


async def _answered(url: str, token: str) -> None:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=60) as http:
        answer = (await http.post(url, json=ASKED)).json()
    if answer.get("errors") or not answer["data"]["orgs"]["nodes"]:
        raise WrongAnswerError(f"the first answer is {answer}")


async def handled(_district: District) -> float:
    """Wait until nothing waits for a handler; when that was. Raises WrongAnswerError for what waits too long."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await _waiting():
                await asyncio.sleep(0.02)
    except TimeoutError as error:
        told = f"{await Delivery.filter(state='PENDING').count()} deliveries still wait, or events are unsealed"
        raise WrongAnswerError(told) from error
    return monotonic()


async def _done_since(killed: datetime) -> int:
    return await Delivery.filter(state="DONE", done_at__gt=killed).count()


async def _waiting() -> bool:
    return await Delivery.filter(state="PENDING").exists() or await Event.filter(sequence=None).exists()


async def _fill(district: District, events: int) -> None:
    """So many events in all; nobody waits for those that are entered here."""

    async def many(_unit: UnitOfWork) -> None:
        for _ in range(BATCH):
            await create_person(name="示例")

    while await Event.all().count() < events:
        await transact(many)
    await seal_now(district.store)
