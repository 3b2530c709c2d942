"""Merging and splitting organisations, over GraphQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.people.models import Person
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

SHOWN = """__typename
  ... on OrgSuccession { dryRun at sources { name validTo } targets { name validFrom } moved { name }
  records { plugin what fate reason count samples { __typename } } }
  ... on Error { code message path } ... on ValidationError { fields { path code } }
  ... on RejectedError { plugin details }"""
MERGE = "mutation ($input: MergeOrgsInput!) { mergeOrgs(input: $input) {" + SHOWN + "} }"
SPLIT = "mutation ($input: SplitOrgInput!) { splitOrg(input: $input) {" + SHOWN + "} }"
ASSIGN = "mutation ($input: AssignPostInput!) { assignPost(input: $input) { __typename ... on Error { code } } }"
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


async def test_posts_and_roles_end_and_whoever_has_one_at_the_successor_sees_what_was_left(
    client: Clients, tree: Tree, district: District
) -> None:
    admin = await boss(client)
    successor = await client("community-staff", at=tree.other_community)
    old = await client("community-staff", at=tree.community)
    given = {"personId": global_id("Person", tree.resident.id), "orgId": org(tree.community), "kind": "书记"}
    post = await admin.mutate(ASSIGN, input=given)
    assert post["__typename"] == "Post", post
    people = "{ people { totalCount } }"
    assert (await old.data(people))["people"]["totalCount"] == 2
    assert (await successor.data(people))["people"]["totalCount"] == 3
    merged = {"sourceIds": [org(tree.community)], "target": {"id": org(tree.other_community)}}
    made = await admin.mutate(MERGE, input=merged)
    told = {(one["what"], one["fate"]): one["count"] for one in made["records"]}
    assert told == {
        ("OrgRelation", "MOVED"): 4,
        ("Post", "ENDED"): 1,
        ("Grant", "ENDED"): 1,
        ("Person", "KEPT"): 2,
    }
    assert (await old.data(people))["people"]["totalCount"] == 0
    assert (await successor.data(people))["people"]["totalCount"] == 5
    counts = "query ($id: ID!) { org(id: $id) { peopleCounts { total } posts { totalCount } } }"
    found = (await admin.data(counts, id=org(tree.other_community)))["org"]
    assert found == {"peopleCounts": {"total": 5}, "posts": {"totalCount": 0}}
    with district.scope():
        assert (await Person.get(id=tree.resident.id)).habitual_residence_id == tree.community.id
        kept = OrgRelation.filter(target_id=tree.community.id).exclude(kind="SUCCEEDED_BY")
        assert {it.valid_to is None for it in await kept} == {False}


async def test_whoever_may_not_change_one_of_them_merges_nothing(client: Clients, tree: Tree) -> None:
    admin = await boss(client)
    given = {"sourceIds": [org(tree.community)], "target": {"id": org(tree.other_community)}}
    for role, at in (("street-official", tree.street), ("community-staff", tree.community)):
        refused = await (await client(role, at=at)).mutate(MERGE, input=given)
        assert (refused["code"], refused["path"]) == ("FORBIDDEN", []), refused
    half = await client("district-admin", at=tree.street)
    refused = await half.mutate(MERGE, input=given)
    assert refused["code"] == "FORBIDDEN"
    grid = {"sourceIds": [org(tree.grid)], "target": {"name": "新网格", "parentId": org(tree.community)}}
    hidden = await (await client("street-official", at=tree.other_street)).mutate(MERGE, input=grid)
    assert (hidden["code"], hidden["path"]) == ("NOT_FOUND", ["sourceIds.0"])
    assert (await admin.mutate(MERGE, input=grid))["__typename"] == "OrgSuccession"


async def test_counts_are_of_what_the_viewer_may_see(client: Clients, tree: Tree) -> None:
    given = {"sourceIds": [org(tree.community)], "target": {"id": org(tree.other_community)}, "dryRun": True}
    technical = await client("system-admin")  # keeps organisations, and reads nothing of people
    told = await technical.mutate(MERGE, input=given)
    (people,) = [one for one in told["records"] if one["what"] == "Person"]
    assert (people["count"], people["samples"]) == (0, [])


async def test_the_same_request_twice_merges_once(client: Clients, tree: Tree) -> None:
    admin = await boss(client)
    given = {"sourceIds": [org(tree.community)], "target": {"id": org(tree.other_community)}, "requestId": "one"}
    dry = await admin.mutate(MERGE, input={**given, "dryRun": True, "requestId": "dry"})
    assert await admin.mutate(MERGE, input={**given, "dryRun": True, "requestId": "dry"}) == dry
    first = await admin.mutate(MERGE, input=given)
    again = await admin.mutate(MERGE, input=given)
    assert again["__typename"] == "OrgSuccession"
    for key in ("sources", "targets", "moved", "at"):
        assert again[key] == first[key]
    assert [(one["what"], one["count"]) for one in again["records"]] == [
        (one["what"], None) for one in first["records"]
    ]


async def test_a_street_is_split_and_relations_go_to_the_heir_alone(client: Clients, tree: Tree) -> None:
    admin = await boss(client)
    new = [{"name": name, "parentId": org(tree.street)} for name in ("东社区", "西社区")]
    units = [{"childId": org(unit), "target": 0} for unit in (tree.unit, tree.partner, tree.stranger)]
    given = {"sourceId": org(tree.community), "targets": new, "children": units}
    refused = await admin.mutate(SPLIT, input=given)
    assert refused["fields"] == [{"path": "children", "code": "UNASSIGNED"}]
    stale = await admin.mutate(SPLIT, input={**given, "heir": 1, "expectedVersion": 99})
    assert stale["code"] == "CONFLICT"
    made = await admin.mutate(SPLIT, input={**given, "heir": 1})
    assert [one["name"] for one in made["targets"]] == ["东社区", "西社区"]
    asked = """query ($id: ID!) { org(id: $id) { validTo children { totalCount }
      relations(kind: SUCCEEDED_BY, direction: OUT) { nodes { attributes target { name children { totalCount }
        relations(kind: STATIONED_IN) { totalCount } } } } } }"""
    found = (await admin.data(asked, id=org(tree.community)))["org"]
    assert found["children"] == {"totalCount": 0}
    by_name = {one["target"].pop("name"): one for one in found["relations"]["nodes"]}
    assert by_name["东社区"]["attributes"] == {}
    assert by_name["东社区"]["target"] == {"children": {"totalCount": 3}, "relations": {"totalCount": 0}}
    assert by_name["西社区"]["attributes"] == {"heir": True}
    assert by_name["西社区"]["target"] == {"children": {"totalCount": 1}, "relations": {"totalCount": 3}}


async def test_small_counts_stay_withheld_through_a_merge_and_by_the_tree_of_an_earlier_day(
    client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    before = clock.now()
    clock.advance(before + timedelta(days=1))
    admin, reveals = await boss(client), await client("community-secretary", at=tree.root)
    given = {"sourceIds": [org(tree.community)], "target": {"id": org(tree.other_community)}}
    assert (await admin.mutate(MERGE, input=given))["__typename"] == "OrgSuccession"
    with district.scope():
        await transact(lambda _unit: Person.filter(habitual_residence_id=tree.community.id).update(gender="FEMALE"))
    asked = """query ($id: ID!, $at: DateTime) { org(id: $id, asOf: $at) {
      peopleCounts { total gender { key value suppressed } } } }"""
    for asking, shown in ((admin, False), (reveals, True)):
        now = (await asking.data(asked, id=org(tree.other_community)))["org"]["peopleCounts"]
        then = (await asking.data(asked, id=org(tree.community), at=before.isoformat()))["org"]["peopleCounts"]
        assert (now["total"], then["total"]) == (5, 2)
        women = [next(line for line in told["gender"] if line["key"] == "FEMALE") for told in (now, then)]
        assert [line["value"] for line in women] == ([2, 2] if shown else [None, None])
