from __future__ import annotations

from uuid import UUID

import pytest

from linli.core.records.migrations import (
    BadMigrationError,
    MigrationRefusedError,
    PluginNeededError,
    applied,
    uninstall,
    upgrade,
)
from tests.core.records.migrations.databases import Database
from tests.core.records.migrations.projects import VENUES, Project

ONE = UUID(int=1)
FIRST = [("venues", "0001_initial")]


async def test_a_plugins_tables_and_records_go_and_nothing_else(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps("core", "venues"))
    await database.query("INSERT INTO core_person (id, name) VALUES (?, 'p')", ONE)
    await database.query("INSERT INTO venues_venue (id, name, owner_id) VALUES (?, 'v', ?)", ONE, ONE)
    told: list[str] = []
    gone = await uninstall(
        database.namespace, bundle.apps("core", "venues"), "venues", progress=lambda step, event: told.append(event)
    )
    assert [str(step) for step in gone] == ["venues.0001_initial"]
    assert told == ["start", "done"]
    assert await database.tables() == {"core_migration", "core_person"}
    assert await database.applied() == ["core.0001_initial"]
    assert len(await database.query("SELECT * FROM core_person")) == 1


async def test_it_can_be_installed_again(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps())
    await uninstall(database.namespace, bundle.apps(), "volunteer_points")
    done = await upgrade(database.namespace, bundle.apps())
    assert [str(step) for step in done] == ["volunteer_points.0001_initial"]
    assert await database.applied() == ["core.0001_initial", "venues.0001_initial", "volunteer_points.0001_initial"]


async def test_it_is_refused_while_a_plugin_that_is_on_depends_on_it(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps())
    with pytest.raises(PluginNeededError, match="venues is needed by volunteer_points; turn that off first") as refused:
        await uninstall(database.namespace, bundle.apps(), "venues")
    assert refused.value.details == {"neededBy": ["volunteer_points"]}
    assert "venues_venue" in await database.tables()


async def test_it_is_refused_while_rows_of_a_plugin_that_is_off_may_point_at_it(
    bundle: Project, database: Database
) -> None:
    await upgrade(database.namespace, bundle.apps())
    with pytest.raises(PluginNeededError, match="Rows of volunteer_points_award point at venues"):
        await uninstall(database.namespace, bundle.apps("core", "venues"), "venues")
    assert {"venues_venue", "volunteer_points_award"} <= await database.tables()
    await uninstall(database.namespace, bundle.apps(), "volunteer_points")
    await uninstall(database.namespace, bundle.apps("core", "venues"), "venues")
    assert await database.tables() == {"core_migration", "core_person"}


async def test_core_is_never_removed(bundle: Project, database: Database) -> None:
    with pytest.raises(MigrationRefusedError, match="core cannot be removed"):
        await uninstall(database.namespace, bundle.apps("core"), "core")


async def test_an_unknown_plugin_is_refused(bundle: Project, database: Database) -> None:
    with pytest.raises(BadMigrationError, match="no app 'venue'; did you mean 'venues'"):
        await uninstall(database.namespace, bundle.apps(), "venue")


async def test_nothing_is_made_where_nothing_is(bundle: Project, database: Database) -> None:
    assert await uninstall(database.namespace, bundle.apps(), "volunteer_points") == []
    assert await applied(database.namespace, bundle.apps()) is None


async def test_a_plugin_that_was_never_on_has_nothing_to_remove(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps("core"))
    assert await uninstall(database.namespace, bundle.apps(), "volunteer_points") == []
    assert await database.applied() == ["core.0001_initial"]


async def test_tables_of_a_plugin_whose_name_begins_alike_stay(bundle: Project, database: Database) -> None:
    bundle.models("venues_extra", VENUES.replace("venues_venue", "venues_extra_venue"))
    bundle.make("venues_extra", "initial")
    await upgrade(database.namespace, bundle.apps("core", "venues", "venues_extra"))
    await uninstall(database.namespace, bundle.apps("core", "venues"), "venues")
    assert await database.tables() == {"core_migration", "core_person", "venues_extra_venue"}


MADE_BY_HAND = """
RunDialectSQL(
    sqlite=[
        "CREATE VIRTUAL TABLE venues_search USING fts5(name)",
        "CREATE VIEW venues_names AS SELECT name FROM venues_venue",
        "CREATE INDEX of_venues ON core_person (name)",
    ],
    postgres=[
        "CREATE TABLE venues_search (name TEXT)",
        "CREATE VIEW venues_names AS SELECT name FROM venues_venue",
        "CREATE MATERIALIZED VIEW venues_listed AS SELECT name FROM venues_venue",
        "CREATE INDEX of_venues ON core_person (name)",
    ],
    reverse_sqlite=["DROP INDEX IF EXISTS of_venues"],
    reverse_postgres=["DROP INDEX IF EXISTS of_venues"],
),
ops.RunPython(nothing),
ops.RemoveField('Venue', 'name'),
"""


async def test_what_was_made_by_hand_goes_too_and_history_need_not_be_reversible(
    bundle: Project, database: Database
) -> None:
    operations = MADE_BY_HAND.replace("ops.RemoveField('Venue', 'name'),", "")
    before = "async def nothing(apps, editor):\n    pass\n"
    bundle.migration("venues", "0002_search", operations, dependencies=FIRST, before=before)
    await upgrade(database.namespace, bundle.apps("core", "venues"))
    gone = await uninstall(database.namespace, bundle.apps("core", "venues"), "venues")
    assert [step.name for step in gone] == ["0002_search", "0001_initial"]
    assert await database.tables() == {"core_migration", "core_person"}
    await database.query("CREATE INDEX of_venues ON core_person (name)")


async def test_models_that_point_at_each_other_go_together(project: Project, database: Database) -> None:
    project.models("core", "class Person(Model):\n    id = fields.UUIDField(primary_key=True)\n"
                   "    class Meta:\n        table = 'core_person'\n")  # fmt: skip
    project.models(
        "venues",
        """
        class Hall(Model):
            id = fields.UUIDField(primary_key=True)
            desk = fields.ForeignKeyField("venues.Desk", related_name=False, on_delete=fields.RESTRICT, null=True)
            users = fields.ManyToManyField("venues.Desk", through="venues_user", related_name="halls")

            class Meta:
                table = "venues_hall"


        class Desk(Model):
            id = fields.UUIDField(primary_key=True)
            hall = fields.ForeignKeyField("venues.Hall", related_name=False, on_delete=fields.RESTRICT, null=True)

            class Meta:
                table = "venues_desk"
        """,
    )
    for label in ("core", "venues"):
        project.make(label, "initial")
    await upgrade(database.namespace, project.apps())
    assert {"venues_hall", "venues_desk", "venues_user"} <= await database.tables()
    await uninstall(database.namespace, project.apps(), "venues")
    assert await database.tables() == {"core_migration", "core_person"}


async def test_a_removal_that_fails_removes_nothing(bundle: Project, database: Database) -> None:
    operations = "RunDialectSQL(reverse_sqlite=['DROP TABLE nowhere'], reverse_postgres=['DROP TABLE nowhere'])"
    bundle.migration("venues", "0002_x", operations, dependencies=FIRST)
    await upgrade(database.namespace, bundle.apps("core", "venues"))
    with pytest.raises(Exception, match="nowhere"):
        await uninstall(database.namespace, bundle.apps("core", "venues"), "venues")
    assert "venues_venue" in await database.tables()
    assert await database.applied() == ["core.0001_initial", "venues.0001_initial", "venues.0002_x"]
