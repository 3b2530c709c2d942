"""The same request from two clients at the same moment, at a server of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, serving

CLIENTS = 4
NEW = "another horse battery"
CHANGE = f"""mutation {{ changePassword(input: {{oldPassword: "correct horse battery", newPassword: "{NEW}"}}) {{
    ... on Account {{ version }} ... on Error {{ code }} }} }}"""
CLAIM = """mutation { claimPerson(input: {name: "示例老人", phone: "13800000011"}) {
    ... on ClaimReceived { receivedAt } ... on Error { code } } }"""


def test_clients_that_send_the_same_at_once_act_once(linli: Linli, project: Project) -> None:
    named = ("--district", project.key, "--config", project.config)
    assert linli("migrate", *named).exit_code == 0
    assert (
        linli("account", "create", "lihua", "--password-stdin", *named, input="correct horse battery\n").exit_code == 0
    )
    token = linli("token", "create", "--account", "lihua", *named).stdout.strip()
    workers = ("--workers", "2") if project.url.startswith("postgres") else ()
    with serving(project, *workers) as server, ThreadPoolExecutor(CLIENTS) as clients:
        together = Barrier(CLIENTS)

        def send(query: str) -> Any:
            headers = {"authorization": f"Bearer {token}", "idempotency-key": query[:30].strip()}
            with httpx.Client(timeout=PATIENCE, headers=headers) as client:
                together.wait(PATIENCE)
                return client.post(f"{server.url}/d/{project.key}/graphql", json={"query": query}).json()

        changed = list(clients.map(send, [CHANGE] * CLIENTS))
        claimed = list(clients.map(send, [CLAIM] * CLIENTS))
    assert changed == [{"data": {"changePassword": {"version": 2}}}] * CLIENTS
    assert "receivedAt" in claimed[0]["data"]["claimPerson"]
    assert claimed == [claimed[0]] * CLIENTS
    told = project.query("SELECT type FROM core_event")
    assert [told.count((type_,)) for type_ in ("core.password_changed", "core.person_claimed")] == [1, 1]
    assert project.query("SELECT count(*) FROM core_request") == [(2,)]
