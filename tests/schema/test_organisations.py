from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.records.record import new_id
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

CREATE = """mutation ($input: CreateOrgInput!) { createOrg(input: $input) {
    __typename
    ... on OrgNode { id kind orgCode: code name version parent { name } ancestors { name } }
    ... on Error { code message path }
    ... on ValidationError { fields { path code } }
    ... on ConflictError { currentVersion }
} }"""


async def admin(client: Clients) -> Client:
    return await client("district-admin")


def grid(tree: Tree, **more: Any) -> dict[str, Any]:
    parent = global_id("OrgNode", tree.community.id)
    return {"kind": "GRID", "name": "第二网格", "parentId": parent, "code": "430602003006-G002", **more}


async def test_an_administrator_creates_a_grid_beneath_a_community(client: Clients, tree: Tree) -> None:
    made = await (await admin(client)).mutate(CREATE, input=grid(tree))
    assert made.pop("id")
    assert made == {
        "__typename": "OrgNode",
        "kind": "GRID",
        "orgCode": "430602003006-G002",
        "name": "第二网格",
        "version": 1,
        "parent": {"name": "观音阁社区"},
        "ancestors": [{"name": "岳阳市岳阳楼区"}, {"name": "吕仙亭街道"}, {"name": "观音阁社区"}],
    }


async def test_the_same_request_twice_acts_once(client: Clients, tree: Tree) -> None:
    boss = await admin(client)
    first = await boss.mutate(CREATE, input=grid(tree, requestId="one"))
    again = await boss.mutate(CREATE, input=grid(tree, requestId="one"))
    assert again == first
    other = await boss.mutate(CREATE, input=grid(tree, requestId="one", name="第三网格"))
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_an_idempotency_key_stands_for_a_request_id(client: Clients, tree: Tree) -> None:
    boss = await admin(client)
    key = {"Idempotency-Key": "k1"}
    first = await boss.query(CREATE, headers=key, input=grid(tree))
    again = await boss.query(CREATE, headers=key, input=grid(tree))
    assert again.data == first.data
    assert first.data["createOrg"]["__typename"] == "OrgNode"


async def test_a_key_and_a_request_id_that_differ_are_refused_and_nothing_is_done(client: Clients, tree: Tree) -> None:
    boss = await admin(client)
    key = {"Idempotency-Key": "k1", "Accept-Language": "en"}
    refused = (await boss.query(CREATE, headers=key, input=grid(tree, requestId="k2"))).data["createOrg"]
    assert (refused["__typename"], refused["path"]) == ("ValidationError", ["requestId"])
    assert refused["fields"] == [{"path": "requestId", "code": "DIFFERS"}]
    assert refused["message"] == "The header Idempotency-Key names another request; send one of the two"
    made = await boss.query(CREATE, headers=key, input=grid(tree, requestId="k1"))
    again = await boss.query(CREATE, headers=key, input=grid(tree, requestId="k1"))
    assert made.data["createOrg"]["__typename"] == "OrgNode"
    assert again.data == made.data


async def test_a_code_in_use_is_a_conflict(client: Clients, tree: Tree) -> None:
    refused = await (await admin(client)).mutate(CREATE, input=grid(tree, code=tree.grid.code))
    assert (refused["__typename"], refused["code"], refused["path"]) == ("ConflictError", "CONFLICT", ["code"])


async def test_messages_come_in_the_language_asked_for(client: Clients, tree: Tree) -> None:
    boss = await admin(client)
    wrong = grid(tree, name=" ")
    english = await boss.query(CREATE, headers={"Accept-Language": "en"}, input=wrong)
    assert english.data["createOrg"]["message"] == "A name is needed"
    assert english.data["createOrg"]["fields"] == [{"path": "name", "code": "NAME_EMPTY"}]


async def test_a_client_made_id_is_kept_and_not_taken_twice(client: Clients, tree: Tree) -> None:
    boss, id_ = await admin(client), new_id()
    made = await boss.mutate(CREATE, input=grid(tree, id=str(id_)))
    assert made["id"] == global_id("OrgNode", id_)
    refused = await boss.mutate(CREATE, input=grid(tree, id=str(id_), code="X"))
    assert refused["code"] == "CONFLICT"


async def test_staff_of_a_street_see_it_and_may_not_change_it(client: Clients, tree: Tree) -> None:
    official = await client("street-official", at=tree.street)
    refused = await official.mutate(CREATE, input=grid(tree))
    assert refused["code"] == "FORBIDDEN"


async def test_what_a_viewer_does_not_see_is_not_found(client: Clients, tree: Tree) -> None:
    elsewhere = await client("street-official", at=tree.other_street)
    hidden = global_id("OrgNode", tree.grid.id)
    assert await elsewhere.data("query ($id: ID!) { node(id: $id) { id } }", id=hidden) == {"node": None}
    refused = await elsewhere.mutate(CREATE, input={**grid(tree), "kind": "MICRO_GRID", "parentId": hidden})
    assert refused["code"] == "NOT_FOUND"


async def test_a_mutation_without_a_token_is_unauthenticated(client: Clients, tree: Tree) -> None:
    answer = await (await client()).query(CREATE, input=grid(tree))
    assert answer.codes == ["UNAUTHENTICATED"]


UPDATE = """mutation ($input: UpdateOrgInput!) { updateOrg(input: $input) {
    ... on OrgNode { name version } ... on Error { code } ... on ConflictError { currentVersion } } }"""


async def test_a_stale_version_is_refused_with_the_present_one(client: Clients, tree: Tree) -> None:
    boss = await admin(client)
    target = global_id("OrgNode", tree.grid.id)
    done = await boss.mutate(UPDATE, input={"id": target, "name": "一号网格", "expectedVersion": 1})
    assert done == {"name": "一号网格", "version": 2}
    refused = await boss.mutate(UPDATE, input={"id": target, "name": "甲网格", "expectedVersion": 1})
    assert refused == {"code": "CONFLICT", "currentVersion": 2}


MOVE = """mutation ($input: MoveOrgInput!) { moveOrg(input: $input) {
    ... on OrgNode { ancestors { name } } ... on Error { code } } }"""


async def test_a_community_moves_with_everything_beneath(client: Clients, tree: Tree) -> None:
    boss = await admin(client)
    moving = {"id": global_id("OrgNode", tree.grid.id), "parentId": global_id("OrgNode", tree.other_community.id)}
    moved = await boss.mutate(MOVE, input=moving)
    assert [one["name"] for one in moved["ancestors"]] == ["岳阳市岳阳楼区", "东茅岭街道", "东茅岭社区"]


LIST = """query ($filter: OrgNodeFilter, $orderBy: [OrgNodeOrder!], $first: Int, $after: String, $last: Int) {
    orgs(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last) {
        totalCount nodes { code } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }"""


async def codes(asking: Client, **variables: Any) -> list[str]:
    data = await asking.data(LIST, **variables)
    return [node["code"] for node in data["orgs"]["nodes"]]


async def test_lists_are_filtered_through_relations(client: Clients, tree: Tree) -> None:
    nobody = await client()
    beneath = {"parent": {"code": {"eq": "430602003000"}}}
    assert await codes(nobody, filter=beneath) == ["430602003006"]
    assert await codes(nobody, filter={"and": [beneath, {"not": {"name": {"contains": "观音阁"}}}]}) == []
    either = {"or": [{"code": {"in": ["430602003000"]}}, {"name": {"startsWith": "东茅岭社"}}]}
    assert await codes(nobody, filter=either) == ["430602005004", "430602003000"]


async def test_pages_follow_each_other_both_ways(client: Clients, tree: Tree) -> None:
    nobody = await client()
    order = [{"field": "CODE", "direction": "DESC"}]
    everything = await codes(nobody, orderBy=order)
    assert everything == sorted(everything, reverse=True)
    first = await nobody.data(LIST, orderBy=order, first=2)
    info = first["orgs"]["pageInfo"]
    assert (info["hasNextPage"], info["hasPreviousPage"]) == (True, False)
    assert await codes(nobody, orderBy=order, first=2, after=info["endCursor"]) == everything[2:4]
    assert await codes(nobody, orderBy=order, last=2) == everything[-2:]


async def test_a_cursor_of_another_order_is_refused(client: Clients, tree: Tree) -> None:
    nobody = await client()
    page = await nobody.data(LIST, first=1)
    cursor = page["orgs"]["pageInfo"]["endCursor"]
    answer = await nobody.query(LIST, first=1, after=cursor, orderBy=[{"field": "CODE"}])
    assert answer.codes == ["VALIDATION"]


async def test_a_page_of_more_than_200_is_refused(client: Clients) -> None:
    answer = await (await client()).query(LIST, first=201)
    assert answer.codes == ["VALIDATION"]
    assert answer.errors[0]["path"] == ["orgs"]


PAST = """query ($id: ID!, $asOf: DateTime!) { org(id: $id, asOf: $asOf) {
    id name depth parent { name } ancestors { name } children { totalCount nodes { name parent { name } } } } }"""


async def test_the_past_shows_old_name_parent_ancestors_and_children_under_the_same_id(
    client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    boss = await admin(client)
    target = global_id("OrgNode", tree.community.id)
    before = clock.now() + timedelta(hours=1)
    clock.advance(before + timedelta(hours=1))
    await boss.mutate(UPDATE, input={"id": target, "name": "新社区"})
    await boss.mutate(MOVE, input={"id": target, "parentId": global_id("OrgNode", tree.other_street.id)})
    then = (await boss.data(PAST, id=target, asOf=before.isoformat()))["org"]
    assert (then["id"], then["name"], then["depth"]) == (target, "观音阁社区", 2)
    assert then["parent"] == {"name": "吕仙亭街道"}
    assert [one["name"] for one in then["ancestors"]] == ["岳阳市岳阳楼区", "吕仙亭街道"]
    assert {"name": "第一网格", "parent": {"name": "观音阁社区"}} in then["children"]["nodes"]
    now = (await boss.data(PAST, id=target, asOf=clock.now().isoformat()))["org"]
    assert (now["name"], now["parent"]["name"]) == ("新社区", "东茅岭街道")


async def test_records_without_a_code_have_their_place_in_the_order_by_code(client: Clients, tree: Tree) -> None:
    boss = await admin(client)
    parent = global_id("OrgNode", tree.community.id)
    for name in ("无码甲", "无码乙"):
        await boss.mutate(CREATE, input={"kind": "TEAM", "name": name, "parentId": parent})
    order = [{"field": "CODE", "direction": "ASC"}]
    everything = await codes(boss, orderBy=order, first=200)
    assert everything[:2] == [None, None]
    found, after = [], None
    while True:
        page = (await boss.data(LIST, orderBy=order, first=1, after=after))["orgs"]
        found += [node["code"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == everything


@pytest.mark.parametrize("attributes", [[1], "text", 7])
async def test_attributes_that_are_no_object_are_refused(client: Clients, tree: Tree, attributes: Any) -> None:
    refused = await (await admin(client)).mutate(CREATE, input=grid(tree, attributes=attributes))
    assert refused["fields"] == [{"path": "attributes", "code": "NOT_AN_OBJECT"}]


ATTRIBUTES = [
    ({"planet": 1}, "EXTRA_FORBIDDEN", "此处没有 attributes.planet 这一项"),
    ({"extent": 5}, "STRING_TYPE", "attributes.extent 须为文本"),
    ({"extent": "长" * 1001}, "STRING_TOO_LONG", "attributes.extent 最多 1000 个字符"),
    ({"address": ""}, "STRING_TOO_SHORT", "attributes.address 至少 1 个字符"),
    ({"phone": "x"}, "STRING_PATTERN_MISMATCH", "attributes.phone 须符合格式 ^[0-9+() -]{3,32}$"),
    ({"households": "8"}, "INT_TYPE", "attributes.households 须为整数"),
    ({"households": -1}, "GREATER_THAN_EQUAL", "attributes.households 不得小于 0"),
    ({"households": 10**7}, "LESS_THAN_EQUAL", "attributes.households 不得大于 1000000"),
]


@pytest.mark.parametrize(("attributes", "code", "message"), ATTRIBUTES)
async def test_what_is_wrong_with_attributes_is_told_in_the_language_asked_for(
    client: Clients, tree: Tree, attributes: Any, code: str, message: str
) -> None:
    boss = await admin(client)
    chinese = {"Accept-Language": "zh-CN"}
    answer = await boss.query(CREATE, headers=chinese, input=grid(tree, attributes=attributes))
    refused = answer.data["createOrg"]
    assert ([it["code"] for it in refused["fields"]], refused["message"]) == ([code], message)


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh-CN", "系统内部错误，请提供编号 {}"), ("en", "Something went wrong on our side; tell us")],
)
async def test_an_unexpected_error_is_masked_in_the_language_asked_for(
    client: Clients, tree: Tree, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    async def broken(*_: Any, **_more: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("linli.core.graph.services.create_org", broken)
    answer = await (await admin(client)).query(CREATE, headers={"Accept-Language": language}, input=grid(tree))
    (error,) = answer.errors
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["message"].startswith(told.format(error["extensions"]["errorId"]))
    assert "secret" not in str(answer)


@pytest.mark.usefixtures("resolved")
async def test_a_page_is_read_once_whatever_is_asked_of_it(
    client: Clients, tree: Tree, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    boss = await admin(client)
    sent = []
    for asked in ("nodes { name }", "nodes { name } edges { cursor } pageInfo { hasNextPage endCursor }"):
        await boss.data(f"{{ orgs {{ {asked} }} }}")
        with statements() as count:
            await boss.data(f"{{ orgs {{ {asked} }} }}")
        sent.append([statement for statement in count if "org_node" in statement and "LIMIT" in statement])
    assert len(sent[0]) >= 1
    assert len(sent[1]) == len(sent[0])
