"""Merging and splitting organisations, over GraphQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from linli.core.clock import FrozenClock
from linli.core.graph.models import OrgNode
from linli.core.records.models import Event
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

SHOWN = """__typename
  ... on OrgSuccession { dryRun at sources { name validTo } targets { name validFrom } moved { name }
  records { plugin what fate reason count samples { __typename } } }
  ... on Error { code message path } ... on ValidationError { fields { path code } }
  ... on RejectedError { plugin details }"""
MERGE = "mutation ($input: MergeOrgsInput!) { mergeOrgs(input: $input) {" + SHOWN + "} }"
SPLIT = "mutation ($input: SplitOrgInput!) { splitOrg(input: $input) {" + SHOWN + "} }"
STREETS = "query ($at: DateTime!) { orgs(asOf: $at, first: 200) { nodes { kind name parent { name } } } }"


def org(node: OrgNode) -> str:
    return global_id("OrgNode", node.id)


async def boss(client: Clients) -> Client:
    return await client("district-admin")


async def names(asking: Client, at: datetime) -> set[tuple[str, str | None]]:
    nodes = (await asking.data(STREETS, at=at.isoformat()))["orgs"]["nodes"]
    return {(node["name"], node["parent"] and node["parent"]["name"]) for node in nodes}


async def test_two_streets_are_merged_into_a_new_one_and_the_old_tree_is_still_there(
    client: Clients, tree: Tree, clock: FrozenClock, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    admin, before = await boss(client), clock.now()
    old = await names(admin, before)
    clock.advance(clock.now() + timedelta(days=1))
    new = {"kind": "SUBDISTRICT", "code": tree.street.code, "name": "吕仙亭街道", "parentId": org(tree.root)}
    given = {"sourceIds": [org(tree.street), org(tree.other_street)], "target": new}
    made = await admin.mutate(MERGE, input=given)
    assert made["__typename"] == "OrgSuccession", made
    assert [one["name"] for one in made["sources"]] == ["吕仙亭街道", "东茅岭街道"]
    assert [one["name"] for one in made["targets"]] == ["吕仙亭街道"]
    assert {one["name"] for one in made["moved"]} == {"观音阁社区", "东茅岭社区"}
    assert await names(admin, before) == old
    now = await names(admin, clock.now())
    assert ("观音阁社区", "吕仙亭街道") in now
    assert ("东茅岭社区", "吕仙亭街道") in now
    assert len([name for name, _ in now if name.endswith("街道")]) == 1
    told = [event.type for event in await events()]
    assert told.count("core.orgs_merged") == 1
    assert told.count("core.org_ended") == 2


async def test_a_dry_run_tells_what_hangs_on_it_and_changes_nothing(
    client: Clients, tree: Tree, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    admin = await boss(client)
    so_far = len(await events())
    given = {"sourceIds": [org(tree.community)], "target": {"id": org(tree.other_community)}, "dryRun": True}
    told = await admin.mutate(MERGE, input=given)
    assert told["dryRun"]
    assert {(one["what"], one["fate"]): one["count"] for one in told["records"]} == {
        ("OrgRelation", "MOVED"): 4,
        ("Person", "KEPT"): 2,
    }
    assert [len(one["samples"]) for one in told["records"]] == [4, 2]
    assert len(await events()) == so_far
    assert (await admin.mutate(MERGE, input={**given, "dryRun": False}))["__typename"] == "OrgSuccession"
