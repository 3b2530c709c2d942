"""Servers that are killed under load: nothing acknowledged is lost, nothing happens twice, the chain holds.

Twenty rounds by default; LINLI_CHAOS_ROUNDS=200 for a campaign.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linli.core import clock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.records.delivery_models import Delivery
from linli.core.records.models import Event, Request
from linli.core.records.sealing import seal_now
from linli.core.records.store import Dialect
from linli.core.records.verify import verify
from tests.chaos.clients import Busy, all_work
from tests.chaos.counting import MARK
from tests.load.deployments import Deployment, deployed
from tests.load.engines import SQLITE, Engine, postgres
from tests.load.people import staff

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("LINLI_CHAOS_ROUNDS", "20"))
CLIENTS = 4
LONGEST_SECONDS = 0.8
START_SECONDS = 120.0
"""After so long a server that has not said where it answers is killed, and the test tells its log."""
HANDLED = ("core.org_created", "core.org_updated")


@pytest.fixture
def measured(engine: Dialect) -> Engine:
    """Each engine that the test kit found."""
    found = SQLITE if engine == "sqlite" else postgres()
    assert found is not None
    return found


def configured(deployment: Deployment) -> Path:
    """A configuration of the same districts in which the plugin that counts is on."""
    file = deployment.folder / "counting.toml"
    file.write_text(deployment.config.read_text("utf-8").replace("plugins = []", 'plugins = ["counting"]'), "utf-8")
    assert "counting" in file.read_text("utf-8")
    return file


@contextmanager
def server(config: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server of its own process, and where it answers; killed in the end."""
    command = [sys.executable, "-m", "tests.chaos.counting", "serve", "--port", "0", "--config", str(config)]
    with log.open("ab") as written:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=written)
    hanging = threading.Timer(START_SECONDS, process.kill)
    hanging.start()
    try:
        assert process.stdout is not None
        first = process.stdout.readline().decode()
        hanging.cancel()
        assert "http://" in first, log.read_text("utf-8")[-3000:]
        yield process, first.split()[-1]
    finally:
        hanging.cancel()
        process.kill()
        process.communicate()


async def one_round(config: Path, key: str, token: str, clients: list[Busy], seconds: float) -> float:
    """Load on a server that is killed after so many seconds of it; how long it took until it answered."""
    began = clock.monotonic()
    with server(config, config.with_name("server.log")) as (process, url):
        up = clock.monotonic() - began
        working = asyncio.create_task(all_work(clients, f"{url}/d/{key}/graphql", token))
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        await working
    return up


async def settled(deployment: Deployment, config: Path, key: str, token: str, clients: list[Busy]) -> None:
    """A last server, which is asked for what is still open, and handles what still waits."""
    with server(config, config.with_name("server.log")) as (process, url):
        working = asyncio.create_task(all_work(clients, f"{url}/d/{key}/graphql", token))
        await asyncio.sleep(1.0)
        process.send_signal(signal.SIGTERM)
        await working
        await asyncio.to_thread(process.wait)
    with server(config, config.with_name("server.log")):
        async with asyncio.timeout(60):
            while await deployment.inside("served", pending):
                await asyncio.sleep(0.2)


async def pending(district: District) -> int:
    await seal_now(district.store)
    return await Delivery.filter(state="PENDING").count()


async def judged(district: District, clients: list[Busy]) -> str:
    """Raise AssertionError where something is missing, twice or otherwise; a line about what there is."""
    orgs = {org.id: org for org in await OrgNode.all()}
    people = {person.id for person in await Person.all()}
    for client in clients:
        assert client.people <= people, "an acknowledged person is gone"
        for id_, known in client.orgs.items():
            assert id_ in orgs, "an acknowledged organisation is gone"
            assert (orgs[id_].name, orgs[id_].version) == (known.name, known.version)
    told = await Event.filter(type__in=HANDLED, actor_id__isnull=False).all()
    counting = {delivery.event_id for delivery in await Delivery.filter(handler="counting.count")}
    effects = Counter(person.name.removeprefix(MARK) for person in await Person.filter(name__startswith=MARK))
    assert set(effects.values()) <= {1}, "a handler had its effect twice"
    assert set(effects) == {str(event.id) for event in told} == {str(id_) for id_ in counting}
    numbers = sorted(event.sequence or 0 for event in await Event.all())
    assert numbers == list(range(1, len(numbers) + 1)), "a gap or a duplicate"
    found = await verify()
    assert found.ok, found.findings
    assert all(client.acknowledged for client in clients), "a client was never answered"
    acknowledged, requests = sum(client.acknowledged for client in clients), await Request.all().count()
    assert requests == acknowledged, "a request acted without an answer, or twice"
    return f"{acknowledged} acknowledged, {sum(it.asked_again for it in clients)} asked again, {len(effects)} effects"


def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(measured: Engine) -> None:
    seed = int(os.environ.get("LINLI_CHAOS_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    with deployed(measured, {"served": ()}) as deployment:
        known = asyncio.run(deployment.inside("served", lambda it: staff(it, 0)))
        config, key = configured(deployment), deployment.keys["served"]
        clients = [Busy(known.tree.community, random.Random(chance.random())) for _ in range(CLIENTS)]
        ups = [
            asyncio.run(one_round(config, key, known.admin, clients, chance.uniform(0.02, LONGEST_SECONDS)))
            for _ in range(ROUNDS)
        ]
        asyncio.run(settled(deployment, config, key, known.admin, clients))
        told = asyncio.run(deployment.inside("served", lambda it: judged(it, clients)))
        assert "delivery_dead" not in config.with_name("server.log").read_text("utf-8")
    print(f"{measured.name}: {ROUNDS} kills, {told}; up again after {min(ups):.2f} to {max(ups):.2f} s")
