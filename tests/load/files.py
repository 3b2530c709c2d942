"""Sending and fetching a large file, against a plain Starlette route, and the memory that it takes. 文件上传下载。"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx

from linli.core.access import tokens
from linli.core.access.models import Account, Grant
from linli.core.clock import monotonic
from linli.core.districts import District
from linli.core.graph.queries import district_root
from linli.core.records.unit_of_work import transact

from .deployments import Deployment, deployed
from .engines import SQLITE, say
from .processes import PATIENCE, serving
from .sizes import Size
from .tables import Table, figure, ratios, spread
from .wire import WrongAnswerError

PURPOSE = "core.consent_evidence"
MEGABYTE = 1_000_000
LINK = "query ($id: ID!) { file(id: $id) { url } }"


@dataclass
class Turns:
    """Megabytes per second, turn by turn, and the server's memory in megabytes before and at its peak."""

    ours: dict[str, list[float]] = field(default_factory=lambda: {"upload": [], "download": []})
    plain: dict[str, list[float]] = field(default_factory=lambda: {"upload": [], "download": []})
    before: float = 0.0
    peak: float = 0.0


def measure(size: Size) -> Iterator[Table]:
    """The table: one row for each direction."""
    turns = _measured(size)
    rows = [
        (
            what,
            spread(turns.ours[what]),
            spread(turns.plain[what]),
            spread(ratios(turns.plain[what], turns.ours[what])),
            f"{figure(turns.before)} -> {figure(turns.peak)}",
        )
        for what in turns.ours
    ]
    yield Table(
        f"A file of {size.file_bytes // MEGABYTE} MB",
        ("direction", "Linli, MB/s", "plain Starlette, MB/s", "ratio", "memory of Linli, MB"),
        rows,
        "Linli hashes, encrypts, judges and syncs it, and commits its row. Memory: before the first file, at the peak.",
    )


def _measured(size: Size) -> Turns:
    say(f"files: {size.slices} turn(s) of {size.file_bytes // MEGABYTE} MB")
    with deployed(SQLITE, {"district": ()}) as deployment:
        key, turns = deployment.keys["district"], Turns()
        limits = f'[districts.{key}.settings.core.file_bytes]\n"{PURPOSE}" = {2 * size.file_bytes}\n'
        deployment.config.write_text(f"{deployment.config.read_text('utf-8')}\n{limits}", "utf-8")
        token = asyncio.run(deployment.inside("district", _token))
        sent = _file(deployment, size.file_bytes)
        asking = httpx.Client(timeout=PATIENCE, headers={"authorization": f"Bearer {token}"})
        with serving(deployment.config) as server, _plain(deployment.folder) as plain, asking as client:
            turns.before = _memory(server.process.pid, "VmRSS")
            for _ in range(size.slices):
                _turn(client, f"{server.url}/d/{key}", plain, sent, turns)
            turns.peak = _memory(server.process.pid, "VmHWM")
        return turns


def _turn(client: httpx.Client, ours: str, plain: str, sent: Path, turns: Turns) -> None:
    megabytes = sent.stat().st_size / MEGABYTE
    began = monotonic()
    answer = _upload(client, f"{ours}/files", sent, {"purpose": PURPOSE})
    turns.ours["upload"].append(megabytes / (monotonic() - began))
    began = monotonic()
    _upload(client, f"{plain}/files", sent, {})
    turns.plain["upload"].append(megabytes / (monotonic() - began))
    told = client.post(f"{ours}/graphql", json={"query": LINK, "variables": {"id": answer["id"]}}).json()
    url = ours.partition("/d/")[0] + told["data"]["file"]["url"]
    for address, found in ((url, turns.ours), (f"{plain}/files/one", turns.plain)):
        began = monotonic()
        _download(client, address, sent.stat().st_size)
        found["download"].append(megabytes / (monotonic() - began))


def _upload(client: httpx.Client, url: str, sent: Path, values: dict[str, str]) -> dict[str, str]:
    with sent.open("rb") as content:
        answer = client.post(url, data=values, files={"file": ("large.pdf", content)})
    if not answer.is_success:
        raise WrongAnswerError(answer.text)
    found: dict[str, str] = answer.json()
    return found


def _download(client: httpx.Client, url: str, size: int) -> None:
    with client.stream("GET", url) as answer:
        came = sum(len(piece) for piece in answer.iter_raw(MEGABYTE))
    if came != size:
        raise WrongAnswerError(f"{came} bytes of {size}")


async def _token(_district: District) -> str:
    root = await district_root()
    assert root is not None, "a deployment has its root"
    return await transact(lambda _unit: _admin(root.id))


async def _admin(root_id: UUID) -> str:
    account = await Account.create(username="load")
    await Grant.create(account_id=account.id, role="district-admin", org_id=root_id)
    return await tokens.issue(account.id)


def _file(deployment: Deployment, size: int) -> Path:
    """A PDF to look at, random in between, so that nothing compresses it."""
    file = deployment.folder / "large.pdf"
    with file.open("wb") as written:
        written.write(b"%PDF-1.7\n")
        for _ in range(size // MEGABYTE):
            written.write(os.urandom(MEGABYTE))
        written.write(b"\n%%EOF\n")
    return file


def _memory(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return int(kilobytes) * 1024 / MEGABYTE


@contextmanager
def _plain(folder: Path) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", "tests.load.plain_files", str(folder)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
