from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.schema.http import graphql_request
from linli.schema.testing import Clients, Tree

JSON = {"content-type": "application/json"}
MAX_BODY = 1_048_576
QUERY = b'{"query": "{ district { key } }"}'


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"not json", JSON, 400),
        (b"[]", JSON, 400),
        (b'{"query": 1}', JSON, 400),
        (b'{"query": "{ __typename }", "variables": []}', JSON, 400),
        (b'{"query": "{ __typename }", "operationName": 7}', JSON, 400),
        (QUERY, {"content-type": "text/plain"}, 415),
        (QUERY, {"content-type": "application/json; charset=gbk"}, 415),
        (QUERY, {**JSON, "accept": "image/png"}, 406),
        (b'{"query": "' + b" " * MAX_BODY + b'"}', JSON, 413),
    ],
)
async def test_a_request_that_cannot_be_read_says_why(
    client: Clients, body: bytes, headers: dict[str, str], status: int
) -> None:
    nobody = await client()
    response = await nobody.http.post(nobody.path, content=body, headers=headers)
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_get_answers_queries_and_refuses_mutations_and_tokens_in_the_url(client: Clients) -> None:
    nobody = await client()
    query = await nobody.http.get(nobody.path, params={"query": "{ district { name } }"})
    assert query.json() == {"data": {"district": {"name": "岳阳市岳阳楼区"}}}
    signing_in = 'mutation { login(input: {username: "a", password: "b"}) { __typename } }'
    assert (await nobody.http.get(nobody.path, params={"query": signing_in})).status_code == 405
    leaking = await nobody.http.get(nobody.path, params={"query": "{ district { key } }", "token": "x"})
    assert leaking.status_code == 400


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ nothing }", {}),
        ("{ district { key }", {}),
        ("query ($first: Int) { orgs(first: $first) { totalCount } }", {"first": "three"}),
        ("{ orgs(filter: {kind: {eq: PLANET}}) { totalCount } }", {}),
        ('query ($kind: OrgKind) { org(code: "1", kind: $kind) { id } }', {"kind": "PLANET"}),
        ('{ calendar(from: "2026-02-30", to: "2026-03-01") { date } }', {}),
        ('{ org(code: "1", asOf: "2026-03-01T10:00:00") { id } }', {}),
        ("query A { __typename } query B { __typename }", {}),
    ],
)
async def test_a_malformed_operation_is_refused_before_it_runs(
    client: Clients, query: str, variables: dict[str, Any]
) -> None:
    answer = await (await client()).query(query, headers={"accept": "application/graphql-response+json"}, **variables)
    assert (answer.status, set(answer.codes), answer.data) == (400, {"GRAPHQL_VALIDATION"}, None)


async def test_an_unknown_token_is_unauthenticated_and_an_old_one_expired(
    client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    nobody = await client()
    for header in ("Bearer nonsense", "Basic abc", "Bearer "):
        answer = await nobody.query("{ district { key } }", headers={"authorization": header})
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
    resident = await client(person=tree.resident, expires_at=clock.now() + timedelta(hours=1))
    assert (await resident.data("{ viewer { account { username } } }"))["viewer"]
    clock.advance(clock.now() + timedelta(hours=1))
    assert (await resident.query("{ district { key } }")).codes == ["TOKEN_EXPIRED"]


async def test_a_browser_is_shown_a_page_that_asks_no_other_host(client: Clients) -> None:
    nobody = await client()
    page = await nobody.http.get(nobody.path, headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "岳阳市岳阳楼区" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.linli(listed=True)
async def test_the_directory_names_listed_districts(client: Clients) -> None:
    (entry,) = (await client.http.get("/districts")).json()["districts"]
    assert (entry["name"], entry["code"], entry["plugins"]) == ("岳阳市岳阳楼区", "430602000000", [])


async def test_a_district_that_is_not_listed_is_not_in_the_directory(client: Clients) -> None:
    assert (await client.http.get("/districts")).json() == {"districts": []}


async def test_health_and_readiness_are_told(client: Clients) -> None:
    assert (await client.http.get("/healthz")).json() == {"status": "ok"}
    assert (await client.http.get("/readyz")).json() == {"status": "ok", "districts": {}}


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "query ($c: String) { org(code: $c) { id } }", "variables": {"c": "\\u0000"}}',
        b'{"query": "{ org(code: \\"\\\\u0000\\") { id } }"}',
        b'{"query": "{ org(code: \\"\\u0000\\") { id } }"}',
        b'{"query": "query ($c: String) { org(code: $c) { id } }", "variables": {"c": "\\ud800"}}',
    ],
)
async def test_texts_that_a_database_cannot_keep_are_refused(client: Clients, body: bytes) -> None:
    nobody = await client()
    answer = (await nobody.http.post(nobody.path, content=body, headers=JSON)).json()
    assert answer["errors"][0]["extensions"]["code"] in ("BAD_REQUEST", "GRAPHQL_VALIDATION")
    assert "data" not in answer


@pytest.mark.parametrize("shape", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [101, 900, 100_000])
async def test_what_is_nested_too_deeply_is_refused(client: Clients, shape: str, depth: int) -> None:
    nobody, close = await client(), "]" if shape == "[" else "}"
    deep = shape * depth + '"\\u0000"' + close * depth
    body = f'{{"query": "{{ district {{ key }} }}", "variables": {{"a": {deep}}}}}'
    answer = await nobody.http.post(nobody.path, content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("query", ["{a" * 1500 + "}" * 1500, "{ orgs(filter: " + "{not: " * 1200 + "{}" + "}" * 1201])
async def test_a_text_that_is_nested_too_deeply_is_refused(client: Clients, query: str) -> None:
    assert (await (await client()).query(query)).codes == ["GRAPHQL_VALIDATION"]


async def test_a_body_that_does_not_come_is_not_waited_for(client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield QUERY[:5]
        await asyncio.sleep(60)
        yield QUERY[5:]

    monkeypatch.setattr(graphql_request, "BODY_SECONDS", 0.1)
    nobody = await client()
    answer = await nobody.http.post(nobody.path, content=slowly(), headers=JSON)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (408, "BAD_REQUEST")
