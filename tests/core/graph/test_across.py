from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from linli.core.errors import ValidationError
from linli.core.graph.models import OrgNode
from linli.core.graph.queries import neighbourhood, path_between
from tests.core.graph.conftest import START, Graph, Time

ALL = ("LEADS", "ATTACHED_TO")


async def chain(graph: Graph, root: OrgNode, length: int) -> list[OrgNode]:
    """Party organisations of which each leads the next."""
    nodes = [await graph.create("PARTY_ORG", root, valid_from=None) for _ in range(length)]
    for one, other in pairwise(nodes):
        await graph.relate(one, "LEADS", other)
    return nodes


async def test_a_neighbourhood_reaches_both_ways_and_tells_distances(graph: Graph, root: OrgNode) -> None:
    a, b, c, d, e = await chain(graph, root, 5)
    assert await neighbourhood(c.id, ALL) == {b.id: 1, d.id: 1}
    assert await neighbourhood(c.id, ALL, depth=2) == {b.id: 1, d.id: 1, a.id: 2, e.id: 2}
    assert list((await neighbourhood(a.id, ALL, depth=10)).values()) == [1, 2, 3, 4]


async def test_a_neighbourhood_follows_the_kinds_asked_for(graph: Graph, root: OrgNode) -> None:
    a, b = await chain(graph, root, 2)
    team = await graph.create("TEAM", root)
    await graph.relate(team, "ATTACHED_TO", a)
    assert await neighbourhood(a.id, ["ATTACHED_TO"]) == {team.id: 1}
    assert set(await neighbourhood(a.id, ALL)) == {team.id, b.id}
    assert await neighbourhood(a.id, []) == {}


async def test_the_nearest_distance_counts_in_a_graph_with_loops(graph: Graph, root: OrgNode) -> None:
    nodes = await chain(graph, root, 6)
    await graph.relate(nodes[0], "LEADS", nodes[4])
    found = await neighbourhood(nodes[0].id, ALL, depth=10)
    assert [found[node.id] for node in nodes[1:]] == [1, 2, 2, 1, 2]


async def test_only_what_is_valid_at_the_instant_is_reached(graph: Graph, root: OrgNode, time: Time) -> None:
    a, b, c = await chain(graph, root, 3)
    later = await graph.create("TEAM", root, valid_from=START + timedelta(days=-1))
    relation = await graph.relate(later, "ATTACHED_TO", a, valid_from=None)
    time.pass_by(days=1)
    await graph.end(c)
    await graph.end_relation(relation)
    assert await neighbourhood(a.id, ALL, depth=5) == {b.id: 1}
    assert await neighbourhood(a.id, ALL, depth=5, instant=START) == {b.id: 1, later.id: 1, c.id: 2}
    assert await neighbourhood(a.id, ALL, depth=5, instant=START - timedelta(days=2)) == {}


async def test_a_shortest_way_is_found_in_order(graph: Graph, root: OrgNode) -> None:
    nodes = await chain(graph, root, 5)
    shortcut = await graph.relate(nodes[0], "LEADS", nodes[3])
    way = await path_between(nodes[4].id, nodes[0].id, ALL)
    assert way is not None
    assert [(step.source_id, step.target_id) for step in way] == [
        (nodes[3].id, nodes[4].id),
        (nodes[0].id, nodes[3].id),
    ]
    assert way[1].id == shortcut.id
    assert await path_between(nodes[0].id, nodes[0].id, ALL) == []


async def test_there_is_no_way_beyond_the_depth_or_over_other_kinds(graph: Graph, root: OrgNode) -> None:
    nodes = await chain(graph, root, 4)
    assert await path_between(nodes[0].id, nodes[3].id, ALL, depth=2) is None
    assert len(await path_between(nodes[0].id, nodes[3].id, ALL, depth=3) or []) == 3
    assert await path_between(nodes[0].id, nodes[3].id, ["ATTACHED_TO"]) is None
    assert await path_between(nodes[0].id, nodes[3].id, []) is None
    assert await path_between(nodes[0].id, root.id, ALL) is None


@pytest.mark.parametrize("depth", [0, 11])
async def test_the_depth_is_bounded(graph: Graph, root: OrgNode, depth: int) -> None:
    for question in (neighbourhood(root.id, ALL, depth=depth), path_between(root.id, root.id, ALL, depth=depth)):
        with pytest.raises(ValidationError):
            await question
