"""What Tortoise 1.1.9's own migrations do, which is why they are not used: a change here is good news to act on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, require_context
from tortoise.exceptions import ConfigurationError, OperationalError
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.recorder import MigrationRecorder

from tests.core.records.migrations.databases import SqliteDatabase
from tests.core.records.migrations.projects import CORE, VENUES, Project
from tests.core.records.migrations.test_remake import MODELS, ONE


def then() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def stock(project: Project, database: SqliteDatabase, *labels: str) -> AsyncIterator[MigrationExecutor]:
    """Tortoise's own executor on the database, in a context with these apps."""
    database.path.parent.mkdir(exist_ok=True)
    apps: dict[str, dict[str, Any]] = {
        app.label: {
            "models": [app.models_module],
            "migrations": app.migrations_package,
            "default_connection": "default",
        }
        for app in project.apps(*labels)
    }
    async with TortoiseContext() as context:
        await context.init(config={"connections": {"default": database.tortoise_url()}, "apps": apps})
        yield MigrationExecutor(get_connection("default"), apps)


async def test_rows_1_2_and_3_it_loses_rows_indexes_uniqueness_and_checks(
    project: Project, sqlite: SqliteDatabase
) -> None:
    project.models("core", MODELS.format(length=20))
    project.make("core", "initial")
    async with stock(project, sqlite) as executor:
        await executor.migrate()
    assert "CHECK" not in str(await sqlite.query("SELECT sql FROM sqlite_master"))
    await sqlite.query("INSERT INTO core_district (id, name, code) VALUES (?, 'n', 'c')", ONE)
    await sqlite.query("INSERT INTO core_permit (id, district_id) VALUES (?, ?)", ONE, ONE)
    project.models("core", MODELS.format(length=90))
    project.make("core", "widen")
    async with stock(project, sqlite) as executor:
        await executor.migrate()
    assert await sqlite.query("SELECT * FROM core_permit") == []
    indexes = await sqlite.query("SELECT sql FROM sqlite_master WHERE tbl_name = 'core_district' AND type = 'index'")
    assert [row["sql"] for row in indexes] == [None]


async def test_row_4_it_finds_no_head_where_another_app_depends_on_it(bundle: Project, sqlite: SqliteDatabase) -> None:
    async with stock(bundle, sqlite) as executor:
        await executor.loader.build_graph()
        assert executor.loader.graph.leaf_nodes("core") == []


async def test_row_5_and_t1_it_writes_no_dependencies_between_apps(project: Project, sqlite: SqliteDatabase) -> None:
    for label, models in {"core": CORE, "venues": VENUES}.items():
        project.models(label, models)
        project._write(f"{label}/migrations/__init__.py", "")
    async with stock(project, sqlite) as executor:
        apps = executor.loader.apps_config
        registered = require_context().apps
        assert registered
        writers = await MigrationAutodetector(registered, apps, now=then).changes()
    assert {writer.app_label: writer.dependencies for writer in writers} == {"core": [], "venues": []}


async def test_row_6_it_cannot_make_an_app_without_those_it_points_at(bundle: Project, sqlite: SqliteDatabase) -> None:
    bundle._write("core/__init__.py", "")  # forget what making them related
    with pytest.raises(ConfigurationError, match="No app with name 'core' registered"):
        async with stock(bundle, sqlite, "venues"):
            pass


async def test_row_10_and_t3_it_cannot_migrate_one_app_of_several(bundle: Project, sqlite: SqliteDatabase) -> None:
    async with stock(bundle, sqlite, "core", "venues") as executor:
        only = {"venues": executor.loader.apps_config["venues"]}
        with pytest.raises(ValueError, match=r"references nonexistent parent core\.0001_initial"):
            await MigrationExecutor(executor.connection, only).migrate()


async def test_row_7_it_records_after_the_transaction(
    bundle: Project, sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: MigrationRecorder, app: str, name: str) -> None:
        raise KeyboardInterrupt

    usual = MigrationRecorder.record_applied
    monkeypatch.setattr(MigrationRecorder, "record_applied", fail)
    async with stock(bundle, sqlite, "core") as executor:
        with pytest.raises(KeyboardInterrupt):
            await executor.migrate()
    monkeypatch.setattr(MigrationRecorder, "record_applied", usual)
    async with stock(bundle, sqlite, "core") as executor:
        with pytest.raises(OperationalError, match="already exists"):
            await executor.migrate()


HALF_READY = """
import asyncio
from tortoise.connection import connections
from tortoise.exceptions import FieldError
from tortoise.migrations.api import migrate
from {root}.core.models import Person

async def main():
    await migrate(config={config!r})
    try:
        await Person.filter(name="p").count()
    except (AttributeError, FieldError):
        print("half ready")
    finally:
        await connections.close_all()

asyncio.run(main())
"""


async def test_row_9_its_migrate_leaves_models_that_cannot_be_queried(bundle: Project, sqlite: SqliteDatabase) -> None:
    sqlite.path.parent.mkdir()
    app = bundle.app("core")
    apps = {"core": {"models": [app.models_module], "migrations": app.migrations_package}}
    config = {"connections": {"default": sqlite.tortoise_url()}, "apps": apps}
    program = HALF_READY.format(root=bundle.root, config=config)
    found = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-B", "-c", program],
        cwd=bundle.folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert found.stdout == "half ready\n", found.stderr


async def test_t7_it_takes_an_unreadable_record_for_an_empty_one(bundle: Project, sqlite: SqliteDatabase) -> None:
    async with stock(bundle, sqlite, "core") as executor:
        await executor.migrate()
        assert len(await executor.recorder.applied_migrations()) == 1
    await asyncio.to_thread(sqlite.path.write_bytes, b"no database" * 1000)
    async with stock(bundle, sqlite, "core") as executor:
        assert await executor.recorder.applied_migrations() == []
