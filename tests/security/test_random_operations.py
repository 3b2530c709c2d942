"""Random operations over the schema of a full district: each is answered or refused, and nothing breaks.

schemathesis makes them, for every root field: some to the letter of the schema, some that break it. LINLI_TEST_EXAMPLES
says how many of each (default 1), LINLI_TEST_SEED repeats a run whose seed was printed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from graphql import ObjectValueNode, ValueNode
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, serving

EXAMPLES = int(os.environ.get("LINLI_TEST_EXAMPLES", "1"))
SEED = int(os.environ.get("LINLI_TEST_SEED", random.SystemRandom().randrange(2**32)))

Values = st.SearchStrategy[ValueNode]
SCALARS: dict[str, Values] = {
    "Date": (st.dates().map(str) | st.text()).map(nodes.String),
    "DateTime": (st.datetimes().map(lambda it: f"{it.isoformat()}+08:00") | st.text()).map(nodes.String),
    "LocalTime": (st.times().map(lambda it: f"{it:%H:%M}") | st.just("24:00") | st.text()).map(nodes.String),
    "Long": st.integers(-(2**63), 2**63).map(nodes.Int),
    "Fen": st.integers(-(2**53), 2**53).map(nodes.Int),
    "JSON": st.just(ObjectValueNode(fields=())) | st.text().map(nodes.String) | st.integers().map(nodes.Int),
}
ROOTS = ("Query", "Mutation")


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


def operations(project: Project) -> list[schemathesis.APIOperation[Any, Any, Any, Any]]:
    """Every root field of the schema."""
    for name, strategy in SCALARS.items():
        schemathesis.graphql.scalar(name, strategy)
    loaded = schemathesis.graphql.from_file(schema_of(project))
    results = list(loaded.get_all_operations())
    found = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(found) == len(results), "schemathesis does not understand a root field"
    assert {one.label.partition(".")[0] for one in found} == set(ROOTS)
    return found


def judge(response: schemathesis.Response) -> bool:
    """Whether an operation was executed; no server error, and each error has a code that somebody foresaw."""
    assert response.status_code in (200, 400), response.text
    answer: dict[str, Any] = response.json()
    assert "data" in answer or answer["errors"]
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert not {"INTERNAL", "TIMEOUT", "DISTRICT_UNAVAILABLE"} & set(codes), answer
    return "data" in answer


def ask(
    operation: schemathesis.APIOperation[Any, Any, Any, Any],
    mode: schemathesis.GenerationMode,
    url: str,
    headers: dict[str, str],
) -> Iterator[bool]:
    """For each of some random requests for a root field whether it was executed."""
    executed: list[bool] = []

    @hypothesis.seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case[Any]) -> None:
        response = case.call(base_url=url, headers=headers, timeout=PATIENCE)
        executed.append(judge(response))

    one()
    yield from executed


@pytest.mark.parametrize("viewer", ["boss", "nobody"])
def test_no_operation_breaks_anything(full: tuple[Running, Project, str], viewer: str) -> None:
    server, project, token = full
    print(f"LINLI_TEST_SEED={SEED}")
    headers = {"authorization": f"Bearer {token}"} if viewer == "boss" else {}
    asked: Counter[str] = Counter()
    executed: Counter[tuple[str, schemathesis.GenerationMode]] = Counter()
    for operation in operations(project):
        for mode in schemathesis.GenerationMode:
            outcomes = list(ask(operation, mode, f"{server.url}/d/{project.key}/graphql", headers))
            asked[operation.label] += len(outcomes)
            executed[operation.label.partition(".")[0], mode] += sum(outcomes)
    assert min(asked.values()) >= 2 * EXAMPLES, "a root field was left out"
    kept_to = schemathesis.GenerationMode.POSITIVE
    assert all(executed[root, kept_to] for root in ROOTS), "nothing was executed: this says nothing about the server"
    assert [line for line in server.log() if line["level"] == "error"] == []
