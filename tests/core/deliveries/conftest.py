"""Handlers whose effect is a row, so that what was undone leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from structlog.testing import capture_logs

from linli.core.clock import FrozenClock
from linli.core.deliveries.deliverer import Deliverer
from linli.core.deliveries.handlers import EventHandler, Handler, wanted_by
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.people.services import create_person, update_person
from linli.core.records import outbox
from linli.core.records.delivery_models import Delivery
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact

Logs = list[MutableMapping[str, Any]]

COPIES, BREAKS, SENDS = "test.copies", "test.breaks", "test.sends"
ON = {"core.person_created": 1, "core.person_updated": 1}


class Bench:
    """A district with two handlers of what happens to people: one that leaves a row, one that fails while `broken`."""

    def __init__(self, district: District, clock: FrozenClock) -> None:
        self.district, self.clock = district, clock
        self.broken: set[UUID] = set()
        self.told: list[tuple[str, UUID, int | None]] = []
        self.payloads: list[BaseModel] = []
        self.handlers = {
            name: Handler("graphql", EventHandler(name, ON, handle, "Leaves a row", attempts=3, seconds=0.5))
            for name, handle in ((COPIES, self._copy), (BREAKS, self._break))
        }
        outbox.deliver_to(district.store, wanted_by(self.handlers))

    async def _copy(self, _district: District, event: Event, payload: BaseModel) -> None:
        await Person.create(name=f"copy of {event.sequence}", name_key="", gender=str(event.subject_id)[:10])
        self.told.append((COPIES, event.subject_id, event.sequence))
        self.payloads.append(payload)

    async def _break(self, _district: District, event: Event, _payload: BaseModel) -> None:
        await Person.create(name=f"broken copy of {event.sequence}", name_key="")
        if event.subject_id in self.broken:
            raise ArithmeticError("broken on purpose")
        self.told.append((BREAKS, event.subject_id, event.sequence))

    def deliverer(self, *names: str) -> Deliverer:
        """A deliverer for the handlers named, or for both."""
        return Deliverer(self.district, {name: self.handlers[name] for name in names or self.handlers})

    async def person(self, name: str = "李四") -> UUID:
        """Somebody is entered."""
        with self.district.scope():
            return (await transact(lambda _unit: create_person(name=name))).id

    async def rename(self, person_id: UUID, name: str) -> None:
        """Somebody is renamed."""
        with self.district.scope():
            person = await Person.get(id=person_id)
            await transact(lambda _unit: update_person(person, None, name=name))

    async def copies(self) -> list[str]:
        """What the handlers left, sorted."""
        with self.district.scope():
            return sorted(person.name for person in await Person.filter(name__contains="copy of"))

    async def deliveries(self, handler: str) -> list[Delivery]:
        """The deliveries of a handler, in order."""
        with self.district.scope():
            return await Delivery.filter(handler=handler).order_by("sequence")


@pytest.fixture
def bench(district: District, clock: FrozenClock) -> Bench:
    """A district with handlers to try."""
    return Bench(district, clock)


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    """What is logged."""
    with capture_logs() as lines:
        yield lines
