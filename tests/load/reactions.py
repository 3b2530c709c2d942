"""Handlers of events: how many a second, and how long after the commit. 事件处理速度。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from statistics import median, quantiles

from linli.core.clock import monotonic
from linli.core.deliveries.deliverer import Deliverer
from linli.core.deliveries.handlers import EventHandler, Handler, wanted_by
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.people.services import create_person
from linli.core.records import outbox
from linli.core.records.delivery_models import Delivery
from linli.core.records.models import Event
from linli.core.records.sealing import Sealer
from linli.core.records.unit_of_work import UnitOfWork, transact

from .deployments import deployed
from .engines import Engine, engines, say
from .sizes import Size
from .tables import Table, figure, milliseconds, spread
from .wire import WrongAnswerError

NAME, ON = "load.copy", {"core.person_created": 1}
BATCH = 200


class Copying:
    """A handler that leaves a row for each event, and remembers when."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.done: dict[int, float] = {}
        handler = EventHandler(NAME, ON, self.copy, "Leaves a row")
        self.handlers = {NAME: Handler("core", handler)}
        outbox.deliver_to(district.store, wanted_by(self.handlers))

    async def copy(self, _district: District, event: Event, _payload: object) -> None:
        await Person.create(name=f"copy of {event.sequence}", name_key="")
        self.done[event.subject_id.int] = monotonic()

    async def enter(self, count: int) -> None:
        """People, many in a transaction: what is waiting when a server starts."""

        async def many(_unit: UnitOfWork) -> None:
            for _ in range(min(BATCH, count)):
                await create_person(name="示例")

        for _ in range(0, count, BATCH):
            await transact(many)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine."""
    yield Table(
        "Handlers of events",
        (
            "engine",
            "deliveries",
            "carried out, 1/s",
            "after 10 times as many, 1/s",
            "commit to effect, p50 ms",
            "p99 ms",
        ),
        [row(engine, size) for engine in engines()],
        "The handler writes one row. Each delivery is carried out together with the note that it is done; a backlog in "
        "batches of up to 20. The last two are of single commits, one after the other, in one process.",
    )


def row(engine: Engine, size: Size) -> tuple[str, ...]:
    """One engine's figures; WrongAnswerError where an effect is missing or there twice."""
    say(f"reactions: {engine.name}, {size.reactions} deliveries")
    with deployed(engine, {"district": ()}) as deployment:
        return asyncio.run(deployment.inside("district", lambda it: _measured(engine, it, size)))


async def _measured(engine: Engine, district: District, size: Size) -> tuple[str, ...]:
    copying = Copying(district)
    first = [await _rate(copying, size.reactions) for _ in range(size.slices)]
    await copying.enter(9 * size.reactions * size.slices)
    await _drained(copying)
    later = [await _rate(copying, size.reactions) for _ in range(size.slices)]
    late = milliseconds(await _latencies(copying, size.asked))
    await _check(copying)
    p99 = quantiles(late, n=100)[98]
    return engine.name, f"{size.reactions:,}", spread(first), spread(later), figure(median(late)), figure(p99)


async def _rate(copying: Copying, count: int) -> float:
    await copying.enter(count)
    began = monotonic()
    await _drained(copying)
    return count / (monotonic() - began)


async def _drained(copying: Copying) -> None:
    """In a task of its own: a district is not entered twice."""
    await asyncio.create_task(Deliverer(copying.district, copying.handlers).drain())


async def _latencies(copying: Copying, count: int) -> list[float]:
    store = copying.district.store
    sealers = [Sealer(store)] if store.dialect == "postgres" else []
    working: list[Sealer | Deliverer] = [*sealers, Deliverer(copying.district, copying.handlers)]
    for one in working:
        one.start()
    try:
        return [await _one(copying) for _ in range(count)]
    finally:
        for one in reversed(working):
            await one.stop()


async def _one(copying: Copying) -> float:
    person = await transact(lambda _unit: create_person(name="示例"))
    committed = monotonic()
    while person.id.int not in copying.done:
        await asyncio.sleep(0.0005)
    return max(0.0, copying.done[person.id.int] - committed)


async def _check(copying: Copying) -> None:
    told, copies = await Delivery.filter(state="DONE").count(), await Person.filter(name__startswith="copy of").count()
    different = len(set(await Person.filter(name__startswith="copy of").values_list("name", flat=True)))
    if not told == copies == different == len(copying.done):
        raise WrongAnswerError(f"{told} deliveries, {copies} effects, {different} different ones")
