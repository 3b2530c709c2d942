"""A project of its own and an empty database for every test of migrations."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.core.records.migrations.databases import Database, PostgresDatabase, SqliteDatabase
from tests.core.records.migrations.projects import Project

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """An empty project; its modules are rewritten faster than the clock of compiled files ticks."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Project(tmp_path)
    yield made
    made.forget()


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Core, venues and volunteer_points with their first migrations, made once."""
    folder = tmp_path_factory.mktemp("bundled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.syspath_prepend(str(folder))
        return Project(folder).bundle()


@pytest.fixture
def bundle(project: Project, bundled: Project) -> Project:
    """Core, venues and volunteer_points with their first migrations."""
    return project.copy_of(bundled)


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The server that LINLI_TEST_POSTGRES names, or a local one; skips when there is neither."""
    url = os.environ.get("LINLI_TEST_POSTGRES")
    try:
        # in a thread, since a loop may be running where the fixture is asked for
        with ThreadPoolExecutor() as thread:
            thread.submit(asyncio.run, _answers(url or LOCAL)).result()
    except OSError as error:
        if url:
            raise
        pytest.skip(f"NOT TESTED ON POSTGRESQL: LINLI_TEST_POSTGRES is unset and {LOCAL} does not answer ({error})")
    return url or LOCAL


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty namespace that does not exist yet."""
    async with _namespace(request, tmp_path / "data" / "district.sqlite3") as made:
        yield made


@pytest.fixture
async def second(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[Database]:
    """Another empty namespace of the same engine."""
    async with _namespace(request, tmp_path / "data" / "second.sqlite3", engine=database.engine) as made:
        yield made


@asynccontextmanager
async def _namespace(
    request: pytest.FixtureRequest, path: Path, *, engine: str | None = None
) -> AsyncIterator[Database]:
    if (engine or request.param) == "sqlite":
        yield SqliteDatabase(path)
        return
    made = PostgresDatabase(request.getfixturevalue("postgres_url"), f"d_test_{uuid4().hex[:12]}")
    try:
        yield made
    finally:
        await made.drop()


@pytest.fixture
def sqlite(tmp_path: Path) -> SqliteDatabase:
    """A SQLite file that does not exist yet."""
    return SqliteDatabase(tmp_path / "data" / "district.sqlite3")


async def _answers(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    await connection.close()
