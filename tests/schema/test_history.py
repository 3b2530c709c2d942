from __future__ import annotations

from collections.abc import Awaitable, Callable

from linli.core.records.models import Event
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

RENAME = """mutation ($id: ID!) { updateOrg(input: {id: $id, name: "一号网格"}) { __typename } }"""
HISTORY = """query ($id: ID!) { org(id: $id) { history { totalCount nodes {
    type sequence at org { name } subject { ... on OrgNode { name } } actor { name } } } } }"""

Events = Callable[[], Awaitable[list[Event]]]


async def test_a_record_tells_what_happened_to_it_in_order(client: Clients, tree: Tree, events: Events) -> None:
    boss = await client("district-admin", person=tree.staff)
    target = global_id("OrgNode", tree.grid.id)
    await boss.data(RENAME, id=target)
    await events()
    found = (await boss.data(HISTORY, id=target))["org"]["history"]
    assert [event["type"] for event in found["nodes"]] == ["core.org_created", "core.org_updated"]
    last = found["nodes"][-1]
    assert (last["subject"], last["actor"]) == ({"name": "一号网格"}, {"name": "示例甲"})
    assert last["at"] == "2026-03-09T08:00:00+08:00"


async def test_events_are_seen_where_they_happened_only(client: Clients, tree: Tree, events: Events) -> None:
    everything = {event.sequence for event in await events()}
    query = "{ events(first: 200) { nodes { sequence } } }"
    elsewhere = await client("street-official", at=tree.other_street)
    seen = {node["sequence"] for node in (await elsewhere.data(query))["events"]["nodes"]}
    assert seen
    assert seen < everything
    assert (await (await client()).data(query))["events"]["nodes"] == []
