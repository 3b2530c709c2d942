"""`GET /metrics` of a server with several workers: whichever is asked, all are counted."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import Running, serving, until

ASKED = 20


def total(server: Running, name: str, **labels: str) -> float:
    """The sum of the samples with these labels."""
    found = [
        float(sample.value)
        for family in text_string_to_metric_families(server.get("/metrics").text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(found)


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_any_worker_answers_for_all_of_them(project: Project, linli: Linli) -> None:
    assert linli("migrate", "--config", project.config).exit_code == 0
    with serving(project, "--workers", "2") as server:
        for _ in range(ASKED):
            assert server.graphql(project.key, "{ district { key } }").status_code == 200
        here = {"district": project.key, "kind": "query", "outcome": "ok"}
        until(lambda: total(server, "linli_operations_total", **here) == ASKED)
        assert {total(server, "linli_operations_total", **here) for _ in range(10)} == {ASKED}
        until(lambda: total(server, "linli_pool_connections", state="open") >= 2)
        assert total(server, "linli_district_up") == len(project.keys)
        code, _ = server.stop()
    assert code == 0
