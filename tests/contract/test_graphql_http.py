"""The reference audit of GraphQL over HTTP, from npm, against a real server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.contract.node import installed
from tests.core.cli.projects import Project
from tests.schema.commands.servers import serving

HERE = Path(__file__).parent / "graphql_http"


@pytest.fixture(scope="module")
def audit() -> list[str]:
    """The command of the audit, its packages installed; without Node.js there is none, which CI does not accept."""
    return [installed(HERE, "graphql-http"), str(HERE / "audit.mjs")]


def test_the_audit_passes_in_every_point(audit: list[str], migrated: Project) -> None:
    with serving(migrated) as server:
        done = subprocess.run(
            [*audit, f"{server.url}/d/{migrated.key}/graphql"], capture_output=True, text=True, timeout=120, check=True
        )
    assert done.stdout.split("\n")[-2] == "61 of 61", done.stdout
