"""What browsers, other websites, proxies and slow requests get from a server."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from linli.core.access import sessions, tokens
from linli.core.config import ServerConfiguration
from linli.core.districts import District, Platform
from linli.core.records.sqlite import SqliteStore
from linli.schema.http.application import application
from linli.schema.http.hardening import hardening
from linli.schema.testing import Clients, Tree
from linli.schema.testing.clients import BASE, Client, clients
from linli.schema.testing.engines import postgres_url
from linli.schema.testing.schemas import composed_once

Hardened = Callable[..., AbstractAsyncContextManager[Clients]]
PORTAL = "https://portal.example.gov.cn"
DISTRICT = "{ district { key } }"


@pytest.fixture
def hardened(district: District, platform: Platform) -> Hardened:
    """Clients of a server with these keys in [server]."""

    def configured(**server: Any) -> Platform:
        changed = platform.configuration.server.model_copy(update=server)
        configuration = platform.configuration.model_copy(update={"server": changed})
        return Platform(configuration, platform.installed, list(platform.districts.values()), platform.open)

    @asynccontextmanager
    async def serving(**server: Any) -> AsyncIterator[Clients]:
        async with clients(district, application(configured(**server), composer=composed_once)) as made:
            yield made

    return serving


@pytest.mark.parametrize("path", ["/healthz", "/districts", "/nowhere", "/d/nowhere/graphql"])
async def test_every_answer_is_kept_from_frames_caches_and_guesses_at_its_type(client: Clients, path: str) -> None:
    headers = (await client.http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


async def test_a_token_is_never_kept_by_a_cache(client: Clients) -> None:
    login = 'mutation { login(input: {username: "a", password: "b"}) { __typename } }'
    assert (await (await client()).query(login)).headers["cache-control"] == "no-store"


async def test_browsers_are_told_to_stay_with_https_where_it_is_configured(hardened: Hardened) -> None:
    async with hardened(https=True) as client:
        assert "max-age=" in (await client.http.get("/healthz")).headers["strict-transport-security"]


async def test_the_page_for_queries_runs_its_own_script_alone(client: Clients) -> None:
    nobody = await client()
    pages = [await client.http.get(nobody.path, headers={"accept": "text/html"}) for _ in range(2)]
    policies = [page.headers["content-security-policy"] for page in pages]
    assert policies[0] != policies[1]
    for page, policy in zip(pages, policies, strict=True):
        nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
        assert len(nonce) > 16
        assert page.text.count(f'<script nonce="{nonce}">') == page.text.count("<script") == 1
        assert page.text.count(f'<style nonce="{nonce}">') == page.text.count("<style") == 1
        assert "style=" not in page.text
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def preflight(client: Client, origin: str) -> httpx.Response:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type"}
    return await client.http.options(client.path, headers={"origin": origin, **asked})


async def test_no_other_website_may_ask_unless_it_is_configured(client: Clients, hardened: Hardened) -> None:
    nobody = await client()
    refused = await preflight(nobody, PORTAL)
    assert refused.status_code == 405
    assert not [name for name in refused.headers if name.startswith("access-control")]
    async with hardened(cors_origins=(PORTAL,)) as others:
        nobody = await others()
        allowed = await preflight(nobody, PORTAL)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == PORTAL
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
        assert "access-control-allow-credentials" not in allowed.headers
        stranger = await preflight(nobody, "https://portal.example.gov.cn.evil.example")
        assert stranger.status_code == 400
        assert "access-control-allow-origin" not in stranger.headers


async def test_a_configured_website_reads_answers_and_others_do_not(hardened: Hardened) -> None:
    async with hardened(cors_origins=(PORTAL,)) as made:
        nobody = await made()
        answer = await nobody.query(DISTRICT, headers={"origin": PORTAL})
        assert answer.headers["access-control-allow-origin"] == PORTAL
        assert "Origin" in answer.headers["vary"]
        answer = await nobody.query(DISTRICT, headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_a_form_on_another_website_changes_nothing(client: Clients, kind: str) -> None:
    nobody = await client()
    body = b'{"query": "mutation { login(input: {username: 1, password: 2}) { __typename } }"}'
    for more in ({"origin": "https://evil.example"}, {}):
        answer = await client.http.post(nobody.path, content=body, headers={"content-type": kind, **more})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (415, "BAD_REQUEST")


async def guarded(headers: dict[str, str]) -> int:
    """What a plugin's route, which takes any content type, answers to a POST."""

    async def take(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("taken")

    app = Starlette(routes=[Route("/", take, methods=["POST"])], middleware=hardening(ServerConfiguration()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as http:
        return (await http.post("/", content=b"a=1", headers=headers)).status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain", "origin": "https://evil.example"}, 415),
        ({"sec-fetch-site": "cross-site"}, 415),
        ({"content-type": "Multipart/Form-Data; boundary=x", "origin": "https://evil.example"}, 415),
        ({"content-type": "text/plain", "origin": "https://a.example", "authorization": "Bearer x"}, 200),
        ({"content-type": "text/plain", "origin": "https://a.example", "x-requested-with": "fetch"}, 200),
        ({"content-type": "application/json", "origin": "https://a.example"}, 200),
        ({"content-type": "text/plain"}, 200),
    ],
)
async def test_what_a_form_could_send_is_refused_at_plugins_routes_too(headers: dict[str, str], status: int) -> None:
    assert await guarded(headers) == status


@pytest.mark.parametrize("name", ["token", "access_token", "refreshToken", "Access-Token", "password"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_secret_in_a_url_is_refused_on_every_path(client: Clients, name: str, method: str) -> None:
    nobody = await client()
    for path in (nobody.path, "/districts", f"{nobody.path.removesuffix('graphql')}p/any/thing"):
        answer = await client.http.request(method, path, params={"query": DISTRICT, name: "x"})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_a_token_of_ours_is_refused_in_a_url_whatever_it_is_called(client: Clients) -> None:
    nobody = await client()
    secret = "x" * 43
    for one in (
        {"t": f"{tokens.PREFIX}abc"},
        {"t": f"{sessions.PREFIX}{secret}"},
        {"variables": f'{{"it": "{tokens.PREFIX}{secret}"}}'},
        {"auth": f"Bearer {tokens.PREFIX}{secret}"},
    ):
        assert (await client.http.get(nobody.path, params={"query": DISTRICT, **one})).status_code == 400, one
    named = await client.http.get(
        nobody.path, params={"query": '{ district { key } plugins: __type(name: "linli_x") { name } }'}
    )
    assert named.status_code == 200


async def seen_by(server: dict[str, Any], headers: dict[str, str], peer: str) -> tuple[str, str]:
    """Address and scheme that an application behind the hardening sees."""

    async def tell(request: Request) -> PlainTextResponse:
        assert request.client is not None
        return PlainTextResponse(f"{request.client.host} {request.url.scheme}")

    app = Starlette(routes=[Route("/", tell)], middleware=hardening(ServerConfiguration(**server)))
    transport = httpx.ASGITransport(app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        host, scheme = (await http.get("/", headers=headers)).text.split()
    return host, scheme


FORWARDED = {"x-forwarded-for": "203.0.113.7, 10.0.0.2", "x-forwarded-proto": "https"}


@pytest.mark.parametrize(
    ("trusted", "peer", "host", "scheme"),
    [
        ((), "127.0.0.1", "127.0.0.1", "http"),
        (("127.0.0.1",), "127.0.0.1", "10.0.0.2", "https"),
        (("127.0.0.1", "10.0.0.0/8"), "127.0.0.1", "203.0.113.7", "https"),
        (("127.0.0.1", "10.0.0.0/8"), "198.51.100.9", "198.51.100.9", "http"),
    ],
)
async def test_only_configured_proxies_are_believed(
    trusted: tuple[str, ...], peer: str, host: str, scheme: str
) -> None:
    assert await seen_by({"trusted_proxies": trusted}, FORWARDED, peer) == (host, scheme)


@asynccontextmanager
async def locked(district: District, platform: Platform) -> AsyncIterator[None]:
    """Nobody else can enter people meanwhile. On SQLite one who is stopped waits to the end, here of 3 seconds."""
    file = platform.configuration.database_of(district.key).file
    if file is not None:
        assert isinstance(district.store, SqliteStore)
        await district.store.writer.execute_fetchall("PRAGMA busy_timeout = 3000")
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.close()
        return
    other = await asyncpg.connect(str(postgres_url()))
    async with other.transaction():
        await other.execute(f'LOCK TABLE "d_{district.key}".core_person IN EXCLUSIVE MODE')
        yield
    await other.close()


async def test_a_request_that_takes_too_long_is_stopped_and_changes_nothing(
    hardened: Hardened, district: District, platform: Platform, tree: Tree
) -> None:
    enter = 'mutation { createPerson(input: {name: "示例"}) { ... on Person { version } ... on Error { code } } }'
    count = "{ people { totalCount } }"
    async with hardened(max_seconds=1) as client:
        boss = await client("district-admin")
        before = await boss.data(count)
        async with locked(district, platform):
            answer = await boss.query(enter)
            assert (answer.status, answer.codes, answer.data) == (503, ["TIMEOUT"], None)
        assert await boss.data(count) == before
        for _ in range(3):
            assert await boss.mutate(enter) == {"version": 1}


async def test_what_fails_before_the_operation_begins_is_masked_too(
    client: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM core_token")

    boss = await client("district-admin")
    monkeypatch.setattr("linli.core.districts.District.viewer_of", fails)
    answer = await boss.query(DISTRICT)
    assert (answer.status, answer.codes) == (500, ["INTERNAL"])
    assert "secret" not in str(answer)
    assert answer.errors[0]["extensions"]["errorId"] in answer.errors[0]["message"]


MISSPELT: list[tuple[str, dict[str, Any]]] = [
    ("{ distrikt { key } }", {}),
    ("{ district { kex } }", {}),
    ("{ orgs(frist: 1) { totalCount } }", {}),
    ("{ orgs(filter: {kind: {eq: COMUNITY}}) { totalCount } }", {}),
    ("query ($k: OrgKnd) { __typename }", {}),
    ('query ($k: OrgKind) { org(code: "1", kind: $k) { id } }', {"k": "COMUNITY"}),
]


@pytest.mark.parametrize(("language", "words"), [("en", "Did you mean"), ("zh-CN", "是否指")])
@pytest.mark.parametrize(("query", "variables"), MISSPELT)
async def test_names_are_suggested_to_those_who_are_known_alone(
    client: Clients, query: str, variables: dict[str, Any], language: str, words: str
) -> None:
    for asking, suggested in ((await client("district-admin"), True), (await client(), False)):
        answer = await asking.query(query, headers={"accept-language": language}, **variables)
        assert set(answer.codes) == {"GRAPHQL_VALIDATION"}
        assert (words in str(answer.errors)) == suggested
    assert "COMMUNITY" not in str(answer.errors)


async def test_the_schema_is_told_to_nobody_where_introspection_is_off(hardened: Hardened) -> None:
    async with hardened(introspection=False, graphiql=False) as client:
        for asking in (await client(), await client("district-admin")):
            for query in ("{ __schema { types { name } } }", '{ __type(name: "OrgNode") { name } }', MISSPELT[0][0]):
                answer = await asking.query(query)
                assert set(answer.codes) == {"GRAPHQL_VALIDATION"}
                assert "Did you mean" not in str(answer.errors)
            assert await asking.data("{ district { __typename } }") == {"district": {"__typename": "District"}}
        page = await client.http.get((await client()).path, headers={"accept": "text/html"})
        assert page.status_code == 406


async def test_requests_beside_a_slow_one_are_answered(
    hardened: Hardened, district: District, platform: Platform, tree: Tree
) -> None:
    enter = 'mutation { createPerson(input: {name: "示例"}) { __typename } }'
    async with hardened(max_seconds=2) as client:
        boss = await client("district-admin")
        async with locked(district, platform):
            slow = asyncio.ensure_future(boss.query(enter))
            beside: Awaitable[Any] = boss.data(DISTRICT)
            assert await asyncio.wait_for(beside, 1.5)
            assert (await slow).codes == ["TIMEOUT"]
