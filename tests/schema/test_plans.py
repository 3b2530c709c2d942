"""How lists are read: by which index, and that nothing is sorted where an index has the order. Plans, not times."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.store import Dialect
from linli.core.records.unit_of_work import transact
from linli.schema.declare.pages import MANY
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

from .conftest import Plant

pytestmark = pytest.mark.usefixtures("resolved")
Plans = Callable[[str], list[str]]
Explain = Callable[[str, dict[str, Any]], Awaitable[str]]

PAGE = "{ org(id: $id) { descendants(%s) { nodes { id } pageInfo { hasNextPage endCursor } } } }"


@pytest.fixture
async def crowd(district: District, tree: Tree, plant: Plant) -> list[OrgNode]:
    """So many grids in one community that sorting them is worse than reading them in order; some without a code."""
    named = [(f"{number:05d}号网格", None if number % 7 == 0 else f"C{number:05d}") for number in range(6 * MANY)]
    made = await plant(tree.community, "GRID", named)
    with district.scope():
        if district.store.dialect == "postgres":
            await transact(lambda unit: unit.client.execute_query("ANALYZE core_org_node"))
    return made


@pytest.fixture
def explain(client: Clients, district: District, monkeypatch: pytest.MonkeyPatch) -> Explain:
    """The plan of the last statement on organisations that an operation of an administrator sends."""
    reader = type(district.store.reader)
    original = reader.execute_query
    sent: list[tuple[str, Any]] = []

    async def noted(self: Any, query: str, values: Any = None) -> Any:
        if 'FROM "core_org_node"' in query:
            sent.append((query, values))
        return await original(self, query, values)

    async def plan(operation: str, variables: dict[str, Any]) -> str:
        boss = await client("district-admin")
        with monkeypatch.context() as patch:
            patch.setattr(reader, "execute_query", noted)
            await boss.data(operation, **variables)
        statement, values = sent[-1]
        with district.scope():
            _, rows = await original(district.store.reader, f"{_EXPLAIN[district.store.dialect]} {statement}", values)
        return "\n".join(str(tuple(dict(row).values())) for row in rows)

    return plan


_EXPLAIN: dict[Dialect, str] = {"sqlite": "EXPLAIN QUERY PLAN", "postgres": "EXPLAIN"}


def sorts(plan: str) -> bool:
    """Whether rows are sorted."""
    return "TEMP B-TREE" in plan or "Sort" in plan


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("first: 5", "core_org_node_name"),
        ("last: 5", "core_org_node_name"),
        ("first: 5, filter: {kind: {eq: GRID}}", "core_org_node_name"),
        ("first: 5, orderBy: [{field: CODE}]", "core_org_node_by_code"),
        ("first: 5, orderBy: [{field: CODE, direction: DESC}]", "core_org_node_by_code"),
    ],
)
async def test_a_page_of_a_large_subtree_is_read_in_its_order(
    explain: Explain, tree: Tree, asked: str, index: str
) -> None:
    plan = await explain("query ($id: ID!) " + PAGE % asked, {"id": global_id("OrgNode", tree.root.id)})
    assert index in plan
    assert not sorts(plan)


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(("order", "index"), [("NAME", "core_org_node_name"), ("CODE", "core_org_node_by_code")])
async def test_a_later_page_begins_where_the_one_before_ended(
    explain: Explain, client: Clients, tree: Tree, order: str, index: str
) -> None:
    operation = "query ($id: ID!, $after: String) " + PAGE % f"first: 200, after: $after, orderBy: [{{field: {order}}}]"
    boss, variables = await client("district-admin"), {"id": global_id("OrgNode", tree.root.id), "after": None}
    for _ in range(4):
        page = (await boss.data(operation, **variables))["org"]["descendants"]
        variables["after"] = page["pageInfo"]["endCursor"]
    plan = await explain(operation, variables)
    assert not sorts(plan)
    assert f"{index} (" in plan or "Index Cond" in plan  # a range of the index, not all of it


@pytest.mark.usefixtures("crowd")
async def test_a_small_subtree_is_read_by_its_path(explain: Explain, tree: Tree, engine: Dialect) -> None:
    if engine == "postgres":
        pytest.skip("PostgreSQL chooses by its statistics")
    operation = "query ($id: ID!) " + PAGE % "first: 5"
    plan = await explain(operation, {"id": global_id("OrgNode", tree.other_street.id)})
    assert "path>? AND path<?" in plan


@pytest.mark.usefixtures("crowd")
async def test_an_organisation_is_found_by_the_index_on_its_code(explain: Explain, district: District) -> None:
    plan = await explain("query ($code: String!) { org(code: $code) { id } }", {"code": "C00001"})
    assert "core_org_node_code_kind" in plan
    assert "core_org_node_kind_path" not in plan


async def test_each_page_of_a_large_list_follows_the_one_before(
    client: Clients, tree: Tree, crowd: list[OrgNode]
) -> None:
    boss, found, after = await client("district-admin"), list[str | None](), None
    asked = (
        "query ($after: String) { orgs(first: 200, after: $after, filter: {kind: {eq: GRID}}, orderBy: [{field: CODE"
    )
    operation = asked + ", direction: DESC}]) { nodes { code } totalCount pageInfo { hasNextPage endCursor } } }"
    while True:
        page = (await boss.data(operation, after=after))["orgs"]
        found += [node["code"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    codes = [tree.grid.code, *(node.code for node in crowd)]
    assert page["totalCount"] == len(codes)
    assert found == sorted(codes, key=lambda code: code or "", reverse=True)
