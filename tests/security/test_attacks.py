"""Operations made to bring a server down, by every way in: each is refused with its code, and others are answered.

The cases are those of graphql-cop and GraphQL Armor, and some that Linli's own lists and filters invite.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import websockets
from graphql import get_introspection_query

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, serving

MEBIBYTE = 1_048_576
ROUNDS = 2
GROWTH = 48 * MEBIBYTE
"""What a process may grow by in the later rounds: the texts that it keeps are bounded, so are all its caches."""
IN_HEAD = 20_000
"""Longer texts do not fit into the path of a GET, whose head has 64 KiB at most."""

HTTP = httpx.Client(timeout=PATIENCE)
"""One for all: each makes a TLS context of its own, which takes longer than what is asked."""
SCHEMA = get_introspection_query()


@dataclass(frozen=True)
class Attack:
    """A text with what it must be answered; `by_text` says that its variables matter not."""

    name: str
    query: str
    code: str = "TOO_COSTLY"
    limit: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    by_text: bool = True


def _nested(opening: str, innermost: str, closing: str, times: int) -> str:
    return opening * times + innermost + closing * times


def _lists(times: int) -> str:
    return "{ orgs(first: 200) " + _nested("{ nodes { children(first: 200) ", "{ totalCount }", " } }", times) + " }"


FAN = " ".join(f"fragment F{n} on OrgNode {{ ...F{n + 1} parent {{ ...F{n + 1} }} }}" for n in range(15))
FILTERS = "{ orgs(filter: " + _nested("{not: ", '{name: {eq: "x"}}', "}", 30) + ") { totalCount } }"
RELATED = "{ orgs(filter: " + _nested("{parent: ", '{name: {eq: "x"}}', "}", 30) + ") { totalCount } }"
ATTACKS = [
    Attack(
        "alias overloading", "{ " + " ".join(f"a{n}: district {{ name }}" for n in range(101)) + " }", limit="aliases"
    ),
    Attack("many roots", "{ " + " ".join(f"a{n}: district {{ name }}" for n in range(40)) + " }", limit="root_fields"),
    Attack("field duplication", "{ district { " + "name " * 1500 + "} }", limit="repeats"),
    Attack("duplicated roots", "{ " + "district { name } " * 400 + "}", limit="repeats"),
    Attack(
        "duplicates in fragments",
        "{ " + "district { ...A } " * 200 + "} fragment A on District { " + "name " * 200 + "}",
    ),
    Attack("directive overloading", "{ district { name " + "@aa " * 1000 + "} }", limit="directives"),
    Attack("known directives", "{ district { " + "name @include(if: true) " * 51 + "} }", limit="directives"),
    Attack(
        "circular fragments",
        "{ orgs { nodes { ...A } } } fragment A on OrgNode { parent { ...B } } "
        "fragment B on OrgNode { parent { ...A } }",
        code="GRAPHQL_VALIDATION",
    ),
    Attack(
        "a fragment of itself", "{ orgs { nodes { ...A } } } fragment A on OrgNode { ...A }", code="GRAPHQL_VALIDATION"
    ),
    Attack(
        "fragments that multiply",
        "{ orgs { nodes { ...F0 } } } " + FAN + " fragment F15 on OrgNode { name }",
        limit="fields",
    ),
    Attack(
        "many fragments",
        "{ district { "
        + " ".join(f"...F{n}" for n in range(400))
        + " } } "
        + " ".join(f"fragment F{n} on District {{ name }}" for n in range(400)),
        limit="fragments",
    ),
    Attack(
        "circular introspection",
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
        code="GRAPHQL_VALIDATION",
    ),
    Attack(
        "deep introspection",
        "{ __schema { types " + _nested("{ ofType ", "{ name }", " }", 20) + " } }",
        limit="introspection_depth",
    ),
    Attack(
        "introspection again and again",
        "{ " + " ".join(f"s{n}: __schema {{ types {{ name }} }}" for n in range(10)) + " }",
        limit="introspections",
    ),
    Attack("deep relations", "{ orgs { nodes " + _nested("{ parent ", "{ name }", " }", 60) + " } }", limit="depth"),
    Attack("lists in lists", _lists(6), limit="cost"),
    Attack(
        "lists by variables",
        "query q($n: Int) { orgs(first: $n) { nodes { children(first: $n) { nodes { id } } } } }",
        limit="cost",
        variables={"n": 2**31 - 1},
        by_text=False,
    ),
    Attack("skipping", "{ orgs(first: 200) { nodes { children(offset: 10000) { nodes { id } } } } }", limit="cost"),
    Attack("deep filters", FILTERS, code="VALIDATION", by_text=False),
    Attack("filters through relations", RELATED, code="VALIDATION", by_text=False),
    Attack(
        "a huge list",
        "query q($in: [String!]) { orgs(filter: {name: {in: $in}}) { totalCount } }",
        code="VALIDATION",
        variables={"in": [f"名{n}" for n in range(30_000)]},
        by_text=False,
    ),
    Attack(
        "a huge list in the text",
        "{ orgs(filter: {name: {in: [" + '"x" ' * 5000 + "]}}) { totalCount } }",
        limit="tokens",
    ),
    Attack(
        "large variables",
        "query q($x: String) { orgs(filter: {name: {eq: $x}}) { totalCount } }",
        limit="variables_bytes",
        variables={"x": "某" * 200_000},
        by_text=False,
    ),
    Attack(
        "a long text",
        '{ orgs(filter: {name: {contains: "' + "%_" * 5000 + '"}}) { totalCount } }',
        code="VALIDATION",
        by_text=False,
    ),
    Attack(
        "many operations", " ".join(f"query q{n} {{ district {{ name }} }}" for n in range(200)), limit="operations"
    ),
    Attack("a huge integer", "{ orgs(first: " + "9" * 10_000 + ") { totalCount } }", code="GRAPHQL_VALIDATION"),
    Attack("unknown fields", "{ " + " ".join(f"x{n}" for n in range(1900)) + " }", limit="root_fields"),
    Attack("braces", "{a" * 5000, code="GRAPHQL_VALIDATION"),
    Attack("brackets", "{ orgs(filter: " + "[" * 5000, code="GRAPHQL_VALIDATION"),
]


@pytest.fixture
def server(linli: Linli, project: Project) -> Iterator[tuple[Running, str, str]]:
    """A server, the path of its GraphQL, and an administrator's token."""
    project.write()
    named = ("--district", project.key, "--config", project.config)
    assert linli("migrate", "--config", project.config).exit_code == 0
    assert linli("account", "create", "boss", "--role", "district-admin", *named).exit_code == 0
    token = linli("token", "create", "--account", "boss", *named).stdout.strip()
    with serving(project) as running:
        yield running, f"{running.url}/d/{project.key}/graphql", token


@contextmanager
def others(url: str) -> Iterator[list[float]]:
    """Somebody else asks all the while; the seconds of each answer."""
    seconds: list[float] = []
    over = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=PATIENCE) as http:
            while not over.is_set():
                began = time.monotonic()
                answer = http.post(url, json={"query": "{ district { name } }"})
                assert answer.json()["data"]["district"], answer.text
                seconds.append(time.monotonic() - began)
                over.wait(0.02)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield seconds
    finally:
        over.set()
        asking.join(PATIENCE)
    assert seconds


def resident(process: int) -> int:
    """How many bytes of memory a process holds."""
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


def judge(attack: Attack, errors: list[dict[str, Any]]) -> None:
    told = errors[0]["extensions"]
    assert told["code"] == attack.code, (attack.name, errors[0])
    assert attack.limit is None or told["limit"] == attack.limit, (attack.name, errors[0])
    if attack.code == "TOO_COSTLY":
        assert told["found"] > told["allowed"], attack.name


def _events(answer: httpx.Response) -> dict[str, Any]:
    [line] = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    found: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return found


def by_post(url: str, attack: Attack, headers: dict[str, str], number: int) -> None:
    """As JSON, then as a stream of one event; comments make each text another one."""
    body = orjson.dumps({"query": f"{attack.query} #{number}", "variables": attack.variables})
    sent = {"content-type": "application/json", **headers}
    answer = HTTP.post(url, content=body, headers=sent)
    judge(attack, answer.json()["errors"])
    streamed = HTTP.post(url, content=body, headers={**sent, "accept": "text/event-stream"})
    judge(attack, _events(streamed)["errors"])


def by_get(url: str, attack: Attack, headers: dict[str, str]) -> None:
    """In the path, where it fits there."""
    parts = {"query": attack.query, "variables": json.dumps(attack.variables)}
    if len(attack.query) + len(parts["variables"]) <= IN_HEAD:
        judge(attack, HTTP.get(url, params=parts, headers=headers).json()["errors"])


async def by_socket(url: str, token: str) -> None:
    """All of them over one WebSocket, which stays open."""
    address = url.replace("http", "ws", 1)
    async with websockets.connect(address, subprotocols=["graphql-transport-ws"], max_size=None) as socket:  # type: ignore[list-item]
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        for attack in ATTACKS:
            if not attack.by_text or attack.limit == "cost":
                continue  # queries are not taken here, whatever they cost
            payload = {"query": attack.query, "variables": attack.variables}
            await socket.send(json.dumps({"id": attack.name, "type": "subscribe", "payload": payload}))
            answer = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
            assert (answer["id"], answer["type"]) == (attack.name, "error")
            judge(attack, answer["payload"])


def test_attacks_are_refused_by_every_way_in_while_others_are_answered(server: tuple[Running, str, str]) -> None:
    running, url, token = server
    headers = {"authorization": f"Bearer {token}", "accept-language": "en"}
    held = []
    with others(url) as seconds:
        for number in range(ROUNDS):
            for attack in ATTACKS:
                by_post(url, attack, headers if number else {"accept-language": "en"}, number)
            held.append(resident(running.process.pid))
        for attack in ATTACKS:
            by_get(url, attack, headers)
        asyncio.run(by_socket(url, token))
    print(f"others waited {max(seconds):.3f} s at most; {', '.join(f'{one // MEBIBYTE} MiB' for one in held)}")
    assert held[-1] - held[0] < GROWTH
    assert [line for line in running.log() if line["level"] == "error"] == []
    assert HTTP.post(url, json={"query": SCHEMA}).json()["data"], "what tools send is answered"


def test_what_is_no_request_at_all_is_refused_before_it_is_read(server: tuple[Running, str, str]) -> None:
    running, url, token = server
    one = {"query": "{ district { name } }"}
    batch = HTTP.post(url, json=[one] * 1000)
    assert (batch.status_code, batch.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    before = resident(running.process.pid)
    for _ in range(5):
        huge = HTTP.post(url, json={**one, "variables": {"x": "x" * 10 * MEBIBYTE}})
        assert (huge.status_code, huge.json()["errors"][0]["extensions"]["code"]) == (413, "BAD_REQUEST")
    assert resident(running.process.pid) - before < GROWTH
    deep = HTTP.post(
        url,
        content=b'{"query": "{ a }", "variables": ' + b'{"a":' * 2000 + b"1" + b"}" * 2001,
        headers={"content-type": "application/json"},
    )
    assert deep.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    asyncio.run(_huge_message(url, token))
    assert running.graphql(url.split("/")[-2], "{ district { name } }").status_code == 200


async def _huge_message(url: str, token: str) -> None:
    async with websockets.connect(url.replace("http", "ws", 1), subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
        await socket.recv()
        message = {
            "id": "1",
            "type": "subscribe",
            "payload": {"query": "{ a }", "variables": {"x": "x" * 10 * MEBIBYTE}},
        }
        with pytest.raises(websockets.ConnectionClosed):
            await socket.send(json.dumps(message))
            await socket.recv()
