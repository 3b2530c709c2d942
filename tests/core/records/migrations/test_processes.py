"""Several migrators at once, and migrators that are killed: real processes, real signals."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from linli.core.records.migrations import applied, upgrade
from tests.core.records.migrations.databases import Database
from tests.core.records.migrations.projects import Project

SLOW = """
import asyncio, os
from pathlib import Path

async def pause(apps, editor):
    folder = Path(os.environ["SIGNALS"])
    (folder / f"paused-{{os.getpid()}}").touch()
    while not (folder / "go").exists():
        await asyncio.sleep(0.01)
"""
HALF = """
ops.AddField(model_name='Person', name='phone', field=fields.TextField(null=True)),
ops.CreateModel(name='Dog', fields=[('id', fields.UUIDField(primary_key=True))], options={'table': 'core_dog'}),
ops.RunPython(pause),
ops.CreateModel(name='Cat', fields=[('id', fields.UUIDField(primary_key=True))], options={'table': 'core_cat'}),
"""
INITIAL = ["core.0001_initial", "venues.0001_initial", "volunteer_points.0001_initial"]


class Children:
    """Migrators in processes of their own."""

    def __init__(self, project: Project, database: Database, folder: Path) -> None:
        self.project, self.database, self.folder = project, database, folder
        self.started: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        """Start one that upgrades the database and prints what it did."""
        script = Path(__file__).with_name("migrator.py")
        apps = [f"{self.project.root}:{label}" for label in self.project.labels()]
        environment = os.environ | {"PYTHONPATH": str(self.project.folder), "SIGNALS": str(self.folder)}
        child = subprocess.Popen(
            [sys.executable, "-B", str(script), *self.database.arguments(), "--", *apps],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.started.append(child)
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        return child

    def paused(self) -> list[Path]:
        """Marks of those that stand in the middle of the slow migration."""
        return list(self.folder.glob("paused-*"))

    def until_paused(self) -> None:
        """Wait until one stands in the middle of the slow migration."""
        deadline = time.monotonic() + 20
        while not self.paused():
            assert time.monotonic() < deadline
            assert all(child.poll() is None for child in self.started), self.started[0].communicate()
            time.sleep(0.01)

    def go(self) -> None:
        """Let those that stand go on."""
        (self.folder / "go").touch()

    def kill(self) -> None:
        """End all that are still alive, as `kill -9` does."""
        for child in self.started:
            child.send_signal(signal.SIGKILL)
            child.communicate()


@pytest.fixture
def children(bundle: Project, database: Database, tmp_path: Path) -> Iterator[Children]:
    """None started yet; all are gone afterwards."""
    folder = tmp_path / "signals"
    folder.mkdir()
    made = Children(bundle, database, folder)
    yield made
    made.kill()


def slow(project: Project) -> None:
    """A second migration of core that stops in its middle until it is told to go on."""
    project.migration("core", "0002_slow", HALF, dependencies=[("core", "0001_initial")], before=SLOW.format())


async def test_row_8_a_second_migrator_waits_and_finds_nothing_to_do(
    bundle: Project, database: Database, children: Children
) -> None:
    slow(bundle)
    first = children.start()
    children.until_paused()
    second = children.start()
    assert second.stdout
    waiting = second.stdout.readline()
    assert waiting.startswith("waiting: another migrator is at work on ")
    children.go()
    outputs = [first.communicate(timeout=60), second.communicate(timeout=20)]
    assert [child.returncode for child in (first, second)] == [0, 0], outputs
    assert outputs[0][0].split() == ["core.0001_initial", "core.0002_slow", *INITIAL[1:]]
    assert outputs[0][0].split() == await database.applied()
    assert outputs[1][0].split() == []
    assert len(children.paused()) == 1


async def test_migrators_that_start_together_share_the_work_without_errors(
    bundle: Project, database: Database, children: Children
) -> None:
    slow(bundle)
    children.go()
    started = [children.start() for _ in range(2)]
    outputs = [child.communicate(timeout=60) for child in started]
    assert [child.returncode for child in started] == [0, 0], outputs
    done = [line for out, _ in outputs for line in out.splitlines() if not line.startswith("waiting")]
    assert done == await database.applied() == ["core.0001_initial", "core.0002_slow", *INITIAL[1:]]


async def test_a_migrator_killed_in_the_middle_leaves_the_old_state_and_no_lock(
    bundle: Project, database: Database, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(bundle)
    children.start()
    children.until_paused()
    children.kill()
    async with database.namespace.migrating(patience=10, waiting=None):
        pass
    assert await database.applied() == ["core.0001_initial"]
    assert await database.tables() == {"core_migration", "core_person"}
    assert "phone" not in str(await database.schema("core_person"))
    children.go()
    monkeypatch.setenv("SIGNALS", str(children.folder))
    done = await upgrade(database.namespace, bundle.apps(), patience=10)
    assert [str(step) for step in done] == ["core.0002_slow", *INITIAL[1:]]


async def test_a_migrator_killed_at_any_moment_leaves_whole_migrations(
    bundle: Project, database: Database, children: Children
) -> None:
    seed = secrets.randbelow(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    tables = dict(zip(INITIAL, ["core_person", "venues_venue", "volunteer_points_award"], strict=True))
    for _ in range(2):
        children.start()
        time.sleep(dice.random() * 0.12)  # noqa: ASYNC251
        children.kill()
        # the server may still be at the last command of the dead: its lock is free when it has noticed
        async with database.namespace.migrating(patience=10, waiting=None):
            recorded = [str(one.step) for one in await applied(database.namespace, bundle.apps()) or ()]
            made = await database.tables()
        assert recorded == INITIAL[: len(recorded)]
        assert made == ({"core_migration"} if recorded else set()) | {tables[step] for step in recorded}
    await upgrade(database.namespace, bundle.apps(), patience=10)
    assert await database.applied() == INITIAL
