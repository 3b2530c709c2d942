"""The reference clients of graphql-transport-ws and of GraphQL over server-sent events, from npm, at a real server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.contract.node import installed
from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import serving

HERE = Path(__file__).parent / "graphql_clients"


@pytest.fixture(scope="module")
def follow() -> list[str]:
    """The command that follows, its packages installed."""
    return [installed(HERE, "graphql-sse"), str(HERE / "follow.mjs")]


def test_the_reference_clients_follow_resume_and_learn_what_is_wrong(
    follow: list[str], migrated: Project, linli: Linli
) -> None:
    of = ("--district", migrated.key, "--config", migrated.config)
    assert linli("account", "create", *of, "auditor", "--role", "auditor").exit_code == 0
    token = linli("token", "create", *of, "--account", "auditor").stdout.strip()
    events = migrated.query("SELECT sequence, type FROM core_event ORDER BY sequence")
    with serving(migrated) as server:
        url = f"{server.url}/d/{migrated.key}/graphql"
        example = [follow[0], str(HERE / "example.mjs"), url.replace("http", "ws", 1), token]
        shown = subprocess.run(example, capture_output=True, text=True, timeout=120, check=True)
        command = [*follow, url, token, str(len(events))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    lines = [f"{sequence} {type_}" for sequence, type_ in events]
    assert shown.stdout.splitlines() == lines[: 1 + [type_ for _, type_ in events].index("core.token_issued")]
    found = json.loads(done.stdout)
    wanted = [{"data": {"events": {"sequence": sequence, "type": type_}}} for sequence, type_ in events]
    for name, refusal in (("graphql-ws", 4403), ("graphql-sse", 401)):
        told = found[name]
        assert told["first"] == {"received": wanted, "error": None}, name
        assert told["resumed"] == {"received": wanted[-1:], "error": None}, name
        assert told["stranger"] == {"received": [], "error": refusal}, name
    assert found["graphql-ws"]["wrong"] == {"received": [], "error": ["GRAPHQL_VALIDATION"]}
    [answer] = found["graphql-sse"]["wrong"]["received"]
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION"
