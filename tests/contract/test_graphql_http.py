"""The reference audit of GraphQL over HTTP, from npm, against a real server."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.core.cli.projects import Project
from tests.schema.commands.servers import serving

HERE = Path(__file__).parent / "graphql_http"


@pytest.fixture(scope="module")
def audit() -> list[str]:
    """The command of the audit, its packages installed; without Node.js there is none, which CI does not accept."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs Node.js and npm for the audit of GraphQL over HTTP")
        pytest.skip("NO NODE.JS: install node and npm to run the audit of GraphQL over HTTP")
    if not (HERE / "node_modules" / "graphql-http").is_dir():
        quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        subprocess.run([npm, "install", *quiet], cwd=HERE, check=True, timeout=300)
    return [node, str(HERE / "audit.mjs")]


def test_the_audit_passes_in_every_point(audit: list[str], migrated: Project) -> None:
    with serving(migrated) as server:
        done = subprocess.run(
            [*audit, f"{server.url}/d/{migrated.key}/graphql"], capture_output=True, text=True, timeout=120, check=True
        )
    assert done.stdout.split("\n")[-2] == "61 of 61", done.stdout
