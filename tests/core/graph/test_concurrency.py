from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from linli.core.errors import ConflictError, OverlappingError, RejectedError
from linli.core.graph import services
from linli.core.graph.models import OrgBoundary, OrgBoundaryCell, OrgNode, OrgRelation
from linli.core.graph.outlines.cells import cells_of
from linli.core.graph.outlines.shapes import Shape, packed
from linli.core.graph.paths import child_path
from linli.core.graph.points import Crs
from linli.core.graph.services.boundaries import Outline
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import transact
from tests.core.graph.conftest import Graph

T = TypeVar("T")
ROUNDS = 10


async def at_once(store: Store, *works: Callable[[], Awaitable[T]]) -> list[T | BaseException]:
    """Do everything at the same time, on connections of their own: on SQLite as two processes would."""

    async def alone(work: Callable[[], Awaitable[T]]) -> T:
        other = await SqliteStore(store.path).open(readers=1) if isinstance(store, SqliteStore) else store
        try:
            with scope(other):
                return await transact(lambda _: work())
        finally:
            if other is not store:
                await other.close()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_outcome(alone(work))) for work in works]
    return [task.result() for task in tasks]


async def _outcome(work: Awaitable[T]) -> T | BaseException:
    try:
        return await work
    except RejectedError as refused:
        return refused


def codes(outcomes: list[OrgNode | BaseException] | list[OrgRelation | BaseException]) -> list[str]:
    return sorted(outcome.code for outcome in outcomes if isinstance(outcome, RejectedError))


async def assert_paths_follow_parents() -> None:
    nodes = {node.id: node for node in await OrgNode.all()}
    for node in nodes.values():
        above = nodes[node.parent_id].path if node.parent_id else ""
        assert node.path == child_path(above, node.id)


async def test_two_moves_at_once_make_no_cycle(store: Store, graph: Graph, root: OrgNode) -> None:
    for _ in range(ROUNDS):
        a, b = [await graph.create("PARTY_ORG", root) for _ in range(2)]
        outcomes = await at_once(
            store,
            lambda a=a, b=b: services.move_org(graph.kinds, a.id, b.id),  # type: ignore[misc]  # mypy knows no lambda defaults
            lambda a=a, b=b: services.move_org(graph.kinds, b.id, a.id),  # type: ignore[misc]
        )
        assert codes(outcomes) == ["CYCLE"]
        await assert_paths_follow_parents()


async def test_two_relations_at_once_make_no_cycle(store: Store, graph: Graph, root: OrgNode) -> None:
    def leads(source: OrgNode, target: OrgNode) -> Callable[[], Awaitable[OrgRelation]]:
        return lambda: services.create_relation(graph.kinds, kind="LEADS", source_id=source.id, target_id=target.id)

    for _ in range(ROUNDS):
        a, b = [await graph.create("PARTY_ORG", root) for _ in range(2)]
        assert codes(await at_once(store, leads(a, b), leads(b, a))) == ["CYCLE"]
        assert codes(await at_once(store, leads(root, a), leads(root, a))) == ["VALIDATION", "VALIDATION"]
        c = await graph.create("PARTY_ORG", root)
        assert codes(await at_once(store, leads(c, a), leads(c, a))) == [OverlappingError.code]


async def test_of_two_new_organisations_with_one_code_one_stays(store: Store, graph: Graph, root: OrgNode) -> None:
    def create(code: str) -> Callable[[], Awaitable[OrgNode]]:
        return lambda: services.create_org(graph.kinds, kind="TEAM", name="队", parent_id=root.id, code=code)

    for number in range(ROUNDS):
        assert codes(await at_once(store, *[create(f"T{number}")] * 3)) == [ConflictError.code] * 2
        assert await OrgNode.filter(code=f"T{number}").count() == 1


async def test_of_two_changes_under_one_version_one_stays(store: Store, graph: Graph, root: OrgNode) -> None:
    team = await graph.create("TEAM", root)

    def rename(name: str, version: int) -> Callable[[], Awaitable[OrgNode]]:
        return lambda: services.update_org(graph.kinds, team.id, name=name, expected_version=version)

    for version in range(1, ROUNDS):
        outcomes = await at_once(store, rename(f"甲{version}", version), rename(f"乙{version}", version))
        assert codes(outcomes) == [ConflictError.code]
        assert (await OrgNode.get(id=team.id)).version == version + 1


async def test_a_child_made_while_its_ancestor_moves_or_ends_stands_where_its_parent_does(
    store: Store, graph: Graph, root: OrgNode
) -> None:
    for _ in range(ROUNDS):
        old, new = [await graph.create("PARTY_ORG", root) for _ in range(2)]
        middle = await graph.create("PARTY_ORG", old)
        leaf = await graph.create("PARTY_ORG", middle)
        works: list[Callable[[], Awaitable[OrgNode]]] = [
            lambda leaf=leaf: services.create_org(graph.kinds, kind="PARTY_ORG", name="新", parent_id=leaf.id),  # type: ignore[misc]
            lambda middle=middle, new=new: services.move_org(graph.kinds, middle.id, new.id),  # type: ignore[misc]
            lambda leaf=leaf: services.end_org(graph.kinds, leaf.id),  # type: ignore[misc]
        ]
        refused = codes(await at_once(store, *works))
        assert refused in (["HAS_CHILDREN"], ["VALIDATION"])
        await assert_paths_follow_parents()
        assert await OrgNode.filter(parent_id=leaf.id).count() == (refused == ["HAS_CHILDREN"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_many_moves_at_once_keep_a_tree(store: Store, graph: Graph, root: OrgNode, seed: int) -> None:
    chance = random.Random(seed)
    nodes = [await graph.create("PARTY_ORG", root) for _ in range(8)]

    def move() -> Callable[[], Awaitable[OrgNode]]:
        node, parent = chance.sample(nodes, 2)
        return lambda: services.move_org(graph.kinds, node.id, parent.id)

    for _ in range(4):
        outcomes = await at_once(store, *[move() for _ in range(8)])
        assert set(codes(outcomes)) <= {"CYCLE"}
        await assert_paths_follow_parents()


async def test_outlines_drawn_at_once_leave_one_that_lasts(store: Store, graph: Graph, root: OrgNode) -> None:
    west, south = 1_131_000_000, 293_000_000
    shapes = [
        Shape([[[(west, south), (west + side, south), (west + side, south + side)]]]) for side in (1000, 2000, 3000)
    ]
    drawn = [Outline.of(shape, Crs.CGCS2000) for shape in shapes]
    for _ in range(3):

        def draw(outline: Outline) -> Callable[[], Awaitable[OrgNode]]:
            return lambda: services.set_boundary(graph.kinds, root.id, outline)

        assert codes(await at_once(store, *map(draw, drawn))) == []
        (last,) = await OrgBoundary.filter(node_id=root.id, valid_to=None)
        cells = sorted(row.cell for row in await OrgBoundaryCell.filter(boundary_id=last.id))
        drawn_last = next(shape for shape in shapes if packed(shape) == last.shape)
        assert cells == sorted(cells_of(drawn_last.box))
