"""A disk that is full: whoever changes something is told so, nothing is half written, and it works again with space."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.chaos.clients import Busy, all_work
from tests.chaos.test_kills import configured, judged, pending, server
from tests.load.deployments import Deployment, deployed
from tests.load.engines import SQLITE
from tests.load.people import staff

MEGABYTES = 12
READ = {"query": "{ orgs(first: 1) { nodes { name } } }"}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small disk of its own, on which districts are made."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("A FULL DISK IS NOT TESTED: whoever runs the tests may mount no tmpfs here")
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take what is left of the space."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(os.urandom(65_536))
            except OSError:
                break
    return ballast


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_of_and_nothing_is_lost_once_there_is_space(small: Path, engine: str) -> None:
    assert engine == "sqlite"
    with deployed(SQLITE, {"served": ()}) as deployment:
        known = asyncio.run(deployment.inside("served", lambda it: staff(it, 0)))
        config, key = configured(deployment), deployment.keys["served"]
        log = small.parent / "server.log"
        clients = [Busy(known.tree.community, random.Random(number)) for number in range(2)]
        with server(config, log) as (_, url):
            told = asyncio.run(_filled(small, clients, f"{url}/d/{key}/graphql", known.admin))
        assert "unexpected_error" not in log.read_text("utf-8")
        with server(config, log):
            asyncio.run(_until_handled(deployment))
        print(told, asyncio.run(deployment.inside("served", lambda it: judged(it, clients))))


async def _filled(small: Path, clients: list[Busy], url: str, token: str) -> str:
    await all_work(clients, url, token, seconds=1.0)
    before = [client.acknowledged for client in clients]
    ballast = await asyncio.to_thread(fill, small)
    await all_work(clients, url, token, seconds=20.0, until="STORAGE_FULL")
    assert {client.refused for client in clients} == {"STORAGE_FULL"}
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30) as http:
        answer = (await http.post(url, json=READ)).json()
    assert answer["data"]["orgs"]["nodes"], "what is there can be read also when nothing can be written"
    ballast.unlink()
    at_full = [client.acknowledged for client in clients]
    await all_work(clients, url, token, seconds=1.0)
    assert all(now > then for now, then in zip([it.acknowledged for it in clients], at_full, strict=True))
    return f"{before} acknowledged before, {at_full} when it was full"


async def _until_handled(deployment: Deployment) -> None:
    async with asyncio.timeout(60):
        while await deployment.inside("served", pending):
            await asyncio.sleep(0.2)
