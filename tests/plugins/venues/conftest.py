"""The scene of the venues' tests: a basketball court of a unit, people of every tier, and what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest

from linli.core.access.viewer import ActiveGrant, Grants, Viewer
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.jobs.sweepers import Sweepers
from linli.core.people.models import Person
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact
from linli.plugins.venues import services
from linli.plugins.venues.models import Booking, UnitWorkHours, Venue
from linli.plugins.venues.rules import VenueKind, Weekday
from linli.schema.testing import Clients, Tree
from tests.plugins.venues.api import Api, set_up

T = TypeVar("T")
Step = Callable[[District, Viewer, services.Command], Awaitable[Booking]]

WORKDAYS = tuple(day for day in Weekday if not day.weekend)
RANGES = [
    {"weekday": day.value, "start": start * 60, "end": end * 60}
    for day in WORKDAYS
    for start, end in ((9, 12), (13, 18))
]
COURT = services.VenueValues(name="示例篮球场", kind=VenueKind.COURT, capacity=20, exclusive=True)


@dataclass
class Scene:
    """A district with the court `venue` of `tree.unit` in `tree.community`, and a clock that stands still."""

    district: District
    tree: Tree
    venue: Venue
    clock: FrozenClock

    def at(self, local: str) -> datetime:
        """An instant, written as local time: "2026-03-11 10:00"."""
        return datetime.fromisoformat(local).replace(tzinfo=self.district.zone)

    def viewer(self, person: Person | None = None, role: str | None = None, at: OrgNode | None = None) -> Viewer:
        """Somebody with a new account: for a person, with a role at a node."""
        grants = Grants()
        if role is not None:
            node = at or self.tree.root
            grants = Grants((ActiveGrant(new_id(), role, self.district.roles[role], node.path),))
        return Viewer(new_id(), "test", person.id if person else None, grants)

    @property
    def owner(self) -> Viewer:
        """Who manages the court."""
        return self.viewer(role="unit-admin", at=self.tree.unit)

    async def do(self, work: Callable[..., Awaitable[T]], *given: Any, **named: Any) -> T:
        """Call a service in a unit of work of the district."""
        with self.district.scope():
            return await transact(lambda _unit: work(self.district, *given, **named))

    async def book(self, who: Person | Viewer, day: str, start: str, end: str, **more: Any) -> Booking:
        """Book the court, or another venue, on a day, as a person or as any viewer."""
        viewer = self.viewer(who) if isinstance(who, Person) else who
        venue = more.pop("venue", self.venue)
        span = {"start": self.at(f"{day} {start}"), "end": self.at(f"{day} {end}")}
        return await self.do(services.book, viewer, venue_id=venue.id, **span, **more)

    async def act(self, step: Step, who: Person | Viewer, booking: Booking, **command: Any) -> Booking:
        """Take a step with a booking, as a person or as any viewer."""
        viewer = self.viewer(who) if isinstance(who, Person) else who
        return await self.do(step, viewer, services.Command(booking.id, **command))

    async def add_venue(self, owner: OrgNode | None = None, by: Viewer | None = None, **values: Any) -> Venue:
        """Another venue, of the unit unless another owner is named."""
        ends = {"owner_id": (owner or self.tree.unit).id, "community_id": self.tree.community.id}
        return await self.do(services.create_venue, by or self.owner, replace(COURT, **values), **ends)

    async def again(self, booking: Booking) -> Booking:
        """A booking as it is stored now."""
        with self.district.scope():
            return await Booking.get(id=booking.id)

    async def elapse(self, to: str) -> None:
        """Let the time go on, and everything happen that falls due by then, in order."""
        moved = await Sweepers([self.district]).advance(self.at(to))
        assert moved.failed == 0


@pytest.fixture
async def scene(district: District, tree: Tree, clock: FrozenClock) -> Scene:
    """The court, open 07:00-22:00, with the unit's working hours 09:00-12:00 and 13:00-18:00."""
    made = Scene(district, tree, Venue(), clock)
    made.venue = await made.add_venue()
    with district.scope():
        await transact(
            lambda _unit: UnitWorkHours.create(
                unit_id=tree.unit.id,
                valid_from=(clock.now() - timedelta(days=365)).date(),
                ranges=RANGES,
                lunch_counts_as_work=True,
            )
        )
    return made


@pytest.fixture
async def api(client: Clients, tree: Tree, clock: FrozenClock) -> Api:
    """The same court set up over GraphQL."""
    owner, venue = await set_up(client, tree)
    return Api(client, tree, clock, owner, venue["id"])
