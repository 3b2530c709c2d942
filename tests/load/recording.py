"""The same service call, told of and not: what events, their sealing and request ids cost. 记录开销。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from unittest.mock import patch
from uuid import UUID

from linli.core.clock import monotonic
from linli.core.districts import District
from linli.core.graph import services
from linli.core.graph.models import OrgNode
from linli.core.records import events
from linli.core.records.models import Event
from linli.core.records.record import new_id
from linli.core.records.requests import Outcome, once
from linli.core.records.sealing import Sealer
from linli.core.records.unit_of_work import transact
from linli.core.records.verify import verify

from .deployments import deployed
from .engines import Engine, engines, say
from .people import staff
from .sizes import Size
from .tables import Table, ratios, spread
from .wire import WrongAnswerError

TASKS = (1, 32)
PATIENCE = 30.0
Create = Callable[[], Awaitable[object]]


@dataclass
class Turns:
    """How many per second, turn by turn, by so many at once; `recorded` until the last event was sealed."""

    tasks: int
    recorded: list[float] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine and number at once."""
    yield Table(
        "Units of work per second, recorded and not",
        ("engine", "at once", "recorded, 1/s", "not recorded, 1/s", "ratio"),
        [_row(engine, turns) for engine in engines() for turns in _measured(engine, size)],
        "Both check and insert an organisation with its state; the one also claims its request id, tells its event, "
        "and the time runs until that is sealed. In one process, without HTTP. Target: a ratio of 0.6.",
    )


def _row(engine: Engine, turns: Turns) -> tuple[str, ...]:
    ratio = spread(ratios(turns.recorded, turns.silent))
    return engine.name, str(turns.tasks), spread(turns.recorded), spread(turns.silent), ratio


def _measured(engine: Engine, size: Size) -> list[Turns]:
    say(f"recording: {engine.name}, {size.slices} turn(s) of {size.seconds:g} s")
    with deployed(engine, {"told": (), "silent": ()}) as deployment:
        for name in deployment.keys:
            asyncio.run(deployment.inside(name, lambda district: staff(district, 0)))
        taken = [Turns(tasks) for tasks in TASKS]
        for _ in range(size.slices):
            for turns in taken:
                told = deployment.inside("told", lambda it, turns=turns: _recorded(it, turns.tasks, size.seconds))  # type: ignore[misc]
                turns.recorded.append(asyncio.run(told))
                silent = deployment.inside("silent", lambda it, turns=turns: _silent(it, turns.tasks, size.seconds))  # type: ignore[misc]
                turns.silent.append(asyncio.run(silent))
        asyncio.run(deployment.inside("told", _check))
    return taken


async def _recorded(district: District, tasks: int, seconds: float) -> float:
    account = new_id()
    create = await _creating(district)

    async def work(_unit: object) -> Outcome:
        node = await create()
        return Outcome("OrgNode", node.id, node.version)

    async with _sealed(district):
        return await _rate(lambda: once(account, str(new_id()), "body", work), tasks, seconds, _all_sealed)


async def _silent(district: District, tasks: int, seconds: float) -> float:
    create = await _creating(district)
    with _nothing_told():
        return await _rate(lambda: transact(lambda _unit: create()), tasks, seconds, _nothing)


async def _creating(district: District) -> Callable[[], Awaitable[OrgNode]]:
    parent = await OrgNode.get(kind="COMMUNITY", name="观音阁社区")
    numbers, mark = count(1), new_id().hex

    def create() -> Awaitable[OrgNode]:
        code = f"{mark}{next(numbers)}"
        return services.create_org(
            district.kinds, kind="RESIDENT_UNIT", name="示例单位", parent_id=parent.id, code=code
        )

    return create


async def _rate(create: Create, tasks: int, seconds: float, sealed: Callable[[], Awaitable[None]]) -> float:
    await create()
    began = monotonic()

    async def go_on() -> int:
        done = 0
        while monotonic() - began < seconds:
            await create()
            done += 1
        return done

    done = sum(await asyncio.gather(*(go_on() for _ in range(tasks))))
    await sealed()
    return done / (monotonic() - began)


async def _all_sealed() -> None:
    until = monotonic() + PATIENCE
    while await Event.filter(sequence=None).exists():
        if monotonic() > until:
            raise WrongAnswerError("events are not sealed")
        await asyncio.sleep(0.005)


async def _nothing() -> None:
    """There is nothing to wait for."""


@asynccontextmanager
async def _sealed(district: District) -> AsyncIterator[None]:
    """Seal behind, where events are not sealed as they are written."""
    if district.store.dialect == "sqlite":
        yield
        return
    sealer = Sealer(district.store)
    sealer.start()
    try:
        yield
    finally:
        await sealer.stop()


@contextmanager
def _nothing_told() -> Iterator[None]:
    """As if nothing were told of a creation."""

    async def append(_type: object, _subject_type: str, _subject_id: UUID, _payload: object, **_more: object) -> None:
        return None

    with ExitStack() as stack:
        stack.enter_context(patch.object(events, "append", append))
        yield


async def _check(district: District) -> None:
    verified = await verify()
    if not verified.ok:
        raise WrongAnswerError(f"{district.key}: {verified.findings}")
