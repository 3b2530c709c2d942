"""Logins per second, against the hash alone that each of them takes. 每秒登录次数。"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import orjson

from linli.core.access import services
from linli.core.access.passwords import hashed, verified
from linli.core.clock import monotonic
from linli.core.districts import District
from linli.core.records.unit_of_work import transact

from .deployments import deployed
from .engines import Engine, engines, say
from .processes import Server, serving
from .sizes import Size
from .tables import Table, ratios, spread
from .wire import Connection, WrongAnswerError, body, connections

CLIENTS = (1, 2, 8)
PASSWORD = "correct horse battery"
THREADS = min(32, (os.cpu_count() or 1) + 4)
"""Threads that a process of Python's keeps for slow work, so also how many passwords a server looks at at once."""

_LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { __typename ... on Error { code } } }"


@dataclass
class Turns:
    """How many per second, turn by turn, by so many clients."""

    clients: int
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine and number of clients."""
    yield Table(
        "Logins per second",
        ("engine", "clients", "hashes at once", "`login`, 1/s", "bare hashes, 1/s", "ratio"),
        [_row(engine, turns) for engine in engines() for turns in _measured(engine, size)],
        f"Right passwords of as many accounts. The hash is {parameters()}, in {THREADS} threads at most.",
    )


def parameters() -> str:
    """The hash and its parameters, as they stand in each kept password."""
    _, name, _, costs, *_ = hashed(PASSWORD).split("$")
    memory, passes, lanes = (part.partition("=")[2] for part in costs.split(","))
    return f"{name} with {int(memory) // 1024} MiB, {passes} passes and {lanes} lanes"


def _row(engine: Engine, turns: Turns) -> tuple[str, ...]:
    at_once = str(min(turns.clients, THREADS))
    ratio = spread(ratios(turns.bare, turns.ours))
    return engine.name, str(turns.clients), at_once, spread(turns.ours), spread(turns.bare), ratio


def _measured(engine: Engine, size: Size) -> list[Turns]:
    say(f"logins: {engine.name}, {size.slices} turn(s) of {size.seconds:g} s")
    with deployed(engine, {"district": ()}) as deployment:
        asyncio.run(deployment.inside("district", _register))
        with serving(deployment.config) as server:
            return asyncio.run(_turns(server, deployment.keys["district"], size))


async def _register(_district: District) -> None:
    async def work(_unit: object) -> None:
        for number in range(max(CLIENTS)):
            await services.create_account(f"account{number}", PASSWORD, None)

    await transact(work)


async def _turns(server: Server, key: str, size: Size) -> list[Turns]:
    taken, url = [Turns(clients) for clients in CLIENTS], server.endpoint(key)
    for _ in range(size.slices):
        for turns in taken:
            turns.ours.append(await _signed_in(url, turns.clients, size.seconds))
            turns.bare.append(await asyncio.to_thread(_hashes, min(turns.clients, THREADS), size.seconds))
    return taken


async def _signed_in(url: str, clients: int, seconds: float) -> float:
    """Logins per second of clients that each sign in again and again, at least once.

    Connections are new in each turn: a server closes those that are idle meanwhile.
    """
    async with connections(url, *[""] * clients) as opened:
        return await _rate(opened, seconds)


async def _rate(clients: Sequence[Connection], seconds: float) -> float:
    began, done = monotonic(), 0

    async def sign_in(number: int, client: Connection) -> None:
        nonlocal done
        sent = body(_LOGIN, input={"username": f"account{number}", "password": PASSWORD})
        while True:
            answer = orjson.loads(await client.post(sent))
            if answer != {"data": {"login": {"__typename": "Session"}}}:
                raise WrongAnswerError(f"{answer}")
            done += 1
            if monotonic() - began >= seconds:
                return

    await asyncio.gather(*(sign_in(number, client) for number, client in enumerate(clients)))
    return done / (monotonic() - began)


def _hashes(threads: int, seconds: float) -> float:
    """Hashes per second of so many threads."""
    kept, began = hashed(PASSWORD), monotonic()

    def verify() -> int:
        done = 0
        while not done or monotonic() - began < seconds:
            assert verified(PASSWORD, kept)
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(verify) for _ in range(threads)]
        done = sum(one.result() for one in waiting)
    return done / (monotonic() - began)
