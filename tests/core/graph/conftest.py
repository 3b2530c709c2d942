"""An empty graph on every engine, the kinds of a district without plugins, and a clock that is moved by hand."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linli.core import clock
from linli.core.graph import services
from linli.core.graph.core_kinds import core_kinds
from linli.core.graph.kinds import Kinds
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import unit_of_work

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


class Graph:
    """The services, each in a unit of work of its own."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds

    async def root(self, name: str = "岳阳楼区", code: str | None = "430602000000") -> OrgNode:
        async with unit_of_work():
            return await services.ensure_root(self.kinds, name=name, code=code)

    async def create(self, kind: str, parent: OrgNode | None, name: str = "某处", **given: Any) -> OrgNode:
        async with unit_of_work():
            parent_id = parent.id if parent else None
            return await services.create_org(self.kinds, kind=kind, name=name, parent_id=parent_id, **given)

    async def update(self, node: OrgNode, **given: Any) -> OrgNode:
        async with unit_of_work():
            return await services.update_org(self.kinds, node.id, **given)

    async def move(self, node: OrgNode, parent: OrgNode, **given: Any) -> OrgNode:
        async with unit_of_work():
            return await services.move_org(self.kinds, node.id, parent.id, **given)

    async def end(self, node: OrgNode, **given: Any) -> OrgNode:
        async with unit_of_work():
            return await services.end_org(self.kinds, node.id, **given)

    async def relate(self, source: OrgNode, kind: str, target: OrgNode, **given: Any) -> OrgRelation:
        async with unit_of_work():
            return await services.create_relation(
                self.kinds, kind=kind, source_id=source.id, target_id=target.id, **given
            )

    async def end_relation(self, relation: OrgRelation, **given: Any) -> OrgRelation:
        async with unit_of_work():
            return await services.end_relation(self.kinds, relation.id, **given)

    async def place(self, *kinds: str) -> OrgNode:
        """A chain of new nodes of these kinds beneath the root; the last one."""
        node = await self.root()
        for kind in kinds:
            node = await self.create(kind, node)
        return node


class Time(clock.FrozenClock):
    """A clock that stands still until a test moves it."""

    def pass_by(self, **time: float) -> datetime:
        """Move on; the instant before."""
        before = self.now()
        self.advance(before + timedelta(**time))
        return before


@pytest.fixture(autouse=True)
def time() -> Iterator[Time]:
    """A clock at START."""
    frozen = Time(START)
    before = clock.use(frozen)
    yield frozen
    clock.use(before)


@pytest.fixture
async def graph(store: Store) -> AsyncIterator[Graph]:
    """The graph of a new district, which is entered."""
    with scope(store):
        yield Graph(core_kinds())


@pytest.fixture
async def root(graph: Graph) -> OrgNode:
    """The root node of 岳阳楼区."""
    return await graph.root()


def unknown_id() -> uuid.UUID:
    """An id that nothing has."""
    return uuid.uuid4()
