"""Random operations over the schema of a full district: each is answered or refused, and nothing breaks.

LINLI_TEST_EXAMPLES says how many of each kind (default 20), LINLI_TEST_SEED repeats a run whose seed was printed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
from graphql import ObjectValueNode, ValueNode
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, serving

EXAMPLES = int(os.environ.get("LINLI_TEST_EXAMPLES", "20"))
SEED = int(os.environ.get("LINLI_TEST_SEED", random.SystemRandom().randrange(2**32)))
LONGEST = 200_000

Values = st.SearchStrategy[ValueNode]
SCALARS: dict[str, Values] = {
    "Date": (st.dates().map(str) | st.text()).map(nodes.String),
    "DateTime": (st.datetimes().map(lambda it: f"{it.isoformat()}+08:00") | st.text()).map(nodes.String),
    "LocalTime": (st.times().map(lambda it: f"{it:%H:%M}") | st.just("24:00") | st.text()).map(nodes.String),
    "Long": st.integers(-(2**63), 2**63).map(nodes.Int),
    "Fen": st.integers(-(2**53), 2**53).map(nodes.Int),
    "JSON": st.just(ObjectValueNode(fields=())) | st.text().map(nodes.String) | st.integers().map(nodes.Int),
}


@pytest.fixture
def full(linli: Linli, project: Project) -> Iterator[tuple[Running, Project, str]]:
    """A server with every bundled plugin on, and the token of an administrator."""
    project.write(plugins='["venues"]')
    named = ("--district", project.key, "--config", project.config)
    assert linli("migrate", "--config", project.config).exit_code == 0
    assert linli("account", "create", "boss", "--role", "district-admin", *named).exit_code == 0
    token = linli("token", "create", "--account", "boss", *named).stdout.strip()
    with serving(project) as server:
        yield server, project, token


def schema_of(project: Project) -> str:
    """The schema as outsiders get it."""
    command = [sys.executable, "-m", "linli.core.cli.main", "schema", "print", "--config", str(project.config)]
    done = subprocess.run([*command, "--district", project.key], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def judge(response: httpx.Response) -> None:
    """Whether an answer is one: no server error, and each error with a code that somebody foresaw."""
    assert response.status_code in (200, 400), response.text
    answer: dict[str, Any] = response.json()
    assert "data" in answer or answer["errors"]
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert not {"INTERNAL", "TIMEOUT", "DISTRICT_UNAVAILABLE"} & set(codes), answer


@pytest.mark.parametrize("viewer", ["boss", "nobody"])
def test_no_operation_breaks_anything(full: tuple[Running, Project, str], viewer: str) -> None:
    server, project, token = full
    print(f"LINLI_TEST_SEED={SEED}")
    authorised = {"authorization": f"Bearer {token}"} if viewer == "boss" else {}
    http = httpx.Client(timeout=PATIENCE, headers=authorised)
    outcomes: list[bool] = []

    @hypothesis.seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(operation=from_schema(schema_of(project), custom_scalars=SCALARS))
    def operate(operation: str) -> None:
        response = http.post(f"{server.url}/d/{project.key}/graphql", json={"query": operation[:LONGEST]})
        judge(response)
        outcomes.append("data" in response.json())

    with http:
        operate()
    assert len(outcomes) >= EXAMPLES
    assert any(outcomes), "nothing was executed: the operations say nothing about the server"
    assert [line for line in server.log() if line["level"] == "error"] == []
