"""Linli and its peers in turns, question by question, every answer checked. 同类服务对比测量。"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import orjson

from .. import bare, people
from ..deployments import Deployment, deployed
from ..engines import SQLITE, Engine, postgres, say
from ..incidents.installed import installed
from ..processes import linli, run, serving
from ..sizes import Size
from ..tables import Table, figure, ratios, spread
from ..wire import WrongAnswerError
from .client import Check, Rate, load
from .data import Extent, enter_incidents, write_organisations
from .dialects import LINLI
from .questions import QUESTIONS, Facts, Question, Reports, plain
from .servers import Peer, node, peers

CLIENTS = (1, 32)
NAMES = (*(question.name for question in QUESTIONS), "M1")
TITLES = {question.name: question.title for question in QUESTIONS} | {"M1": "an incident is reported and shown"}


@dataclass
class Turns:
    """What one server did with one question over so many connections, turn by turn."""

    rates: list[Rate] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> list[float]:
        """Answers per second of each turn."""
        return [rate.per_second for rate in self.rates]

    @property
    def milliseconds(self) -> list[float]:
        """How long each answer took."""
        return [1000 * each for rate in self.rates for each in rate.latencies]


Taken = dict[tuple[str, str, int], Turns]
"""By question, server and connections."""


def measure(size: Size) -> Iterator[Table]:
    """The tables: rates, ratios, latencies, and what the servers took."""
    server = postgres()
    if server is None:
        say("queries: there are no peers without PostgreSQL; not measured")
        return
    yield from compared(server, size, node())


def compared(server: Engine, size: Size, javascript: str | None) -> Iterator[Table]:
    """The tables; without Node they are of Linli and the limit. Raises WrongAnswerError, whoever gives it."""
    with installed(), ExitStack() as stack:
        ours = _district(stack, server, size.extent, {"served": ("incidents",), "mirror": ("incidents",)})
        small = _district(stack, SQLITE, size.extent, {"served": ("incidents",)})
        asked = [_linli(stack, "Linli", ours), _linli(stack, "Linli, SQLite", small)]
        asyncio.run(_functions(str(server.server), ours.schema("mirror")))
        mirror = asyncio.run(ours.inside("mirror", Facts.read))
        asked += stack.enter_context(peers(str(server.server), ours.schema("mirror"), mirror, ours.folder, javascript))
        taken = asyncio.run(_measured(asked, size))
        memory = {peer.name: peer.peak() for peer in asked}
    yield from _tables([peer.name for peer in asked], taken, memory)


def _district(stack: ExitStack, engine: Engine, extent: Extent, plugins: Any) -> Deployment:
    say(f"queries: {engine.name}, {extent.organisations:,} organisations, {extent.incidents:,} incidents")
    deployment = stack.enter_context(deployed(engine, plugins))
    file = deployment.folder / "orgs.csv"
    write_organisations(file, extent)
    for name, key in deployment.keys.items():
        run(linli(deployment.config, "import", "orgs", "--district", key, str(file)))
        asyncio.run(deployment.inside(name, lambda district: enter_incidents(district, extent)))
    return deployment


async def _functions(server: str, schema: str) -> None:
    """What PostGraphile needs of the database."""
    connection = await bare.postgres_connection(server, schema)
    try:
        await connection.execute(Path(__file__).with_name("functions.sql").read_text("utf-8"))
    finally:
        await connection.close()


def _linli(stack: ExitStack, name: str, deployment: Deployment) -> Peer:
    facts = asyncio.run(deployment.inside("served", Facts.read))
    token = asyncio.run(deployment.inside("served", people.admin))
    server = stack.enter_context(serving(deployment.config))
    return Peer(name, server.endpoint(deployment.keys["served"]), server.process.pid, LINLI, facts, token)


async def _measured(asked: Sequence[Peer], size: Size) -> Taken:
    """Questions first, since reports change what is there."""
    taken: Taken = {(name, peer.name, clients): Turns() for name in NAMES for peer in asked for clients in CLIENTS}
    for question in QUESTIONS:
        say(f"queries: {question.name}, {question.title}")
        work = [(peer, *await _known(peer, question)) for peer in asked]
        await _turns(question.name, work, taken, size)
    say(f"queries: M1, {TITLES['M1']}")
    await _turns("M1", [(peer, *_reports(peer)) for peer in asked], taken, size)
    return taken


async def _turns(
    name: str, work: Sequence[tuple[Peer, Callable[[], Iterator[bytes]], Check]], taken: Taken, size: Size
) -> None:
    """Every server once, then every server again; the first time is not counted."""
    for turn in range(-1, size.slices):
        for peer, requests, check in work:
            for clients in CLIENTS:
                turns = taken[name, peer.name, clients]
                before = peer.processor()
                rate = await load(peer.url, requests(), check, clients, size.seconds)
                if turn >= 0:
                    turns.rates.append(rate)
                    turns.processor.append((peer.processor() - before) / len(rate.latencies))


async def _known(peer: Peer, question: Question) -> tuple[Callable[[], Iterator[bytes]], Check]:
    """The requests of a question; each is asked once and its answer checked, and from then on must stay the same."""
    words, known = peer.words[question.name], dict[bytes, bytes]()
    for given in question.mix(peer.facts):
        sent = peer.sent(orjson.dumps({"query": words.document, "variables": words.bind(given)}))
        answers: list[bytes] = []
        await load(peer.url, iter([sent]), lambda _sent, content, kept=answers: not kept.append(content), 1, 0.0)  # type: ignore[misc]
        answer = orjson.loads(answers[0])
        found = None if answer.get("errors") else plain(words.unwrap(answer["data"]))
        if found is None or not question.matches(peer.facts, given, found):
            raise WrongAnswerError(f"{peer.name}, {question.name}, {given}: {answers[0][:3000]!r}")
        known[sent] = answers[0]
    requests = list(known)
    return lambda: cycle(requests), lambda sent, content: known[sent] == content


def _reports(peer: Peer) -> tuple[Callable[[], Iterator[bytes]], Check]:
    words, reports, waiting = peer.words["M1"], Reports(peer.facts), dict[bytes, Any]()

    def requests() -> Iterator[bytes]:
        while True:
            given = reports.next()
            sent = peer.sent(orjson.dumps({"query": words.document, "variables": words.bind(given)}))
            waiting[sent] = given
            yield sent

    def check(sent: bytes, content: bytes) -> bool:
        answer = orjson.loads(content)
        return not answer.get("errors") and reports.matches(waiting.pop(sent), words.unwrap(answer["data"]))

    return requests, check


def _tables(servers: Sequence[str], taken: Taken, memory: dict[str, int]) -> Iterator[Table]:
    for clients in CLIENTS:
        yield Table(
            f"Answers per second over {clients} connection{'s' * (clients > 1)}",
            ("question", *servers),
            [_row(name, [spread(taken[name, server, clients].per_second) for server in servers]) for name in NAMES],
            "; ".join(f"{name}: {TITLES[name]}" for name in NAMES),
        )
        ours = {name: taken[name, servers[0], clients].per_second for name in NAMES}
        yield Table(
            f"How many times as many Linli answers as the other, {clients} connection{'s' * (clients > 1)}",
            ("question", *servers[1:]),
            [
                _row(
                    name,
                    [spread(ratios(ours[name], taken[name, server, clients].per_second)) for server in servers[1:]],
                )
                for name in NAMES
            ],
        )
    most = max(CLIENTS)
    yield Table(
        f"Milliseconds until an answer over {most} connections, p50 / p99",
        ("question", *servers),
        [_row(name, [_latency(taken[name, server, most].milliseconds) for server in servers]) for name in NAMES],
    )
    rows = [_row(name, [_processor(taken[name, server, most]) for server in servers]) for name in NAMES]
    yield Table(
        f"Milliseconds of the server's processor per answer over {most} connections",
        ("question", *servers),
        [*rows, _row("memory, MB", [figure(memory[server] / 1e6) for server in servers])],
    )


def _row(name: str, cells: Sequence[str]) -> tuple[str, ...]:
    return name, *cells


def _latency(values: Sequence[float]) -> str:
    return f"{figure(median(values))} / {figure(quantiles(values, n=100)[98] if len(values) > 1 else values[0])}"


def _processor(turns: Turns) -> str:
    return figure(median([1000 * each for each in turns.processor]))
