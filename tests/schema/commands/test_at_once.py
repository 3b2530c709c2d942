"""What one process takes away or counts holds in all others at once: nothing of it is kept in memory."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest

from linli.schema.scalars import global_id
from tests.core.cli.projects import Linli, Project, postgres_answers
from tests.schema.commands.servers import PATIENCE, Running, serving

BOUND = 1.0
"""Seconds within which something that was taken away must not count any more."""

PASSWORD = "correct horse battery"
TRIES = 5
STREET, GRID = "430602001000", "430602001001-G01"
ORGS = f"""\
code,level,name,parent_code
{STREET},SUBDISTRICT,岳阳楼街道,430602000000
430602001001,COMMUNITY,某社区,{STREET}
{GRID},GRID,第一网格,430602001001
"""
GRIDS = "{ orgs(filter: {kind: {eq: GRID}}) { totalCount } }"
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) {
    __typename ... on Session { token } ... on Error { code } } }"""
GRANT = """mutation ($input: GrantRoleInput!) { grantRole(input: $input) { __typename } }"""


@dataclass
class Served:
    """A district that is served, a client for each of the server's processes, and `linli` beside it."""

    project: Project
    server: Running
    clients: list[httpx.Client]
    run: Linli

    def linli(self, *arguments: object, **more: Any) -> str:
        """What a command prints; the process that runs it is not the server's."""
        done = self.run(*arguments, "--district", self.project.key, "--config", self.project.config, **more)
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    def ask(self, client: httpx.Client, token: str | None, query: str, **variables: Any) -> httpx.Response:
        """The answer of one of the processes."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        sent = {"query": query, "variables": variables}
        return client.post(f"/d/{self.project.key}/graphql", json=sent, headers=headers)

    def data(self, token: str | None, query: str, **variables: Any) -> Any:
        """The data of the first process's answer."""
        answer = self.ask(self.clients[0], token, query, **variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def official(self) -> tuple[str, str]:
        """A new official of the street: the name, and a token of a session."""
        name = f"official-{uuid.uuid4().hex[:8]}"
        role = ("--role", "street-official", "--at", STREET)
        self.linli("account", "create", name, *role, "--password-stdin", input=PASSWORD)
        session = self.data(None, LOGIN, input={"username": name, "password": PASSWORD})["login"]
        return name, session["token"]


def project_on(engine: str, folder: Any) -> Project:
    """A project of one district."""
    url = "sqlite://data/{district}.sqlite3" if engine == "sqlite" else postgres_answers()
    return Project(folder, url, (f"once_{uuid.uuid4().hex[:10]}",)).write()


@pytest.fixture(params=["sqlite", "postgres"])
def served(request: pytest.FixtureRequest, linli: Linli, tmp_path: Any) -> Iterator[Served]:
    """On SQLite one process, on PostgreSQL two."""
    project = project_on(request.param, tmp_path)
    processes = 1 if request.param == "sqlite" else 2
    linli("migrate", "--config", project.config)
    orgs = tmp_path / "orgs.csv"
    orgs.write_text(ORGS, "utf-8")
    imported = linli("import", "orgs", orgs, "--district", project.key, "--config", project.config)
    assert imported.exit_code == 0, imported.output
    try:
        with serving(project, *(["--workers", "2"] if processes == 2 else [])) as server:
            try:
                with ExitStack() as stack:
                    yield Served(project, server, _one_for_each(server, processes, stack), linli)
            finally:
                server.stop()  # so that it ends its processes, which it could not if it were killed
    finally:
        if request.param == "postgres":
            project.drop()


def _one_for_each(server: Running, processes: int, stack: ExitStack) -> list[httpx.Client]:
    """A client that stays with one process, for each of them."""
    found: dict[int, httpx.Client] = {}
    end = time.monotonic() + PATIENCE
    while len(found) < processes:
        assert time.monotonic() < end, "one process answers for all of them"
        client = stack.enter_context(httpx.Client(base_url=server.url, timeout=PATIENCE))
        found.setdefault(client.get("/plugins").json()["process"], client)
    return [found[process] for process in sorted(found)]


def refused_in_time(served: Served, asks: Callable[[httpx.Client], bool], end: Callable[[], float]) -> None:
    """Each process allows it before `end`, and nothing that is sent later than BOUND after it.

    `end` is called once it is allowed, and tells when it ended or will, by the clock that the server has too. How long
    an answer takes plays no part: what counts is when it was asked for.
    """
    for client in served.clients:
        assert asks(client), "it was never allowed"
    ended = end()
    patience = time.monotonic() + PATIENCE
    late = dict.fromkeys(served.clients, 0)
    while min(late.values()) < 2:
        assert time.monotonic() < patience, "nobody got an answer"
        for client in served.clients:
            sent = time.time()
            allowed = asks(client)
            if sent > ended + BOUND:
                assert not allowed, f"it still counts {sent - ended:.2f} s after its end"
                late[client] += 1


def sees_the_grid(served: Served, token: str) -> Callable[[httpx.Client], bool]:
    """Whether a token shows what only a role shows; the token itself goes on counting."""
    return lambda client: served.ask(client, token, GRIDS).json()["data"]["orgs"]["totalCount"] == 1


def is_known(served: Served, token: str) -> Callable[[httpx.Client], bool]:
    """Whether a token counts at all."""

    def asks(client: httpx.Client) -> bool:
        answer = served.ask(client, token, "{ viewer { account { id } } }").json()
        if "errors" not in answer:
            return True
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        return False

    return asks


def test_what_ends_or_is_taken_away_is_refused_within_a_second_by_every_process(served: Served) -> None:
    name, token = served.official()
    rows = [line.split("\t") for line in served.linli("access", "grants", "--account", name).splitlines()]
    grants = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [(one["role"], one["at"]) for one in grants] == [("street-official", f"SUBDISTRICT:{STREET}")]

    def by_command(*command: str) -> Callable[[], float]:
        def run() -> float:
            served.linli(*command)
            return time.time()

        return run

    refused_in_time(served, sees_the_grid(served, token), by_command("access", "revoke", grants[0]["grant"]))
    _given_until_it_ends(served, name, token)
    refused_in_time(served, is_known(served, token), by_command("account", "sign-out", name))
    other = served.linli("token", "create", "--account", name).strip()
    refused_in_time(served, is_known(served, other), by_command("account", "close", name))


def _given_until_it_ends(served: Served, name: str, token: str) -> None:
    """A role for a few seconds, which nobody takes away."""
    served.linli("account", "create", "boss", "--role", "district-admin")
    boss = served.linli("token", "create", "--account", "boss").strip()
    [(account_id,)] = served.project.query(f"SELECT id FROM core_account WHERE username = '{name}'")
    org = served.data(boss, f'{{ org(code: "{STREET}") {{ id }} }}')["org"]["id"]
    given = {"accountId": global_id("Account", uuid.UUID(str(account_id))), "role": "street-official", "orgId": org}
    span = timedelta(seconds=3)
    while True:  # on a busy machine it may be over before every process was asked; then for longer
        end = datetime.now(UTC) + span
        answer = served.data(boss, GRANT, input={**given, "validTo": end.isoformat()})
        assert answer == {"grantRole": {"__typename": "Grant"}}
        if all(map(sees_the_grid(served, token), served.clients)) or span > timedelta(seconds=PATIENCE):
            break
        span *= 2
    refused_in_time(served, sees_the_grid(served, token), end.timestamp)


def test_wrong_passwords_at_once_are_counted_once_over_all_processes_and_clients(served: Served) -> None:
    served.linli("account", "create", "owner", "--password-stdin", input=PASSWORD)
    at_once = 24
    start = Barrier(at_once)

    def guess(number: int) -> str:
        with ExitStack() as stack:
            # the connections are there before any of them begins, and lead to all processes
            clients = _one_for_each(served.server, len(served.clients), stack)
            start.wait(PATIENCE)
            given = {"username": "owner", "password": f"a wrong guess {number}"}
            answer = served.ask(clients[number % len(clients)], None, LOGIN, input=given)
        return str(answer.json()["data"]["login"]["code"])

    with ThreadPoolExecutor(at_once) as threads:
        told = Counter(threads.map(guess, range(at_once)))
    assert told == {"INVALID_CREDENTIALS": TRIES, "RATE_LIMITED": at_once - TRIES}
    for client in served.clients:
        answer = served.ask(client, None, LOGIN, input={"username": "owner", "password": PASSWORD})
        assert answer.json()["data"]["login"]["code"] == "RATE_LIMITED"
    assert sorted(served.project.query("SELECT tries FROM core_sign_in_try")) == [(TRIES,)] * 3
