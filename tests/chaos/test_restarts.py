"""PostgreSQL is restarted under load: requests fail with a clear code, then work again without a restart of ours."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.clients import Busy, all_work
from tests.chaos.test_kills import ROOT, configured, judged, pending, server
from tests.load.deployments import Deployment, deployed
from tests.load.engines import Engine
from tests.load.people import staff

MODES = ("immediate", "fast")
"""As when the machine fails, and as an operator restarts it."""


class Cluster:
    """A PostgreSQL of the test's own, made by tools/postgres.sh, which leaves when its input ends."""

    def __init__(self, folder: Path) -> None:
        found = subprocess.run([ROOT / "tools/postgres.sh", "find"], capture_output=True, text=True, check=False)
        if found.returncode:
            pytest.skip("RESTARTS OF POSTGRESQL ARE NOT TESTED: no server program is on this machine")
        self._programs = Path(found.stdout.strip())
        told = folder / "url"
        script = 'echo "$LINLI_TEST_POSTGRES" > "$0"; cat'
        self._process = subprocess.Popen(
            [ROOT / "tools/postgres.sh", "run", "sh", "-c", script, str(told)], stdin=subprocess.PIPE
        )
        while not (told.exists() and told.read_text().strip()):
            assert self._process.poll() is None, "the cluster did not start"
        self.url = told.read_text().strip()
        # the clusters of tests forget what they committed when they are killed, for the sake of speed: not this one
        self._ask("ALTER ROLE postgres SET synchronous_commit = on")

    def _ask(self, sql: str) -> str:
        asked = ["psql", self.url, "-Atc", sql]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()

    @property
    def data(self) -> Path:
        """The folder of the cluster, as the server itself tells."""
        return Path(self._ask("SHOW data_directory"))

    def restart(self, mode: str) -> None:
        """Stop and start it, with the options that it has."""
        command = [str(self._programs / "pg_ctl"), "restart", "-D", str(self.data), "-m", mode, "-w", "-s"]
        log = ["-l", str(self.data.parent / "server.log")]
        owner = ["runuser", "-u", self.data.owner(), "--"] if os.getuid() == 0 else []
        subprocess.run([*owner, *command, *log], check=True, cwd="/", stdout=subprocess.DEVNULL)

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    yield made
    made.end()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the cluster is the test's own, once
def test_a_restart_under_load_is_told_of_and_everything_works_again(cluster: Cluster, engine: str) -> None:
    assert engine == "sqlite"
    with deployed(Engine("postgres", cluster.url), {"served": ()}) as deployment:
        known = asyncio.run(deployment.inside("served", lambda it: staff(it, 0)))
        config, key = configured(deployment), deployment.keys["served"]
        clients = [Busy(known.tree.community, random.Random(number)) for number in range(4)]
        log = deployment.folder / "server.log"
        with server(config, log) as (process, url):
            try:
                asyncio.run(_restarted(cluster, deployment, clients, f"{url}/d/{key}/graphql", known.admin))
            finally:
                print(*(line for line in log.read_text("utf-8").splitlines() if "unexpected_error" in line), sep="\n")
            assert process.poll() is None
        assert "unexpected_error" not in log.read_text("utf-8")
        print(asyncio.run(deployment.inside("served", lambda it: judged(it, clients))))


async def _restarted(cluster: Cluster, deployment: Deployment, clients: list[Busy], url: str, token: str) -> None:
    await all_work(clients, url, token, seconds=1.0)
    for mode in MODES:
        before = [client.acknowledged for client in clients]
        working = asyncio.create_task(all_work(clients, url, token, seconds=6.0, patient=True))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(cluster.restart, mode)
        await working
        assert {client.refused for client in clients} <= {None, "DATABASE_UNAVAILABLE"}
        assert all(client.acknowledged > then for client, then in zip(clients, before, strict=True))
    async with asyncio.timeout(60):
        while await deployment.inside("served", pending):
            await asyncio.sleep(0.2)
