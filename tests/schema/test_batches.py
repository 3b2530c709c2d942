"""Lists that hang on many parents: few statements, and the answers that each parent would get alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from linli.core.districts import District
from linli.core.graph import services
from linli.core.graph.models import OrgNode
from linli.core.people.models import Post
from linli.core.records.unit_of_work import transact
from linli.schema.declare import batches
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

from .conftest import Plant

pytestmark = pytest.mark.usefixtures("resolved")
Statements = Callable[[], AbstractContextManager[list[str]]]

COMMUNITIES = 20
_PAGE = "{ totalCount edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } }"
_OF_ALL = """query ($ids: [ID!]!, %(takes)s) {
    nodes(ids: $ids) { ... on OrgNode { list: %(field)s(%(given)s) %(page)s } } }"""
_OF_ONE = """query ($id: ID!, %(takes)s) { org(id: $id) { list: %(field)s(%(given)s) %(page)s } }"""


@pytest.fixture
async def communities(district: District, tree: Tree, plant: Plant) -> list[OrgNode]:
    """Twenty communities with 0 to 8 grids, some without a code, some of one name; posts, and relations among them."""
    named = ((f"社区{number:02d}", f"4306020050{number + 20}") for number in range(COMMUNITIES))
    made = await plant(tree.other_street, "COMMUNITY", named)
    for number, community in enumerate(made):
        grids = [
            (f"{place // 2}号网格", None if place % 3 == 0 else f"{number:02d}-{place}") for place in range(number % 9)
        ]
        await plant(community, "GRID", grids)
    with district.scope():
        await transact(lambda _unit: _furnish(district, tree, made))
    return made


async def _furnish(district: District, tree: Tree, made: list[OrgNode]) -> None:
    for number, community in enumerate(made):
        for place in range(number % 4):
            await Post.create(org_id=community.id, person_id=tree.staff.id, kind=f"P{place}")
        pairs = [(tree.unit.id, community.id)] if number % 2 else []
        for source, target in pairs:
            await services.create_relation(
                district.kinds, kind="CO_BUILDS", source_id=source, target_id=target, valid_from=None
            )


_ORDERS = ("NAME", "CODE", "KIND", "CREATED_AT")
_FILTERS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"code": {"isNull": False}},
    {"name": {"startsWith": "1"}},
    {"not": {"name": {"contains": "2"}}},
    {"parent": {"name": {"contains": "1"}}},
)


def _slice(chance: Random, cursors: list[str]) -> dict[str, Any]:
    size = chance.choice([0, 1, 2, 5, 20])
    if chance.random() < 0.2:
        return {"first": size, "offset": chance.randint(0, 4)}
    part: dict[str, Any] = {chance.choice(["first", "last"]): size} if chance.random() < 0.9 else {}
    for name in ("after", "before"):
        if cursors and chance.random() < 0.4:
            part[name] = chance.choice(cursors)
    return part


_TYPES = {
    "first": "Int",
    "last": "Int",
    "offset": "Int",
    "after": "String",
    "before": "String",
    "filter": "OrgNodeFilter",
    "orderBy": "[OrgNodeOrder!]",
    "direction": "RelationDirection",
}


def _spelled(template: str, field: str, given: dict[str, Any]) -> str:
    takes = ", ".join(f"${name}: {_TYPES[name]}" for name in given) or "$unused: Int = 1"
    arguments = ", ".join(f"{name}: ${name}" for name in given) or "first: $unused"
    return template % {"takes": takes, "field": field, "given": arguments, "page": _PAGE}


async def _alone(client: Client, ids: list[str], field: str, given: dict[str, Any]) -> list[Any]:
    operation = _spelled(_OF_ONE, field, given)
    return [(await client.data(operation, id=id_, **given))["org"]["list"] for id_ in ids]


async def _together(client: Client, ids: list[str], field: str, given: dict[str, Any]) -> list[Any]:
    found = await client.data(_spelled(_OF_ALL, field, given), ids=ids, **given)
    return [node["list"] for node in found["nodes"]]


@pytest.fixture
def short_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four lists fill a statement."""
    monkeypatch.setattr(batches, "MAX_BRANCHES", 4)


@pytest.mark.usefixtures("short_statements")
@pytest.mark.parametrize(("role", "at"), [("district-admin", "root"), ("street-official", "other_street")])
async def test_lists_of_many_parents_answer_as_each_would_alone(
    client: Clients, tree: Tree, communities: list[OrgNode], role: str, at: str
) -> None:
    seed = uuid4().int % 10**6
    print(f"seed {seed}")  # what one needs to see a failure again
    chance, asking = Random(seed), await client(role, at=getattr(tree, at))
    places = [*communities, tree.other_street, tree.community]
    for _ in range(12):
        ids = [global_id("OrgNode", node.id) for node in chance.sample(places, 6)]
        field = chance.choice(["children", "children", "descendants", "relations", "posts"])
        given: dict[str, Any] = {"direction": chance.choice(["IN", "OUT", "BOTH"])} if field == "relations" else {}
        if field in {"children", "descendants"}:
            given["filter"] = chance.choice(_FILTERS)
            ways = [{"field": by, "direction": chance.choice(["ASC", "DESC"])} for by in chance.sample(_ORDERS, 2)]
            given["orderBy"] = ways[: chance.randint(0, 2)]
        everything = await _alone(asking, ids, field, given)
        cursors = [edge["cursor"] for page in everything for edge in page["edges"]]
        for _again in range(2):
            part = {**given, **_slice(chance, cursors)}
            alone = await _alone(asking, ids, field, part)
            assert await _together(asking, ids, field, part) == alone, (seed, field, part)


_ALL = """{ orgs(first: 20, filter: {kind: {eq: COMMUNITY}, parent: {name: {eq: "东茅岭街道"}}}) { nodes {
    %s
} } }"""


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ("children(first: 5) { nodes { name } totalCount pageInfo { hasNextPage endCursor } }", 5),
        ("descendants(first: 5) { nodes { name } totalCount pageInfo { hasNextPage } }", 6),
        ("posts { nodes { kind person { id } } totalCount }", 6),
        ("relations(direction: IN) { nodes { kind source { name } } totalCount }", 6),
        ("history(first: 3) { nodes { type } }", 4),
        ("a: children(first: 1) { nodes { name } } b: children(first: 2) { nodes { name } }", 4),
        ("children(first: 10) { nodes { children(first: 10) { nodes { children { totalCount } } } } }", 6),
    ],
)
@pytest.mark.usefixtures("communities")
async def test_lists_of_twenty_parents_take_a_handful_of_statements(
    client: Clients, statements: Statements, asked: str, most: int
) -> None:
    boss = await client("district-admin")
    with statements() as count:
        found = await boss.data(_ALL % asked)
    assert len(found["orgs"]["nodes"]) == COMMUNITIES
    assert len(count) <= most, count


async def test_the_number_of_statements_is_bounded_by_the_limits_of_one(
    client: Clients, communities: list[OrgNode], statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = await client("district-admin")
    ids = [global_id("OrgNode", node.id) for node in communities]
    monkeypatch.setattr(batches, "MAX_VALUES", 1)
    with statements() as count:
        await _together(boss, ids, "children", {})
    assert sum("LIMIT" in statement and "branch" in statement for statement in count) == COMMUNITIES
