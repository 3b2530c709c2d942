"""Where the processor's time of a request goes: a point look-up and a mutation, part by part. 请求路径。"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson

from linli.core.clock import monotonic

from .creating import Creator
from .deployments import deployed
from .engines import Engine, engines, say
from .people import staff
from .processes import Server, serving
from .sampled import SAMPLES
from .sizes import Size
from .tables import Table, figure
from .wire import Connection, WrongAnswerError, body, connections

POINT = body(
    "query Point($code: String!) { org(code: $code) { id kind code name validFrom version parent { name } } }",
    code="430602003006",
)
WARM = 50
PATIENCE = 10.0


@dataclass
class Sampled:
    """A server that takes samples from one signal to the next, and then tells them in a file."""

    server: Server
    file: Path
    url: str
    token: str
    lines: int = 0

    def signal(self) -> None:
        """Begin or end."""
        os.kill(self.server.process.pid, signal.SIGUSR1)

    async def told(self) -> Any:
        """End, and what the server tells then."""
        self.signal()
        until = monotonic() + PATIENCE
        while len(lines := self.file.read_bytes().splitlines()) <= self.lines:
            if monotonic() > until:
                raise WrongAnswerError("the server told nothing of its samples")
            await asyncio.sleep(0.01)
        self.lines = len(lines)
        return orjson.loads(lines[-1])


Ask = Callable[[Connection], Awaitable[Any]]


@dataclass(frozen=True)
class Taken:
    """What requests of a kind took: microseconds of the server's processor for one, and of its clock."""

    engine: str
    asked: str
    wall: float
    processor: float
    parts: Mapping[str, float]
    libraries: Mapping[str, float]


def measure(size: Size) -> Iterator[Table]:
    """Two tables: by what is done, and by whose code does it."""
    taken = [one for engine in engines() for one in _measured(engine, size)]
    for title, which in (("what is done", "parts"), ("whose code", "libraries")):
        yield _table(f"Microseconds of the processor for a request, by {title}", taken, which)


def _table(title: str, taken: list[Taken], which: str) -> Table:
    names = sorted({name for one in taken for name in getattr(one, which)})
    rows = [(name, *(figure(getattr(one, which).get(name, 0.0)) for one in taken)) for name in names]
    rows.append(("all of the server", *(figure(one.processor) for one in taken)))
    rows.append(("until the answer, by the clock", *(figure(one.wall) for one in taken)))
    columns = ("part", *(f"{one.asked}, {one.engine}" for one in taken))
    return Table(title, columns, rows, "One connection, one request after the other; sampled by the processor's time.")


def _measured(engine: Engine, size: Size) -> list[Taken]:
    say(f"path: {engine.name}, {size.requests} requests of each kind")
    with deployed(engine, {"path": ()}) as deployment:
        people = asyncio.run(deployment.inside("path", lambda district: staff(district, 0)))
        samples = deployment.folder / "samples.jsonl"
        samples.touch()
        with (
            patch.dict(os.environ, {SAMPLES: str(samples)}),
            serving(deployment.config, python=("-m", "tests.load.sampled")) as server,
        ):
            creator = Creator(people.tree.community)
            asked: dict[str, Ask] = {"point": _point, "createOrg": creator.create}
            sampled = Sampled(server, samples, server.endpoint(deployment.keys["path"]), people.admin)
            return [asyncio.run(_taken(engine, one, sampled, size.requests)) for one in asked.items()]


async def _point(client: Connection) -> None:
    answer = orjson.loads(await client.post(POINT))
    if answer.get("errors") or not answer["data"]["org"]["parent"]:
        raise WrongAnswerError(f"{answer}")


async def _taken(engine: Engine, asked: tuple[str, Ask], sampled: Sampled, times: int) -> Taken:
    name, ask = asked
    async with connections(sampled.url, sampled.token) as (client,):
        for _ in range(WARM):
            await ask(client)
        sampled.signal()
        began = monotonic()
        for _ in range(times):
            await ask(client)
        wall = monotonic() - began
        found = await sampled.told()
    each = 1e6 * found["seconds"] / times
    parts, libraries = (_shares(found[which], each) for which in ("phases", "libraries"))
    return Taken(engine.name, name, 1e6 * wall / times, each, parts, libraries)


def _shares(counted: Mapping[str, int], each: float) -> dict[str, float]:
    whole = sum(counted.values()) or 1
    return {name: each * count / whole for name, count in counted.items()}
