from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from linli.core.records.migrations import (
    MigrationLockedError,
    MigrationRefusedError,
    PostgresNamespace,
    UnreadableNamespaceError,
    ahead,
    applied,
    behind,
    plan,
    upgrade,
)
from tests.core.records.migrations.databases import Database, PostgresDatabase, SqliteDatabase
from tests.core.records.migrations.projects import Project

FIRST = [("core", "0001_initial")]


async def test_an_empty_namespace_is_behind_by_everything_and_stays_unmade(bundle: Project, database: Database) -> None:
    assert len(await behind(database.namespace, bundle.apps())) == 3
    assert await applied(database.namespace, bundle.apps()) is None
    assert await ahead(database.namespace, bundle.apps()) == []
    if isinstance(database, SqliteDatabase):
        assert not database.path.parent.exists()
    else:
        assert await database.query("SELECT to_regnamespace(?) AS oid", str(database.namespace).split()[1]) == [
            {"oid": None}
        ]


async def test_a_namespace_is_behind_until_it_is_upgraded(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps())
    assert await behind(database.namespace, bundle.apps()) == []
    bundle.migration("core", "0002_more", "", dependencies=FIRST)
    assert [str(step) for step in await behind(database.namespace, bundle.apps())] == ["core.0002_more"]


async def test_a_namespace_that_is_ahead_is_not_behind(bundle: Project, database: Database) -> None:
    bundle.migration("core", "0002_more", "", dependencies=FIRST)
    await upgrade(database.namespace, bundle.apps())
    bundle.folder.joinpath(bundle.root, "core/migrations/0002_more.py").unlink()
    bundle._write("core/__init__.py", "")
    assert await behind(database.namespace, bundle.apps()) == []
    assert [str(step) for step in await ahead(database.namespace, bundle.apps())] == ["core.0002_more"]


async def test_reading_leaves_no_files_beside_the_database(bundle: Project, sqlite: SqliteDatabase) -> None:
    await upgrade(sqlite.namespace, bundle.apps())
    files = {path.name for path in sqlite.path.parent.iterdir()}
    assert files == {"district.sqlite3", "district.sqlite3.migrating"}
    await behind(sqlite.namespace, bundle.apps())
    assert {path.name for path in sqlite.path.parent.iterdir()} == files


@pytest.mark.parametrize("ask", [behind, ahead, applied, plan, upgrade])
async def test_t7_a_record_that_cannot_be_read_is_not_taken_for_an_empty_one(
    bundle: Project, database: Database, ask: type
) -> None:
    await upgrade(database.namespace, bundle.apps())
    await database.query("ALTER TABLE core_migration RENAME COLUMN position TO place")
    with pytest.raises(UnreadableNamespaceError, match="core_migration cannot be read"):
        await ask(database.namespace, bundle.apps())


@pytest.mark.parametrize("ask", [behind, applied, plan, upgrade])
async def test_t7_a_file_that_is_no_database_is_unreadable(bundle: Project, sqlite: SqliteDatabase, ask: type) -> None:
    sqlite.path.parent.mkdir()
    sqlite.path.write_text("this is not a database, whatever its name says" * 50, encoding="utf-8")
    with pytest.raises(UnreadableNamespaceError, match="not a database"):
        await ask(sqlite.namespace, bundle.apps())


async def test_t7_a_folder_is_unreadable(bundle: Project, sqlite: SqliteDatabase) -> None:
    sqlite.path.mkdir(parents=True)
    with pytest.raises(UnreadableNamespaceError, match="unable to open"):
        await behind(sqlite.namespace, bundle.apps())


async def test_t7_a_record_that_one_may_not_read_is_unreadable(bundle: Project, postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, f"d_test_{bundle.root[8:]}")
    role = f"{database.name}_reader"
    try:
        await upgrade(database.namespace, bundle.apps())
        await database.query(f'CREATE ROLE "{role}" LOGIN')
        await database.query(f'GRANT USAGE ON SCHEMA "{database.name}" TO "{role}"')
        namespace = PostgresNamespace({"dsn": postgres_url, "user": role}, database.name)
        with pytest.raises(UnreadableNamespaceError, match="permission denied for table core_migration"):
            await behind(namespace, bundle.apps())
    finally:
        await database.query(f'REVOKE ALL ON SCHEMA "{database.name}" FROM "{role}"')
        await database.query(f'DROP ROLE "{role}"')
        await database.drop()


async def test_t7_a_server_that_does_not_answer_is_unreadable(bundle: Project) -> None:
    namespace = PostgresNamespace("postgres://nobody@127.0.0.1:1/nowhere", "d_x")
    with pytest.raises(UnreadableNamespaceError, match="schema d_x"):
        await behind(namespace, bundle.apps())


def test_a_namespace_shows_no_password() -> None:
    namespace = PostgresNamespace("postgres://somebody:secret@host/linli", "d_x")
    assert "secret" not in f"{namespace} {namespace!r}"


async def test_tables_without_a_record_are_refused(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps())
    await database.query("DROP TABLE core_migration")
    for ask in (behind, plan, upgrade):
        with pytest.raises(MigrationRefusedError, match=r"no record of migrations .*core_person, venues_venue"):
            await ask(database.namespace, bundle.apps())


async def test_tables_of_others_are_nobodys_business(bundle: Project, database: Database) -> None:
    if isinstance(database, PostgresDatabase):
        await database.query(f'CREATE SCHEMA "{database.name}"')
    else:
        assert isinstance(database, SqliteDatabase)
        database.path.parent.mkdir()
    await database.query("CREATE TABLE spatial_ref_sys (id INT)")
    assert len(await upgrade(database.namespace, bundle.apps())) == 3


async def test_the_same_table_in_public_is_not_taken_for_ones_own(bundle: Project, postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, f"d_test_{bundle.root[8:]}")
    stray = PostgresDatabase(postgres_url, "public")
    try:
        await stray.query("CREATE TABLE public.core_migration (app TEXT, name TEXT)")
        assert await applied(database.namespace, bundle.apps()) is None
        assert len(await upgrade(database.namespace, bundle.apps())) == 3
        assert await stray.query("SELECT * FROM public.core_migration") == []
    finally:
        await stray.query("DROP TABLE IF EXISTS public.core_migration")
        await stray._opened.close()
        await database.drop()


async def test_waiting_for_another_migrator_is_told_and_ends(bundle: Project, database: Database) -> None:
    told: list[str] = []
    async with database.namespace.migrating(patience=1, waiting=None):
        with pytest.raises(MigrationLockedError, match="gave up waiting"):
            await upgrade(database.namespace, bundle.apps(), waiting=told.append, patience=0.2)
    assert told == [f"another migrator is at work on {database.namespace}; waiting up to 0 s"]
    assert len(await upgrade(database.namespace, bundle.apps(), patience=0.2)) == 3


async def test_districts_do_not_wait_for_each_other(bundle: Project, database: Database, second: Database) -> None:
    async with database.namespace.migrating(patience=1, waiting=None):
        assert len(await upgrade(second.namespace, bundle.apps(), patience=0)) == 3


async def test_waiting_is_logged_when_nobody_else_is_told(
    bundle: Project, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.namespace.migrating(patience=1, waiting=None):
        with pytest.raises(MigrationLockedError):
            await upgrade(database.namespace, bundle.apps(), patience=0.1)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"another migrator is at work on {database.namespace}; waiting up to 0 s"
    ]


async def test_a_writer_that_does_not_end_stops_the_migration_before_it_begins(
    bundle: Project, sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upgrade(sqlite.namespace, bundle.apps("core"))
    monkeypatch.setattr("linli.core.records.migrations.sqlite.BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(sqlite.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            await upgrade(sqlite.namespace, bundle.apps())
    assert len(await upgrade(sqlite.namespace, bundle.apps())) == 2


async def test_a_reader_that_does_not_end_stops_no_migration(bundle: Project, sqlite: SqliteDatabase) -> None:
    await upgrade(sqlite.namespace, bundle.apps("core"))
    with closing(sqlite3.connect(sqlite.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM core_person")
        assert len(await upgrade(sqlite.namespace, bundle.apps())) == 2
