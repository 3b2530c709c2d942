"""Files and processes: exchanged keys, kills at the worst moments, what the commands tell afterwards."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from linli.core.config import load
from linli.core.districts import open_platform
from linli.core.files.keeping import Keeper
from linli.core.plugins.discovery import installed
from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, serving, until
from tests.security import file_crashes
from tests.security.file_crashes import PDF
from tests.security.test_key_rotation import rotated, token_of_an_admin

PURPOSE = "core.consent_evidence"


def contents(project: Project) -> list[Path]:
    """Everything that is kept of files."""
    return [file for file in (project.folder / "data" / "files").rglob("*") if file.is_file()]


def send(server: Running, project: Project, token: str) -> str:
    answer = httpx.post(
        f"{server.url}/d/{project.key}/files",
        data={"purpose": PURPOSE},
        files={"file": ("承诺书.pdf", PDF)},
        headers={"authorization": f"Bearer {token}"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def link(server: Running, project: Project, token: str, id_: str) -> str:
    query = f'{{ file(id: "{id_}") {{ url }} }}'
    answer = server.graphql(project.key, query, authorization=f"Bearer {token}").json()
    return server.url + str(answer["data"]["file"]["url"])


def named(project: Project) -> tuple[object, ...]:
    return ("--district", project.key, "--config", project.config)


def test_keys_are_exchanged_for_files_too_while_they_are_fetched(
    linli: Linli, project: Project, tmp_path: Path
) -> None:
    token = token_of_an_admin(linli, project)
    with serving(project) as server:
        ids = [send(server, project, token) for _ in range(3)]
        before = link(server, project, token, ids[0])
        rotated(project, "--suite", "gm")
        until(lambda: httpx.get(before, timeout=PATIENCE).status_code == 404)  # its key is retired
        for id_ in ids:
            assert httpx.get(link(server, project, token, id_), timeout=PATIENCE).content == PDF
        kept = project.query("SELECT secret, name, sha256 FROM core_file")
        assert {str(value).split(":")[0] for row in kept for value in row} == {"SM4-GCM"}
        send(server, project, token)
        assert set(project.query("SELECT DISTINCT cipher FROM core_file")) == {("AES-256-GCM",), ("SM4-GCM",)}
    verified = linli("files", "verify", *named(project))
    assert (verified.exit_code, "4 files are what came" in verified.output) == (0, True), verified.output
    assert linli("audit", "verify", *named(project)).exit_code == 0
    zipped = tmp_path / "files.zip"
    assert linli("files", "export", zipped, *named(project)).exit_code == 0
    assert zipped.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(zipped) as archive:
        told = json.loads(archive.read("manifest.json"))["files"]
        assert len(told) == 4
        assert {archive.read(one["path"]) for one in told} == {PDF}
    again = linli("files", "export", zipped, *named(project))
    assert (again.exit_code, "is not overwritten" in again.output) == (1, True)


def test_files_that_are_lost_or_altered_are_told_by_name(linli: Linli, project: Project) -> None:
    token = token_of_an_admin(linli, project)
    with serving(project) as server:
        for _ in range(3):
            send(server, project, token)
    lost, altered, _ = contents(project)
    lost.unlink()
    kept = altered.read_bytes()
    altered.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    verified = linli("files", "verify", *named(project))
    assert verified.exit_code == 1
    assert f"the content of file {lost.name} is missing" in verified.output
    assert f"the content of file {altered.name} was altered" in verified.output
    checked = linli("check", "--config", project.config)
    assert (checked.exit_code, f"the first is {lost.name}" in checked.output) == (1, True), checked.output


def looked_after(project: Project) -> int:
    """How many leftovers a server takes away in two looks."""

    async def look() -> int:
        plugins = installed()
        async with open_platform(load(project.config, plugins), plugins, [project.key]) as platform:
            keeper = Keeper(platform.districts[project.key])
            return await keeper.look() + await keeper.look()

    return asyncio.run(look())


def test_an_upload_that_is_killed_halfway_leaves_nothing_that_can_be_read(linli: Linli, project: Project) -> None:
    token = token_of_an_admin(linli, project)
    with serving(project) as server:
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port)) as upload:
            head = (
                f"POST /d/{project.key}/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n"
                '--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
            )
            upload.sendall(head.encode() + PDF + b"430602195206150011" * 200_000)
            end = time.monotonic() + PATIENCE
            while not [one for one in contents(project) if one.stat().st_size > 100_000]:
                assert time.monotonic() < end
                time.sleep(0.05)
            server.process.kill()
            server.process.wait()
    (left,) = contents(project)
    assert b"430602" not in left.read_bytes()
    assert project.query("SELECT count(*) FROM core_file") == [(0,)]
    checked = linli("check", "--config", project.config)
    assert (checked.exit_code, "1 contents belong to no file" in checked.output) == (0, True), checked.output
    assert looked_after(project) == 1
    assert contents(project) == []


@pytest.mark.parametrize("where", ["before the row", "before the content"])
def test_a_kill_between_content_and_row_leaves_at_worst_a_content_that_nobody_can_read(
    linli: Linli, project: Project, where: str
) -> None:
    token = token_of_an_admin(linli, project)
    if where == "before the content":
        with serving(project) as server:
            send(server, project, token)
    command = [sys.executable, file_crashes.__file__, str(project.config), project.key, token, where]
    died = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert died.returncode == -9, died.stderr
    (left,) = contents(project)
    assert b"430602" not in left.read_bytes()
    rows = project.query("SELECT state, secret, name FROM core_file")
    assert rows == ([] if where == "before the row" else [("GONE", None, None)])
    assert linli("files", "verify", *named(project)).exit_code == 0
    assert linli("audit", "verify", *named(project)).exit_code == 0
    assert looked_after(project) == 1
    assert contents(project) == []
