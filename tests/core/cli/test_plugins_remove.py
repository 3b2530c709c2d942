"""`linli plugins remove`: the only way in which tables go."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from linli.core.cli.main import application
from linli.core.config import load
from linli.core.districts import District, open_platform
from linli.core.districts.migrating import ensure_root
from linli.core.plugins.discovery import installed
from linli.core.records.unit_of_work import transact
from linli.plugins.venues.models import UnitWorkHours, Venue
from tests.core.cli.projects import Linli, Maker, Project, aside

ONE, TWO = UUID(int=1), UUID(int=2)
AT = datetime(2026, 3, 9, 1, 2, 3, 456, tzinfo=UTC)
RANGES = [{"weekday": "MONDAY", "start": 480, "end": 1080}]


async def _fill(district: District) -> None:
    root = await ensure_root(district)
    common: dict[str, Any] = {"created_at": AT, "updated_at": AT}

    async def write(_: object) -> None:
        for id_, name in ((TWO, "示例会议室"), (ONE, "示例篮球场")):
            await Venue.create(
                id=id_, name=name, name_key=name, kind="COURT", mode="BOOKED", owner_id=root.id, community_id=root.id,
                capacity=20, exclusive=id_ == ONE, units=1, buffer_before_minutes=0, buffer_after_minutes=0,
                open_from=420, open_to=1320, granularity_minutes=30, requires_approval=False, **common,
            )  # fmt: skip
        await UnitWorkHours.create(
            id=ONE, unit_id=root.id, valid_from=date(2026, 1, 1), ranges=RANGES, lunch_counts_as_work=True, **common
        )

    with district.scope():
        await transact(write)


async def _filled(project: Project) -> None:
    found = installed()
    async with open_platform(load(project.config, found), found) as platform:
        for district in platform.districts.values():
            await _fill(district)


@pytest.fixture
def filled(project: Project, linli: Linli) -> Project:
    """Two districts with venues, where the plugin is off again."""
    project.write(plugins='["venues"]')
    assert linli("migrate", "--config", project.config).exit_code == 0
    aside(_filled(project))
    return project.write()


def tables(project: Project, key: str | None = None) -> set[str]:
    """The plugin's tables that are there."""
    if project.url.startswith("postgres"):
        found = project.query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()", key)
    else:
        found = project.query("SELECT name FROM sqlite_master WHERE type = 'table'", key)
    return {name for (name,) in found if name.startswith("venues_")}


BOTH = {
    "venues_appeal",
    "venues_booking",
    "venues_closure",
    "venues_no_show",
    "venues_policy",
    "venues_series",
    "venues_usage",
    "venues_venue",
    "venues_waitlist",
    "venues_work_hours",
}


def removing(project: Project, file: str = "venues.zip", *more: str) -> list[object]:
    options = ["--district", project.key, "--export", project.folder / file, "--config", project.config]
    return ["plugins", "remove", "venues", *options, *more]


def exported(file: Path) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The manifest and the rows of every table."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.endswith(".jsonl")]
        rows = {
            name.removesuffix(".jsonl"): [json.loads(line) for line in archive.read(name).splitlines()]
            for name in names
        }
        return json.loads(archive.read("manifest.json")), rows


def test_rows_are_exported_alike_on_both_engines_and_tables_go(filled: Project, linli: Linli) -> None:
    result = linli(*removing(filled, "venues.zip", "--yes"))
    assert (result.exit_code, result.stderr) == (0, "")
    file = filled.folder / "venues.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert result.stdout.splitlines()[-1] == f"SHA-256 of the file: {sha256(file.read_bytes()).hexdigest()}"
    assert f"{filled.key}: venues_venue: 2 rows exported, table dropped" in result.stdout
    manifest, rows = exported(file)
    assert set(rows) == set(manifest["rows"]) == BOTH
    assert {table: len(found) for table, found in rows.items()} == manifest["rows"]
    assert (manifest["plugin"], manifest["version"], manifest["district"]) == ("venues", "0.1.0", filled.key)
    assert manifest["migrations"] == ["0001_initial", "0002_no_overlap", "0003_series_and_appeals", "0004_channel"]
    [(root,)] = filled.query("SELECT id FROM core_org_node WHERE parent_id IS NULL")
    assert [row["id"] for row in rows["venues_venue"]] == [str(ONE), str(TWO)]
    assert [row["exclusive"] for row in rows["venues_venue"]] == [True, False]
    assert rows["venues_work_hours"] == [
        {
            "id": str(ONE),
            "version": 1,
            "created_at": "2026-03-09T01:02:03.000456Z",
            "updated_at": "2026-03-09T01:02:03.000456Z",
            "unit_id": str(root),
            "valid_from": "2026-01-01",
            "ranges": RANGES,
            "lunch_counts_as_work": True,
        }
    ]
    assert tables(filled) == set()
    assert filled.query("SELECT name FROM core_migration WHERE app = 'venues'") == []
    assert tables(filled, filled.keys[1]) == BOTH
    assert sorted(it.name for it in filled.folder.iterdir() if "venues.zip" in it.name) == ["venues.zip"]


def test_the_removal_is_an_event_of_the_chain(filled: Project, linli: Linli) -> None:
    linli(*removing(filled, "venues.zip", "--yes"))
    audited = linli("audit", "verify", "--district", filled.key, "--config", filled.config)
    assert (audited.exit_code, audited.stderr) == (0, "")
    [(payload,)] = filled.query(
        "SELECT p.payload FROM core_event e JOIN core_event_payload p ON p.id = e.id"
        " WHERE e.type = 'core.plugin_removed' AND e.sequence IS NOT NULL AND e.actor_id IS NULL"
    )
    told = json.loads(payload)
    assert (told["plugin"], told["version"], told["by"]) == ("venues", "0.1.0", "linli plugins remove")
    assert {"table": "venues_venue", "rows": 2} in told["tables"]
    assert told["export_sha256"] == sha256((filled.folder / "venues.zip").read_bytes()).hexdigest()


def test_a_second_removal_finds_nothing_to_do_and_turning_it_on_again_makes_empty_tables(
    filled: Project, linli: Linli
) -> None:
    linli(*removing(filled, "venues.zip", "--yes"))
    before = (filled.folder / "venues.zip").read_bytes()
    again = linli(*removing(filled, "venues.zip", "--yes"))
    assert (again.exit_code, again.stdout) == (0, f"{filled.key}: venues has no tables here; nothing to do\n")
    assert (filled.folder / "venues.zip").read_bytes() == before
    filled.write(plugins='["venues"]')
    assert linli("migrate", "--config", filled.config).exit_code == 0
    assert tables(filled) == BOTH
    assert filled.query("SELECT count(*) FROM venues_venue") == [(0,)]
    assert filled.query("SELECT count(*) FROM venues_venue", filled.keys[1]) == [(2,)]


def test_a_plugin_that_is_on_is_refused(filled: Project, linli: Linli) -> None:
    filled.write(plugins='["venues"]')
    result = linli(*removing(filled, "venues.zip", "--yes"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: venues is on in district {filled.key}; take it out of `plugins` in ")
    assert tables(filled) == BOTH
    assert not (filled.folder / "venues.zip").exists()


def test_a_file_that_is_there_is_not_overwritten(filled: Project, linli: Linli) -> None:
    (filled.folder / "venues.zip").write_text("mine")
    result = linli(*removing(filled, "venues.zip", "--yes"))
    assert result.exit_code == 1
    assert "is there already and is not overwritten; name another file" in result.stderr
    assert (filled.folder / "venues.zip").read_text() == "mine"
    assert tables(filled) == BOTH


def test_a_folder_that_is_not_there_is_refused(filled: Project, linli: Linli) -> None:
    result = linli(*removing(filled, "no/venues.zip", "--yes"))
    assert (result.exit_code, result.stderr) == (1, f"error: {filled.folder / 'no'} is no folder; name a file in one\n")
    assert tables(filled) == BOTH


def test_where_nobody_can_be_asked_nothing_goes(filled: Project, linli: Linli) -> None:
    result = linli(*removing(filled))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: nobody can be asked, since stdin is no terminal; add --yes\n"
    assert tables(filled) == BOTH


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_at_a_terminal_one_is_asked(filled: Project, answer: str, code: int) -> None:
    shown, terminal = pty.openpty()
    command = [sys.executable, "-m", "linli.core.cli.main", *map(str, removing(filled))]
    with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asked:
        os.write(shown, answer.encode())
        _, told = asked.communicate(timeout=60)
    os.close(shown)
    os.close(terminal)
    assert asked.returncode == code, told
    assert f"{filled.key}: drop {len(BOTH)} tables of venues with 3 rows? [y/N]" in told
    assert (tables(filled) == BOTH) is bool(code)
    assert (filled.folder / "venues.zip").exists() is not bool(code)


def test_an_unknown_plugin_is_refused_with_the_nearest(filled: Project, linli: Linli) -> None:
    arguments = removing(filled)
    arguments[2] = "venus"
    result = linli(*arguments)
    assert (result.exit_code, result.stderr) == (2, 'error: unknown plugin "venus"; did you mean "venues"?\n')


def test_a_plugin_that_was_never_on_has_nothing_to_remove(project: Project, linli: Linli) -> None:
    result = linli(*removing(project, "venues.zip", "--yes"))
    assert (result.exit_code, result.stdout) == (0, f"{project.key}: venues has no tables here; nothing to do\n")
    assert not project.exists()


STORED = """
from linli.core.plugins.storage import Storage
@hookimpl
def linli_storage():
    return Storage(models=__name__ + ".models", migrations=__name__ + ".migrations")
"""
MODELS = """
from tortoise import fields
from linli.core.records.classes import public
from linli.core.records.record import Record
from linli.core.records.visible import Visible
class Lock(Record):
    size: int = public(fields.IntField())
    visible = Visible()
    class Meta:
        table = "locks_lock"
"""
MIGRATION = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops
class Migration(migrations.Migration):
    initial = True
    dependencies = [("venues", "0002_no_overlap")]
    operations = [
        ops.CreateModel(
            name="Lock",
            fields=[("id", fields.UUIDField(primary_key=True)), ("size", fields.IntField())],
            options={"table": "locks_lock"},
        ),
    ]
"""


def test_a_plugin_that_another_with_tables_needs_is_refused(filled: Project, made: Maker) -> None:
    locks = made("locks", STORED, depends_on={"venues": ""})
    folder = Path(str(locks.__file__)).parent
    (folder / "models.py").write_text(MODELS)
    (folder / "migrations").mkdir()
    (folder / "migrations" / "__init__.py").write_text("")
    (folder / "migrations" / "0001_initial.py").write_text(MIGRATION)
    app = application(installed([locks]))
    filled.write(plugins='["venues", "locks"]')
    done = CliRunner().invoke(app, ["migrate", "--config", str(filled.config)])
    assert done.exit_code == 0, done.output
    filled.write()
    result = CliRunner().invoke(app, [str(it) for it in removing(filled, "venues.zip", "--yes")])
    assert result.exit_code == 1
    assert result.stderr == "error: venues is needed by locks, which has tables here; remove that first\n"
    assert tables(filled) == BOTH
    assert not (filled.folder / "venues.zip").exists()
    first = [str(it) for it in removing(filled, "locks.zip", "--yes")]
    first[2] = "locks"
    for arguments in (first, [str(it) for it in removing(filled, "venues.zip", "--yes")]):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert tables(filled) == set()


REFUSING = """
from linli.core.errors import RejectedError, text
@hookimpl
async def linli_event(event):
    if event.type == "core.plugin_removed":
        raise RejectedError(text("Venues are still being counted"))
"""


def test_a_plugin_that_is_on_may_refuse_and_then_nothing_goes(filled: Project, made: Maker) -> None:
    app = application(installed([made("counting", REFUSING)]))
    filled.write(plugins='["counting"]')
    result = CliRunner().invoke(app, [str(it) for it in removing(filled, "venues.zip", "--yes")])
    assert (result.exit_code, result.stderr) == (1, "error: Venues are still being counted\n")
    assert tables(filled) == BOTH
    assert [it.name for it in filled.folder.iterdir() if "venues.zip" in it.name] == []
    assert filled.query("SELECT count(*) FROM core_event WHERE type = 'core.plugin_removed'") == [(0,)]


KILLING = """
import os, signal
@hookimpl
async def linli_event(event):
    if event.type == "core.plugin_removed":
        os.kill(os.getpid(), signal.SIGKILL)
"""
RUN = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
application(installed([importlib.import_module("made_for_cli_killing")]))(sys.argv[2:])
"""


def test_a_process_killed_between_export_and_drop_drops_nothing(filled: Project, made: Maker, linli: Linli) -> None:
    made("killing", KILLING)
    filled.write(plugins='["killing"]')
    arguments = [str(it) for it in removing(filled, "venues.zip", "--yes")]
    command = [sys.executable, "-c", RUN, str(filled.folder), *arguments]
    killed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert tables(filled) == BOTH
    assert filled.query("SELECT count(*) FROM venues_venue") == [(2,)]
    assert len(exported(filled.folder / "venues.zip")[1]["venues_venue"]) == 2
    filled.write()
    assert linli(*removing(filled, "second.zip", "--yes")).exit_code == 0
    assert tables(filled) == set()
    assert exported(filled.folder / "second.zip")[1] == exported(filled.folder / "venues.zip")[1]
