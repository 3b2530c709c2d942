"""Making a SQLite table anew, and the same change on PostgreSQL."""

from __future__ import annotations

from uuid import UUID

import pytest

from linli.core.records.migrations import upgrade
from tests.core.records.migrations.databases import Database, IntegrityErrors, SqliteDatabase
from tests.core.records.migrations.projects import Project

MODELS = """
class District(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length={length})
    code = fields.CharField(max_length=20)
    note = Text(null=True)

    class Meta:
        table = "core_district"
        unique_together = (("name", "code"),)
        indexes = (Index(fields=("code",), name="core_district_code"),)
        constraints = (CheckConstraint(check="code <> ''", name="core_district_coded"),)


class Permit(Model):
    id = fields.UUIDField(primary_key=True)
    district = fields.ForeignKeyField("core.District", related_name=False, on_delete=fields.CASCADE)

    class Meta:
        table = "core_permit"
"""
ONE = UUID(int=1)


async def widened(project: Project, database: Database, *between: str) -> None:
    """Apply the models, insert a district and a permit, run statements, then widen a column of the district."""
    project.models("core", MODELS.format(length=20))
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    await database.query("INSERT INTO core_district (id, name, code) VALUES (?, 'n', 'c')", ONE)
    await database.query("INSERT INTO core_permit (id, district_id) VALUES (?, ?)", ONE, ONE)
    for statement in between:
        await database.query(statement)
    project.models("core", MODELS.format(length=90))
    project.make("core", "widen")
    await upgrade(database.namespace, project.apps())


async def test_row_1_altering_a_parent_keeps_the_rows_that_point_at_it(project: Project, database: Database) -> None:
    await widened(project, database)
    assert len(await database.query("SELECT * FROM core_permit")) == 1
    await database.query("DELETE FROM core_district")
    assert await database.query("SELECT * FROM core_permit") == []


async def test_row_2_indexes_uniqueness_and_checks_outlive_the_change(project: Project, database: Database) -> None:
    await widened(project, database)
    add = "INSERT INTO core_district (id, name, code) VALUES (?, ?, ?)"
    with pytest.raises(IntegrityErrors):
        await database.query(add, UUID(int=2), "n", "c")
    with pytest.raises(IntegrityErrors):
        await database.query(add, UUID(int=2), "m", "")
    assert "core_district_code" in await index_names(database)


async def index_names(database: Database) -> set[str]:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
        "postgres": "SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = current_schema()",
    }
    return {row["name"] for row in await database.query(catalogue[database.engine])}


async def test_indexes_that_no_model_declares_are_kept(project: Project, database: Database) -> None:
    await widened(
        project,
        database,
        "CREATE INDEX hand_made ON core_district (name)",
        "CREATE INDEX in_part ON core_district (code) WHERE name > 'a'",
        "CREATE INDEX computed ON core_district (lower(name), code)",
        "CREATE INDEX backwards ON core_district (code DESC)",
    )
    assert {"hand_made", "in_part", "computed", "backwards", "core_district_code"} <= await index_names(database)


async def test_views_and_triggers_are_kept(project: Project, sqlite: SqliteDatabase) -> None:
    await widened(
        project,
        sqlite,
        "CREATE VIEW core_names AS SELECT name FROM core_district",
        "CREATE TRIGGER core_noting AFTER INSERT ON core_permit"
        " BEGIN UPDATE core_district SET note = 'seen'; SELECT 1; END",
        "CREATE TRIGGER core_renaming AFTER UPDATE OF note ON core_district"
        " BEGIN UPDATE core_district SET name = 'm'; END",
    )
    await sqlite.query("INSERT INTO core_permit (id, district_id) VALUES (?, ?)", UUID(int=2), ONE)
    assert await sqlite.query("SELECT name FROM core_names") == [{"name": "m"}]


async def test_row_ids_are_kept_for_those_who_point_at_them(project: Project, sqlite: SqliteDatabase) -> None:
    await widened(project, sqlite, "UPDATE core_district SET rowid = 70")
    assert await sqlite.query("SELECT rowid FROM core_district") == [{"rowid": 70}]


async def test_a_number_is_never_given_twice(project: Project, sqlite: SqliteDatabase) -> None:
    counted = """
        class Event(Model):
            number = fields.IntField(primary_key=True)
            name = fields.CharField(max_length={})

            class Meta:
                table = "core_event"
    """
    project.models("core", counted.format(20))
    project.make("core", "initial")
    await upgrade(sqlite.namespace, project.apps())
    for name in "abc":
        await sqlite.query("INSERT INTO core_event (name) VALUES (?)", name)
    await sqlite.query("DELETE FROM core_event WHERE name <> 'a'")
    project.models("core", counted.format(90))
    project.make("core", "widen")
    await upgrade(sqlite.namespace, project.apps())
    await sqlite.query("INSERT INTO core_event (name) VALUES ('d')")
    assert await sqlite.query("SELECT number, name FROM core_event ORDER BY number") == [
        {"number": 1, "name": "a"},
        {"number": 4, "name": "d"},
    ]


async def test_an_undeclared_index_goes_with_its_column(project: Project, database: Database) -> None:
    project.models("core", MODELS.format(length=20))
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    await database.query("CREATE INDEX noted ON core_district (code) WHERE note IS NOT NULL")
    await database.query("CREATE INDEX named ON core_district (name)")
    project.models("core", MODELS.format(length=20).replace("    note = Text(null=True)\n", ""))
    project.make("core", "no note")
    await upgrade(database.namespace, project.apps())
    assert "noted" not in await index_names(database)
    assert "named" in await index_names(database)


async def test_a_key_broken_by_a_migration_undoes_it(project: Project, sqlite: SqliteDatabase) -> None:
    project.models("core", MODELS.format(length=20))
    project.make("core", "initial")
    project.migration(
        "core",
        "0002_break",
        "ops.RunSQL(\"INSERT INTO core_permit (id, district_id) VALUES ('1', 'nowhere')\")",
        dependencies=[("core", "0001_initial")],
    )
    with pytest.raises(Exception, match="broken foreign keys: core_permit -> core_district"):
        await upgrade(sqlite.namespace, project.apps())
    assert await sqlite.applied() == ["core.0001_initial"]
    assert await sqlite.query("SELECT * FROM core_permit") == []
