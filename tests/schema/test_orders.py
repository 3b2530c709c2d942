"""Orders by columns that may be null, and what a grant at the root shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.core.access.services import create_account
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgRelation
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.declare.node import Node
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

RELATIONS = """query ($id: ID!, $after: String, $before: String, $first: Int, $last: Int) { org(id: $id) {
    relations(direction: OUT, first: $first, last: $last, after: $after, before: $before) {
        nodes { validFrom } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def walk(client: Client, id_: str, size: str, cursor: str) -> list[str | None]:
    """The list page by page, one row each, from the front or from the end."""
    more, edge = ("hasNextPage", "endCursor") if size == "first" else ("hasPreviousPage", "startCursor")
    found: list[str | None] = []
    at: dict[str, str] = {}
    for _ in range(10):
        page = (await client.data(RELATIONS, id=id_, **{size: 1}, **at))["org"]["relations"]
        found += [node["validFrom"] for node in page["nodes"]]
        if not page["pageInfo"][more]:
            return found
        at = {cursor: page["pageInfo"][edge]}
    raise AssertionError(f"the list has no end: {found}")


@pytest.fixture(params=["valid_from", "-valid_from"])
def ordered_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """By what relations are ordered unless asked otherwise."""
    by: str = request.param
    monkeypatch.setattr(Node.registry["OrgRelation"], "order", (by,))
    return by


async def test_rows_without_an_instant_come_before_all_others(
    client: Clients, tree: Tree, district: District, clock: FrozenClock, ordered_by: str
) -> None:
    starts = [None, *(clock.now() - timedelta(days=days, microseconds=days % 2) for days in (3, 2, 1)), None]
    ends: dict[str, Any] = {"kind": "CO_BUILDS", "source_id": tree.grid.id, "target_id": tree.community.id}
    with district.scope():
        made = [OrgRelation(valid_from=start, **ends) for start in starts]
        await transact(lambda _unit: OrgRelation.bulk_create(made))
    boss, id_ = await client("district-admin"), global_id("OrgNode", tree.grid.id)
    everything = (await boss.data(RELATIONS, id=id_, first=20))["org"]["relations"]["nodes"]
    found = [node["validFrom"] for node in everything]
    assert found == sorted(found, key=lambda one: one or "", reverse=ordered_by.startswith("-"))
    assert found.count(None) == 2
    assert await walk(boss, id_, "first", "after") == found
    assert await walk(boss, id_, "last", "before") == found[::-1]


async def test_a_grant_at_the_root_shows_no_row_that_belongs_to_no_organisation(
    client: Clients, district: District, tree: Tree, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    with district.scope():
        await transact(lambda _unit: create_account("somebody", None, None))
    happened = await events()
    nowhere = [event for event in happened if event.org_id is None]
    shown = (await (await client("district-admin")).data("{ events(first: 200) { totalCount nodes { type } } }"))[
        "events"
    ]
    assert [event.type for event in nowhere] == ["core.account_created"]
    assert shown["totalCount"] == len(happened) - len(nowhere)
    assert "core.account_created" not in {event["type"] for event in shown["nodes"]}
