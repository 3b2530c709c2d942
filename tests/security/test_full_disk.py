"""A disk that is full while files come: a stable code, nothing left behind, and all goes on once there is room."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from linli.core.districts import District
from linli.core.files.room import out_of_room
from linli.core.files.staging import Arriving, Staging
from linli.core.storages.folder import Folder
from linli.schema.testing import Clients, Tree
from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, serving
from tests.schema.files.conftest import EVIDENCE, Office, pdf, picture, upload
from tests.security.test_file_processes import PURPOSE, contents, named
from tests.security.test_key_rotation import token_of_an_admin

__all__ = ["office"]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own of so many bytes; the test is left out, and says so, where nobody may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
    try:
        subprocess.run(mounting, check=True, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NO SMALL DISK: only root mounts a tmpfs here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=PATIENCE)


def send(server: Running, project: Project, token: str, content: bytes) -> httpx.Response:
    return httpx.post(
        f"{server.url}/d/{project.key}/files",
        data={"purpose": PURPOSE},
        files={"file": ("承诺书.pdf", content)},
        headers={"authorization": f"Bearer {token}", "accept-language": "zh-CN"},
        timeout=PATIENCE,
    )


def test_a_server_on_a_full_disk_says_so_and_keeps_every_file_that_it_acknowledged(
    linli: Linli, project: Project
) -> None:
    token = token_of_an_admin(linli, project)
    large, small = pdf("x" * 3_000_000), [pdf(f"{number:02}" * 60_000) for number in range(12)]
    with small_disk(project.folder / "data" / "files", "1m"), serving(project) as server:
        refused = send(server, project, token, large)
        (error,) = refused.json()["errors"]
        assert (refused.status_code, error["extensions"]["code"]) == (507, "FILE_NO_ROOM")
        assert error["message"] == "存储空间不足，文件未保存，请稍后再试"
        assert contents(project) == []
        answers = [send(server, project, token, one) for one in small]
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) == {201, 507}
        assert len(contents(project)) == statuses.count(201), "what was refused left nothing, what was taken is there"
        assert project.query("SELECT count(*) FROM core_file") == [(statuses.count(201),)]
        verified = linli("files", "verify", *named(project))
        assert (verified.exit_code, "without a file" in verified.output) == (0, False), verified.output
        assert f"{statuses.count(201)} files are what came" in verified.output
        subprocess.run(
            ["mount", "-o", "remount,size=16m", str(project.folder / "data" / "files")], check=True, timeout=PATIENCE
        )
        assert send(server, project, token, large).status_code == 201, "there is room again"
        assert [line for line in server.log() if line["event"] == "file_not_kept_for_lack_of_room"]


async def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _full_at_once(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
async def office(client: Clients, tree: Tree) -> Office:
    """Staff who record what people say, and the unit's admin."""
    owner, staff = await client("unit-admin", at=tree.unit), await client("district-admin", at=tree.root)
    return Office(owner, "", await client(), await client(person=tree.neighbour), staff)


@pytest.mark.linli(plugins=["venues"])
@pytest.mark.parametrize(
    ("where", "name", "stands_in"),
    [
        (Folder, "keep", _full),
        (Staging, "begin", _full_at_once),
        (Arriving, "take", _full_at_once),
        (Arriving, "whole", _full_at_once),
    ],
)
async def test_wherever_the_room_runs_out_nothing_is_left(
    *, office: Office, district: District, monkeypatch: pytest.MonkeyPatch, where: type, name: str, stands_in: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(where, name, stands_in)
        for content, purpose, client, called in (
            (pdf(), EVIDENCE, office.staff, "a.pdf"),
            (picture(), "venues.photo", office.owner, "a.jpg"),
        ):
            answer = await upload(client, content, purpose, called)
            assert (answer.status, answer.code) == (507, "FILE_NO_ROOM")
    assert [file for file in district.files.rglob("*") if file.is_file()] == []
    assert (await upload(office.staff, pdf(), EVIDENCE, "a.pdf")).status == 201


@pytest.mark.linli(plugins=["venues"])
async def test_another_failure_of_a_storage_is_no_lack_of_room(
    office: Office, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Folder, "keep", broken)
    answer = await upload(office.staff, pdf(), EVIDENCE, "a.pdf")
    assert (answer.status, answer.code) == (500, "INTERNAL")
    assert [file for file in district.files.rglob("*") if file.is_file()] == []


def test_a_folder_that_cannot_be_synced_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.core.records.record import new_id  # noqa: PLC0415
    from linli.core.storages import folder  # noqa: PLC0415

    staged, id_ = tmp_path / "staged", new_id()
    staged.write_bytes(b"x")
    monkeypatch.setattr(folder, "_sync", _full_at_once)
    with pytest.raises(OSError, match="No space left"):
        Folder(tmp_path / "kept")._keep(id_, staged)
    assert [file for file in (tmp_path / "kept").rglob("*") if file.is_file()] == []


def _chained(cause: BaseException) -> BaseException:
    outer = RuntimeError("a storage says so")
    outer.__cause__ = cause
    return outer


def _sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = code
    return error


def _postgres(state: str) -> Exception:
    error = RuntimeError("could not extend file")
    error.sqlstate = state  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("failure", "full"),
    [
        (OSError(errno.ENOSPC, ""), True),
        (OSError(errno.EDQUOT, ""), True),
        (OSError(errno.EIO, ""), False),
        (_sqlite(sqlite3.SQLITE_FULL), True),
        (_sqlite(sqlite3.SQLITE_BUSY), False),
        (_postgres("53100"), True),
        (_postgres("40001"), False),
        (_chained(OSError(errno.ENOSPC, "")), True),
        (_chained(OSError(errno.EIO, "")), False),
    ],
)
def test_what_stands_behind_a_failure_says_whether_the_disk_is_full(failure: BaseException, full: bool) -> None:
    assert out_of_room(failure) is full
