"""`linli jobs`: what long work there is, following it, calling it off."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from linli.core.access.services import create_account
from linli.core.cli import job_report
from linli.core.cli import progress as progress_module
from linli.core.config import load
from linli.core.districts import District, open_platform
from linli.core.districts.migrating import ensure_root
from linli.core.jobs import asking, core_job_kinds
from linli.core.jobs.models import Job
from linli.core.jobs.replays import REPLAY, Replay
from linli.core.jobs.runner import Runner
from linli.core.plugins.discovery import installed
from linli.core.records.unit_of_work import transact
from tests.core.cli.projects import Linli, Project, aside

NOBODY = "01a204d8-2ad9-7595-bcd2-eb614bd0e8ee"


class Jobs:
    """A district in which jobs are asked for, and `linli jobs` there."""

    def __init__(self, linli: Linli, project: Project) -> None:
        self.project, self._linli = project, linli

    def __call__(self, *command: str, code: int = 0) -> str:
        """What a command prints, on stdout, or on stderr where it is to fail."""
        result = self._linli("jobs", *command, "--district", self.project.key, "--config", self.project.config)
        assert result.exit_code == code, result.output
        return result.stderr if code else result.stdout

    def inside(self, work: Callable[[District], Any]) -> Any:
        """Do something in the district, as a server does beside the commands."""

        async def enter() -> Any:
            found = installed()
            async with open_platform(load(self.project.config, found), found, [self.project.key]) as platform:
                district = platform.districts[self.project.key]
                with district.scope():
                    return await work(district)

        return aside(enter())

    def asked(self, by: str | None = None, handler: str = "core.tell_acted_for") -> str:
        """Ask for a replay of the first event; the job's id."""

        async def ask(district: District) -> Job:
            root = await ensure_root(district)

            async def once(_unit: object) -> Job:
                account = None if by is None else await create_account(by, None, None)
                given = Replay(handler=handler, first=1, last=1)
                return await asking.ask(REPLAY, given, org_id=root.id, account_id=account.id if account else None)

            return await transact(once)

        return str(self.inside(ask).id)

    def carried_out(self) -> int:
        """Carry out what waits."""
        return int(self.inside(lambda district: Runner(district).drain()))


@pytest.fixture
def jobs(linli: Linli, project: Project) -> Jobs:
    assert linli("migrate", "--district", project.key, "--config", project.config).exit_code == 0
    return Jobs(linli, project)


@pytest.fixture
def on_sqlite(linli: Linli, migrated: Project) -> Jobs:
    """For what no engine has to do with: it is there sooner."""
    return Jobs(linli, migrated)


def test_jobs_are_listed_with_who_asked_followed_and_called_off_once(jobs: Jobs) -> None:
    first, second = jobs.asked("wang"), jobs.asked()
    header, *rows = [line.split("\t") for line in jobs("list").splitlines()]
    assert header == ["job", "kind", "state", "done", "asked for by", "asked for", "begun", "what"]
    assert [row[:5] for row in rows] == [
        [first, "core.replay", "QUEUED", "0", "wang"],
        [second, "core.replay", "QUEUED", "0", "operator"],
    ]
    key = jobs.project.key
    assert jobs("cancel", second) == f"{key}: job {second} is cancelled; done until then: 0\n"
    assert jobs("cancel", second) == f"{key}: job {second} was cancelled already\n"
    assert jobs("watch", second, code=1) == f"error: {key}: job {second} has ended: CANCELLED\n"
    assert jobs.carried_out() == 1
    assert jobs("watch", first) == f"{key}: job {first} is done: 1\n"
    assert jobs("cancel", first, code=1) == f"error: {key}: job {first} has ended: DONE\n"
    assert jobs("list").splitlines() == ["\t".join(header)]
    ended = json.loads(jobs("list", "--ended", "--json"))
    assert [(one["id"], one["state"], one["by"], one["done"], one["total"]) for one in ended] == [
        (first, "DONE", "wang", 1, 1),
        (second, "CANCELLED", None, 0, None),
    ]
    assert all(one["asked_at"] and one["ended_at"] for one in ended)
    assert jobs.project.query("SELECT count(*) FROM core_event WHERE type = 'core.job_ended'") == [(2,)]


def test_one_that_failed_is_told_with_its_code(on_sqlite: Jobs) -> None:
    failed = on_sqlite.asked(handler="nobody.knows")
    on_sqlite.carried_out()
    code = json.loads(on_sqlite("list", "--ended", "--json"))[0]["failure"]
    assert re.fullmatch("[A-Z_]+", code)
    assert on_sqlite("watch", failed, code=1) == f"error: {on_sqlite.project.key}: job {failed} has failed: {code}\n"


def test_following_ends_when_a_server_has_done_the_job(on_sqlite: Jobs) -> None:
    asked, config = on_sqlite.asked(), str(on_sqlite.project.config)
    command = [sys.executable, "-m", "linli.core.cli.main", "serve", "--port", "0", "--config", config]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            told = [json.loads(line) for line in on_sqlite("watch", asked, "--json").splitlines()]
        finally:
            server.terminate()
    assert [one["state"] for one in (told[0], told[-1])] == ["QUEUED", "DONE"]
    assert {one["id"] for one in told} == {asked}
    assert told[-1]["done"] == told[-1]["total"] == 1


def test_what_nobody_carries_out_is_told_while_one_waits_and_people_see_a_bar(
    on_sqlite: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = on_sqlite.asked()
    monkeypatch.setattr(job_report, "SILENT_SECONDS", 0.4)
    monkeypatch.setattr(progress_module, "is_terminal", lambda _stream=None: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    later = threading.Timer(1.5, on_sqlite.project.change, ["UPDATE core_job SET state = 'CANCELLED', version = 2"])
    later.start()
    told = on_sqlite("watch", asked, code=1)
    later.join()
    assert told.count(f"does a server of district {on_sqlite.project.key} run?") == 1
    assert "core.replay" in told


def test_one_of_a_plugin_that_is_off_waits_and_is_not_called_off_by_whoever_cannot_tidy_up(on_sqlite: Jobs) -> None:
    asked = on_sqlite.asked()
    on_sqlite.project.change("UPDATE core_job SET kind = 'doors.count'")
    assert on_sqlite("list").splitlines()[1].endswith("\twaits until a plugin that is on knows this kind")
    told = f"error: {on_sqlite.project.key}: no plugin that is on knows jobs of kind doors.count; turn it on first\n"
    assert on_sqlite("cancel", asked, code=1) == told
    assert on_sqlite.project.query("SELECT state FROM core_job") == [("QUEUED",)]


def test_a_kind_that_runs_to_its_end_is_not_called_off(on_sqlite: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = on_sqlite.asked()
    monkeypatch.setattr(core_job_kinds, "CORE_JOBS", (replace(REPLAY, cancellable=False),))
    assert on_sqlite("cancel", asked, code=1) == "error: Such a job runs to its end\n"


@pytest.mark.parametrize("command", ["watch", "cancel"])
def test_what_is_no_job_is_told(on_sqlite: Jobs, command: str) -> None:
    told = f"error: {on_sqlite.project.key}: there is no job {NOBODY}; see `linli jobs list`\n"
    assert on_sqlite(command, NOBODY, code=1) == told
    assert on_sqlite(command, "7", code=2) == 'error: "7" is no UUID; see `linli jobs list`\n'
