from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tortoise.backends.base import executor
from tortoise.context import TortoiseContext, get_current_context

from linli.core import clock
from linli.core.records.migrations import (
    BadMigrationError,
    MigrationRefusedError,
    Step,
    applied,
    plan,
    upgrade,
)
from tests.core.records.migrations.databases import Database, IntegrityErrors
from tests.core.records.migrations.projects import CORE, VENUES, Project

INITIAL = ["core.0001_initial", "venues.0001_initial", "volunteer_points.0001_initial"]
FIRST = [("core", "0001_initial")]
OLD = UUID(int=1)


async def test_a_new_namespace_is_made_and_filled(bundle: Project, database: Database) -> None:
    done = await upgrade(database.namespace, bundle.apps())
    assert [str(step) for step in done] == INITIAL == await database.applied()
    assert await database.tables() == {"core_migration", "core_person", "venues_venue", "volunteer_points_award"}
    assert await upgrade(database.namespace, bundle.apps()) == []


async def test_the_plan_is_what_is_done_and_makes_nothing(bundle: Project, database: Database) -> None:
    steps = await plan(database.namespace, bundle.apps())
    assert [str(step) for step in steps] == INITIAL
    assert await applied(database.namespace, bundle.apps()) is None
    assert await upgrade(database.namespace, bundle.apps()) == steps
    assert await plan(database.namespace, bundle.apps()) == []


async def test_progress_is_told_step_by_step(bundle: Project, database: Database) -> None:
    told: list[tuple[str, str]] = []
    await upgrade(database.namespace, bundle.apps("core"), progress=lambda step, event: told.append((str(step), event)))
    assert told == [("core.0001_initial", "start"), ("core.0001_initial", "done")]


async def test_the_record_says_when_and_with_which_version(bundle: Project, database: Database) -> None:
    before = clock.use(clock.FrozenClock(datetime(2031, 5, 1, 8, 30, 0, 5, tzinfo=UTC)))
    try:
        await upgrade(database.namespace, bundle.apps("core", "venues"))
    finally:
        clock.use(before)
    recorded = await applied(database.namespace, bundle.apps())
    assert recorded
    assert [(one.step, one.version, one.position) for one in recorded] == [
        (Step("core", "0001_initial"), "1.2.3", 1),
        (Step("venues", "0001_initial"), "1.2.3", 2),
    ]
    assert {one.applied_at for one in recorded} == {datetime(2031, 5, 1, 8, 30, 0, 5, tzinfo=UTC)}


async def test_a_plugin_turned_on_later_applies_only_its_own(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps("core"))
    await database.query("INSERT INTO core_person (id, name) VALUES (?, 'p')", OLD)
    done = await upgrade(database.namespace, bundle.apps("core", "venues"))
    assert [str(step) for step in done] == ["venues.0001_initial"]
    await database.query("INSERT INTO venues_venue (id, name, owner_id) VALUES (?, 'v', ?)", OLD, OLD)


async def test_a_plugin_turned_off_keeps_rows_and_records_and_continues_when_on_again(
    bundle: Project, database: Database
) -> None:
    await upgrade(database.namespace, bundle.apps())
    await database.query("INSERT INTO core_person (id, name) VALUES (?, 'p')", OLD)
    await database.query("INSERT INTO venues_venue (id, name, owner_id) VALUES (?, 'v', ?)", OLD, OLD)
    bundle.models("core", CORE.replace("    class Meta", "    phone = Text(null=True)\n\n    class Meta"))
    bundle.make("core", "phone")
    bundle.models(
        "venues", VENUES.replace("    class Meta", "    seats = fields.IntField(null=True)\n\n    class Meta")
    )
    bundle.make("venues", "seats")

    done = await upgrade(database.namespace, bundle.apps("core"))
    assert [str(step) for step in done] == ["core.0002_phone"]
    assert await database.applied() == [*INITIAL, "core.0002_phone"]
    assert len(await database.query("SELECT * FROM venues_venue")) == 1

    done = await upgrade(database.namespace, bundle.apps())
    assert [str(step) for step in done] == ["venues.0002_seats"]
    assert await database.query("SELECT name, seats FROM venues_venue") == [{"name": "v", "seats": None}]


async def test_t4_the_rows_of_a_plugin_that_is_off_hold_those_of_core(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps("core", "venues"))
    await database.query("INSERT INTO core_person (id, name) VALUES (?, 'p')", OLD)
    await database.query("INSERT INTO venues_venue (id, name, owner_id) VALUES (?, 'v', ?)", OLD, OLD)
    assert await upgrade(database.namespace, bundle.apps("core")) == []
    with pytest.raises(IntegrityErrors):
        await database.query("DELETE FROM core_person")
    assert len(await database.query("SELECT * FROM venues_venue")) == 1


async def test_t1_and_t2_a_forgotten_dependency_does_no_harm_for_core_comes_first(
    project: Project, database: Database
) -> None:
    project.models("core", CORE)
    project.make("core", "initial")
    project.models("aged", VENUES.replace("venues_", "aged_"))
    text = project.make("aged", "initial")
    assert text
    project._write("aged/migrations/0001_initial.py", text.replace("[('core', '0001_initial')]", "[]"))
    done = await upgrade(database.namespace, project.apps("aged", "core"))
    assert [str(step) for step in done] == ["core.0001_initial", "aged.0001_initial"]


async def test_row_3_the_checks_of_a_model_are_made_with_it(project: Project, database: Database) -> None:
    project.models(
        "core", CORE + '        constraints = (CheckConstraint(check="born > 1800", name="core_person_born"),)\n'
    )
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    with pytest.raises(IntegrityErrors):
        await database.query("INSERT INTO core_person (id, name, born) VALUES (?, 'p', 1700)", OLD)


FAILING = """
ops.AddField(model_name='Person', name='phone', field=fields.TextField(null=True)),
ops.CreateModel(
    name='Dog',
    fields=[('id', fields.UUIDField(primary_key=True))],
    options={'table': 'core_dog'},
),
ops.RunPython(fail),
"""
FAIL = """
async def fail(apps, editor):
    await editor.client.execute_script("CREATE TABLE core_cat (id INT); INSERT INTO core_cat VALUES (1)")
    raise RuntimeError("half way")
"""


async def test_row_7_a_migration_and_its_record_are_one_transaction(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps("core"))
    tables, columns = await database.tables(), await database.schema("core_person")
    bundle.migration("core", "0002_more", FAILING, dependencies=FIRST, before=FAIL)
    with pytest.raises(RuntimeError, match="half way"):
        await upgrade(database.namespace, bundle.apps("core"))
    assert (await database.tables(), await database.schema("core_person")) == (tables, columns)
    assert await database.applied() == INITIAL[:1]

    bundle.migration("core", "0002_more", FAILING.replace("ops.RunPython(fail),", ""), dependencies=FIRST)
    assert await upgrade(database.namespace, bundle.apps("core")) == [Step("core", "0002_more")]
    assert await database.tables() == {*tables, "core_dog"}


async def test_row_7_a_first_migration_that_fails_leaves_nothing(project: Project, database: Database) -> None:
    project.models("core", CORE)
    project.migration("core", "0001_initial", FAILING.partition("\n")[2].partition("\n")[2], before=FAIL)
    with pytest.raises(RuntimeError, match="half way"):
        await upgrade(database.namespace, project.apps())
    assert await database.tables() == set()
    assert await applied(database.namespace, project.apps()) is None


async def test_the_migrations_before_a_failing_one_stay(bundle: Project, database: Database) -> None:
    bundle.migration("venues", "0002_more", "ops.RunSQL('SELECT nonsense')", dependencies=[("venues", "0001_initial")])
    with pytest.raises(Exception, match="nonsense"):
        await upgrade(database.namespace, bundle.apps())
    assert await database.applied() == INITIAL[:2]


async def test_a_cancelled_migration_leaves_nothing_and_frees_the_lock(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps("core"))
    bundle.migration(
        "core",
        "0002_slow",
        "ops.RunSQL('CREATE TABLE core_cat (id INT)'), ops.RunPython(sleep)",
        dependencies=FIRST,
        before="import asyncio\nasync def sleep(apps, editor):\n    await asyncio.sleep(60)\n",
    )
    started = asyncio.Event()
    task = asyncio.create_task(
        upgrade(database.namespace, bundle.apps("core"), progress=lambda step, event: started.set())
    )
    await started.wait()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "core_cat" not in await database.tables()
    bundle.migration("core", "0002_slow", "", dependencies=FIRST)
    assert await upgrade(database.namespace, bundle.apps("core"), patience=1) == [Step("core", "0002_slow")]


async def test_a_database_newer_than_the_packages_is_refused(bundle: Project, database: Database) -> None:
    bundle.migration("venues", "0002_newer", "", dependencies=[("venues", "0001_initial")])
    await upgrade(database.namespace, bundle.apps())
    bundle.folder.joinpath(bundle.root, "venues/migrations/0002_newer.py").unlink()
    bundle._write("venues/__init__.py", "")
    for act in (plan, upgrade):
        with pytest.raises(MigrationRefusedError, match=r"newer than what is installed: it has venues\.0002_newer"):
            await act(database.namespace, bundle.apps())


async def test_a_migration_that_slipped_in_before_an_applied_one_is_refused(
    bundle: Project, database: Database
) -> None:
    bundle.migration("core", "0003_later", "", dependencies=FIRST)
    await upgrade(database.namespace, bundle.apps())
    bundle.migration("core", "0002_between", "", dependencies=FIRST)
    bundle.migration("core", "0003_later", "", dependencies=[("core", "0002_between")])
    with pytest.raises(MigrationRefusedError, match=r"core\.0003_later was applied, but core\.0002_between"):
        await upgrade(database.namespace, bundle.apps())


async def test_operations_that_do_not_fit_the_models_are_refused(bundle: Project, database: Database) -> None:
    bundle.migration("core", "0002_x", "ops.RemoveField('Person', 'nose')", dependencies=FIRST)
    with pytest.raises(BadMigrationError, match=r"core\.0002_x: RemoveField does not fit .*nose is not present"):
        await upgrade(database.namespace, bundle.apps())


async def test_a_key_to_a_model_that_was_never_made_is_refused_before_its_table_is(
    project: Project, database: Database
) -> None:
    project.models("core", CORE)
    project.migration(
        "core",
        "0001_initial",
        "ops.CreateModel('Dog', [('id', fields.UUIDField(primary_key=True)),"
        " ('keeper', fields.ForeignKeyField('core.Person'))], {'table': 'core_dog'})",
    )
    with pytest.raises(BadMigrationError, match=r"core\.0001_initial points at a model .*core\.Dog"):
        await upgrade(database.namespace, project.apps())
    assert await database.tables() == set()


@pytest.fixture
def no_statements() -> Iterator[None]:
    """Tortoise keeps statements by table for the whole process, whichever engine they were made for."""
    executor.EXECUTOR_CACHE.clear()
    yield
    executor.EXECUTOR_CACHE.clear()


@pytest.mark.usefixtures("no_statements")
async def test_row_9_the_models_are_whole_after_migrating_in_the_same_process(
    bundle: Project, database: Database
) -> None:
    before = get_current_context()
    await upgrade(database.namespace, bundle.apps())
    config = {
        "connections": {"default": database.tortoise_url()},
        "apps": {"core": {"models": [bundle.app("core").models_module]}},
    }
    async with TortoiseContext() as context:
        await context.init(config=config)
        person = context.get_model("core", "Person")
        await person.create(name="p")
        assert await person.filter(name="p").count() == 1
        await upgrade(database.namespace, bundle.apps())
        assert await person.filter(name="p").count() == 1
    assert get_current_context() is before


FILL = """
async def fill(apps, editor):
    person = apps.get_model("core.Person")
    await person.create(name="made by 0002")
    await person.filter(name="old").update(name="older")
    await person.bulk_create([person(name="in bulk")])
    await apps.get_model("venues.Venue").create(name="v", owner=await person.get(name="older"))
    assert await apps.get_model("venues.Venue").filter(owner__name="older").count() == 1
"""


@pytest.mark.usefixtures("no_statements")
async def test_data_migrations_use_the_models_as_they_were_then(
    bundle: Project, database: Database, second: Database
) -> None:
    # venues reads core's person, so the data are moved by venues
    bundle.migration(
        "venues", "0002_fill", "ops.RunPython(fill)", dependencies=[("venues", "0001_initial")], before=FILL
    )
    bundle.models("core", CORE.replace("    class Meta", '    phone = Text(db_default="none")\n\n    class Meta'))
    config = {
        "connections": {"default": database.tortoise_url()},
        "apps": {"core": {"models": [bundle.app("core").models_module]}},
    }
    async with TortoiseContext() as context:
        await context.init(config=config)
        for target in (database, second):
            await upgrade(target.namespace, bundle.apps("core"))
            await target.query("INSERT INTO core_person (id, name) VALUES (?, 'old')", OLD)
            await upgrade(target.namespace, bundle.apps())
            names = await target.query("SELECT name FROM core_person ORDER BY name")
            assert [row["name"] for row in names] == ["in bulk", "made by 0002", "older"]
            if target is database:
                bundle.make("core", "phone")
                await upgrade(target.namespace, bundle.apps())
                person: Any = context.get_model("core", "Person")
                made = await person.create(name="new", phone="1")
                assert (await person.get(id=made.id)).phone == "1"
                bundle.folder.joinpath(bundle.root, "core/migrations/0002_phone.py").unlink()
                bundle._write("core/__init__.py", "")


async def test_districts_are_migrated_side_by_side(bundle: Project, database: Database, second: Database) -> None:
    bundle.migration(
        "core",
        "0002_fill",
        "ops.RunPython(fill), ops.AddField(model_name='Person', name='phone', field=fields.TextField(null=True))",
        dependencies=FIRST,
        before="""
        import asyncio

        async def fill(apps, editor):
            for number in range(5):
                await apps.get_model("core.Person").create(name=str(number))
                await asyncio.sleep(0.01)
        """,
    )
    done = await asyncio.gather(*(upgrade(target.namespace, bundle.apps()) for target in (database, second)))
    assert [len(steps) for steps in done] == [4, 4]
    for target in (database, second):
        assert len(await target.query("SELECT * FROM core_person WHERE phone IS NULL")) == 5


async def test_a_failing_data_migration_is_undone_with_everything_it_wrote(bundle: Project, database: Database) -> None:
    await upgrade(database.namespace, bundle.apps())
    bundle.migration(
        "core",
        "0002_fill",
        "ops.RunPython(fill)",
        dependencies=FIRST,
        before="""
        from tortoise.transactions import in_transaction

        async def fill(apps, editor):
            person = apps.get_model("core.Person")
            async with in_transaction(editor.client.connection_name):
                await person.create(name="inner")
            assert await person.all().count() == 1
            raise RuntimeError("half way")
        """,
    )
    with pytest.raises(RuntimeError, match="half way"):
        await upgrade(database.namespace, bundle.apps())
    assert await database.query("SELECT * FROM core_person") == []
