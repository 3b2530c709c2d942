from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core.errors import RejectedError
from linli.core.graph.models import OrgNode, OrgState
from linli.core.graph.paths import child_path
from linli.core.graph.queries import ancestors_as_of, descendants, descendants_as_of
from tests.core.graph.conftest import Graph, Time

steps = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.integers(0, 9), st.none()),
        st.tuples(st.just("move"), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("rename"), st.integers(0, 9), st.sampled_from("甲乙丙")),
        st.tuples(st.just("end"), st.integers(0, 9), st.none()),
        st.tuples(st.just("wait"), st.none(), st.none()),
    ),
    min_size=5,
    max_size=20,
)
Tree = dict[UUID, tuple[str, UUID]]


@dataclass
class World:
    """What the graph ought to say: the tree beneath `top`, now and at every instant before."""

    graph: Graph
    time: Time
    top: OrgNode
    nodes: list[OrgNode]
    tree: Tree = field(default_factory=dict)
    past: dict[datetime, Tree] = field(default_factory=dict)

    def chosen(self, number: int) -> OrgNode:
        return self.nodes[number % len(self.nodes)]

    def above(self, node_id: UUID) -> list[UUID]:
        found = []
        while node_id in self.tree:
            node_id = self.tree[node_id][1]
            found.append(node_id)
        return found

    async def step(self, what: str, number: int | None, other: int | str | None) -> None:
        if what == "wait":
            self.time.pass_by(minutes=1)
        elif isinstance(number, int):
            await self.change(what, self.chosen(number), other)
        self.past[self.time.now()] = dict(self.tree)

    async def change(self, what: str, node: OrgNode, other: int | str | None) -> None:
        parent = self.tree[node.id][1] if node.id in self.tree else self.top.id
        match what, other:
            case "create", _:
                made = await self.graph.create("PARTY_ORG", node, "新")
                self.nodes.append(made)
                self.tree[made.id] = ("新", node.id)
            case "move", int() if node is not self.top:
                target = self.chosen(other)
                await self.attempt(node.id not in (target.id, *self.above(target.id)), node, target)
            case "rename", str() if node is not self.top:
                await self.graph.update(node, name=other)
                self.tree[node.id] = (other, parent)
            case "end", _ if node is not self.top:
                await self.end(node, childless=node.id not in {above for _, above in self.tree.values()})

    async def attempt(self, allowed: bool, node: OrgNode, target: OrgNode) -> None:
        if not allowed:
            with pytest.raises(RejectedError, match="CYCLE"):
                await self.graph.move(node, target)
            return
        await self.graph.move(node, target)
        self.tree[node.id] = (self.tree[node.id][0], target.id)

    async def end(self, node: OrgNode, *, childless: bool) -> None:
        if not childless:
            with pytest.raises(RejectedError, match="HAS_CHILDREN"):
                await self.graph.end(node)
            return
        await self.graph.end(node)
        self.nodes.remove(node)
        del self.tree[node.id]


async def assert_paths_follow_parents(world: World) -> None:
    present = await descendants(world.top)
    assert {node.id: (node.name, node.parent_id) for node in present} == world.tree
    paths = {world.top.id: world.top.path}
    for node in present:  # each after its parent
        assert node.parent_id is not None
        paths[node.id] = child_path(paths[node.parent_id], node.id)
        assert (node.path, node.depth) == (paths[node.id], world.top.depth + len(world.above(node.id)))


async def assert_states_do_not_overlap(world: World) -> None:
    for node in [*world.nodes, *await OrgNode.filter(valid_to__not_isnull=True)]:
        spans = [(state.valid_from, state.valid_to) for state in await OrgState.filter(node_id=node.id)]
        ordered = sorted(spans, key=lambda span: (span[0] is not None, span[0], span[1] is None, span[1]))
        assert all(end is not None and start is not None and end <= start for (_, end), (start, _) in pairwise(ordered))
        assert sum(end is None for _, end in spans) == (node.valid_to is None)


async def assert_every_instant_is_remembered(world: World) -> None:
    for instant, tree in world.past.items():
        found = await descendants_as_of(world.top.id, instant)
        assert {org.id: (org.name, org.parent_id) for org in found} == tree
        for org in found[-2:]:
            ancestors = [above.id for above in await ancestors_as_of(org.id, instant)]
            assert ancestors[-1] == org.parent_id
            assert ancestors[1] == world.top.id if len(ancestors) > 1 else True


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps)
async def test_whatever_happens_paths_follow_parents_and_every_instant_is_remembered(
    graph: Graph, time: Time, steps: list[tuple[str, int | None, int | str | None]]
) -> None:
    top = await graph.create("PARTY_ORG", await graph.root(), "顶")
    world = World(graph, time, top, [top])
    for step in steps:
        await world.step(*step)
    await assert_paths_follow_parents(world)
    await assert_states_do_not_overlap(world)
    await assert_every_instant_is_remembered(world)
