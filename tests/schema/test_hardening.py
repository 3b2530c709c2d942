"""What once broke when somebody tried; each stays a test."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.schema.compose import compose
from linli.schema.execution import Executor
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree


async def test_a_refused_argument_does_not_take_other_branches_along(client: Clients, tree: Tree) -> None:
    nobody = await client()
    query = """{ a: org(code: "430602003006") { parent { name } children(first: 999) { totalCount } }
                 b: org(code: "430602005004") { parent { name } } }"""
    for _ in range(5):
        answer = await nobody.query(query)
        assert answer.status == 200
        assert answer.codes == ["VALIDATION"]


@pytest.mark.parametrize(
    "instant",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "20260311T100000Z",
        "2026-W11-3T10:00:00Z",
        "1899-01-01T00:00:00Z",
    ],
)
async def test_instants_that_no_database_gives_back_are_refused(client: Clients, tree: Tree, instant: str) -> None:
    query = 'query ($at: DateTime!) { org(code: "430602003006", asOf: $at) { id } }'
    assert (await (await client()).query(query, at=instant)).codes == ["GRAPHQL_VALIDATION"]


def cursor(*given: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(given).encode()).decode()


@pytest.mark.parametrize(
    ("after", "order"),
    [
        (cursor("id", [1152921504606846976]), None),
        (cursor("name_key,id", [1]), None),
        (cursor("created_at,id", ["9999-12-31T23:59:59-08:00", "x"]), "CREATED_AT"),
        (cursor("depth,id", [2**63, "01a203e6-2fb9-7379-abd3-9ba2d28439d0"]), "DEPTH"),
        (cursor("name_key,id", None), None),
        (cursor(), None),
    ],
)
async def test_a_made_up_cursor_is_refused(client: Clients, tree: Tree, after: str, order: str | None) -> None:
    query = "query ($after: String, $by: [OrgNodeOrder!]) { orgs(after: $after, orderBy: $by) { nodes { id } } }"
    by = None if order is None else [{"field": order}]
    answer = await (await client()).query(query, after=after, by=by)
    assert answer.codes == ["VALIDATION"]


async def test_orders_name_a_field_once_and_texts_fit_their_column(client: Clients, tree: Tree) -> None:
    nobody = await client()
    repeated = "{ orgs(orderBy: [{field: NAME}, {field: NAME}]) { totalCount nodes { id } } }"
    assert (await nobody.query(repeated)).codes == ["VALIDATION"]
    query = "query ($n: String) { orgs(filter: {name: {contains: $n}}) { totalCount } }"
    assert (await nobody.query(query, n="x" * 201)).codes == ["VALIDATION"]
    none = await nobody.data("{ orgs(filter: {or: []}) { totalCount } }")
    assert none == {"orgs": {"totalCount": 0}}


async def test_events_are_not_filtered_by_what_is_no_column(client: Clients) -> None:
    query = '{ events(filter: {actor: {id: {eq: "x"}}}) { totalCount } }'
    assert (await (await client()).query(query)).codes == ["GRAPHQL_VALIDATION"]


async def test_a_replay_shows_nothing_that_the_account_no_longer_sees(
    client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    boss = await client("district-admin", at=tree.community, valid_to=clock.now().replace(hour=1))
    mutation = """mutation ($input: CreateOrgInput!) { createOrg(input: $input) {
        ... on OrgNode { name } ... on Error { errorCode: code } } }"""
    given = {
        "kind": "GRID",
        "name": "第三网格",
        "parentId": global_id("OrgNode", tree.community.id),
        "requestId": "r1",
    }
    assert await boss.mutate(mutation, input=given) == {"name": "第三网格"}
    assert await boss.mutate(mutation, input=given) == {"name": "第三网格"}
    clock.advance(clock.now().replace(hour=2))
    assert await boss.mutate(mutation, input=given) == {"errorCode": "NOT_FOUND"}


@pytest.mark.parametrize("phone", ["", "1" * 1000, "138\r\n0011"])
async def test_a_persons_texts_are_checked(client: Clients, tree: Tree, phone: str) -> None:
    mutation = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
        ... on Person { id } ... on ValidationError { fields { path code } } } }"""
    refused = await (await client("district-admin")).mutate(mutation, input={"name": "示例", "phone": phone})
    assert refused == {"fields": [{"path": "phone", "code": "TEXT"}]}


async def test_an_agreement_with_a_community_elsewhere_is_not_ones_own_to_sign(client: Clients, tree: Tree) -> None:
    boss = await client("district-admin", at=tree.community)
    mutation = """mutation ($input: CreateRelationInput!) { createRelation(input: $input) {
        ... on OrgRelation { kind } ... on Error { errorCode: code } } }"""
    given = {
        "kind": "CO_BUILDS",
        "sourceId": global_id("OrgNode", tree.unit.id),
        "targetId": global_id("OrgNode", tree.other_community.id),
    }
    assert await boss.mutate(mutation, input=given) == {"errorCode": "FORBIDDEN"}
    given["targetId"] = global_id("OrgNode", tree.community.id)
    assert await boss.mutate(mutation, input=given) == {"kind": "CO_BUILDS"}


async def test_parsed_texts_are_kept_while_there_is_room_and_long_ones_push_the_others_out(district: District) -> None:
    """A thousand texts of a mebibyte each, which nobody needs a token for, took gigabytes."""
    executor = Executor(compose(district))
    short = "{ district { key } }"
    first = executor.prepare(short)
    assert executor.prepare(short) is first
    for place in range(20):
        long = f"{{ a{place}: __typename }} # {'x' * 60_000}"
        assert executor.prepare(long).document is not None
        assert executor.prepare(long) is executor.prepare(long)
    assert executor.prepare(short) is not first
    longest = f"{{ __typename }} # {'x' * 600_000}"
    assert executor.prepare(longest) is not executor.prepare(longest)
    assert executor.prepare("{ nothing }").document is None


async def test_a_user_name_that_is_too_long_is_refused_in_words_that_do_not_repeat_it(
    client: Clients, capsys: pytest.CaptureFixture[str]
) -> None:
    """People type passwords into the wrong field; the whole text stood in the log, beside an unexpected error."""
    typed = "correct horse battery staple " * 10
    login = """mutation ($name: String!) { login(input: {username: $name, password: "x"}) {
        ... on Error { code message } ... on ValidationError { fields { path code message } } } }"""
    answer = await (await client()).query(login, name=typed)
    assert answer.data["login"]["fields"][0]["code"] == "TOO_LONG"
    assert answer.data["login"]["fields"][0]["path"] == "username"
    nobody = await (await client()).query("query ($code: String) { org(code: $code) { id } }", code=typed)
    assert nobody.codes == ["VALIDATION"]
    told = capsys.readouterr()
    assert "battery" not in str((answer.data, nobody.errors, told.out, told.err))
