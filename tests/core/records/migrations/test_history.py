from __future__ import annotations

import pytest

from linli.core.records.migrations import BadMigrationError, Step, heads, load
from tests.core.records.migrations.projects import CORE, Project

FIRST = [("core", "0001_initial")]


def later(bundle: Project) -> None:
    bundle.migration("core", "0002_later", "", dependencies=FIRST)
    bundle.migration("venues", "0002_more", "", dependencies=[("venues", "0001_initial"), ("core", "0002_later")])


def test_row_4_heads_are_counted_per_app_whoever_depends_on_them(bundle: Project) -> None:
    later(bundle)
    assert heads(bundle.apps()) == {"core": "0002_later", "venues": "0002_more", "volunteer_points": "0001_initial"}


def test_an_app_without_migrations_has_no_head(project: Project) -> None:
    project.models("core", CORE)
    project._write("core/migrations/__init__.py", "")
    assert heads(project.apps()) == {"core": None}


def test_history_is_in_the_order_of_application(bundle: Project) -> None:
    later(bundle)
    assert [str(step) for step in load(reversed(bundle.apps())).migrations] == [
        "core.0001_initial",
        "core.0002_later",
        "venues.0001_initial",
        "venues.0002_more",
        "volunteer_points.0001_initial",
    ]


def test_ancestors_reach_over_apps(bundle: Project) -> None:
    later(bundle)
    ancestors = load(bundle.apps()).ancestors(Step("venues", "0002_more"))
    assert {str(step) for step in ancestors} == {"core.0001_initial", "core.0002_later", "venues.0001_initial"}


def test_the_first_migration_of_another_app_may_be_named_by_its_place(bundle: Project) -> None:
    bundle.migration("venues", "0002_more", "", dependencies=[("venues", "0001_initial"), ("core", "__first__")])
    assert Step("core", "0001_initial") in load(bundle.apps()).parents[Step("venues", "0002_more")]


def test_t3_and_row_10_a_plugin_alone_is_refused_since_its_keys_point_at_core(bundle: Project) -> None:
    with pytest.raises(BadMigrationError, match="venues depends on 'core', which is not here"):
        load(bundle.apps("venues"))


@pytest.mark.parametrize(
    ("label", "name", "dependencies", "message"),
    [
        ("venues", "0002_x", [("venues", "0001_inital")], "venues.0001_inital, .*did you mean '0001_initial'"),
        ("venues", "0002_x", [("venues", "0001_initial"), ("core", "0009_x")], "core.0009_x, which does not exist"),
        ("venues", "0002_x", [("venues", "0001_initial"), ("core", "__latest__")], "core.__latest__, which does not"),
        ("core", "0002_x", [*FIRST, ("venues", "0001_initial")], "core does not depend on 'venues'"),
        ("venues", "0002_x", [("volunteer_points", "0001_initial")], "venues does not depend on 'volunteer_points'"),
        ("venues", "0002_x", [], "venues has several first migrations: 0001_initial, 0002_x"),
        ("venues", "0002_x", [("venues", "0002_x")], "venues: migrations depend on each other"),
    ],
)
def test_wrong_dependencies_are_refused_with_the_nearest_name(
    bundle: Project, label: str, name: str, dependencies: list[tuple[str, str]], message: str
) -> None:
    bundle.migration(label, name, "", dependencies=dependencies)
    with pytest.raises(BadMigrationError, match=message):
        load(bundle.apps())


def test_two_last_migrations_are_refused(bundle: Project) -> None:
    bundle.migration("core", "0002_a", "", dependencies=FIRST)
    bundle.migration("core", "0002_b", "", dependencies=FIRST)
    with pytest.raises(BadMigrationError, match="core has several last migrations: 0002_a, 0002_b"):
        load(bundle.apps())
    bundle.migration("core", "0003_merge", "", dependencies=[("core", "0002_a"), ("core", "0002_b")])
    assert heads(bundle.apps())["core"] == "0003_merge"


@pytest.mark.parametrize(
    ("operations", "before", "message"),
    [
        ("ops.SQLOperation('SELECT 1', [])", "", "use RunDialectSQL"),
        ("ops.CreateSchema('other')", "", "one namespace"),
        ("ops.DropSchema('other')", "", "one namespace"),
    ],
)
def test_operations_that_cannot_be_applied_safely_are_refused(
    bundle: Project, operations: str, before: str, message: str
) -> None:
    bundle.migration("core", "0002_x", operations, dependencies=FIRST, before=before)
    with pytest.raises(BadMigrationError, match=f"core.0002_x: .*{message}"):
        load(bundle.apps())


@pytest.mark.parametrize(
    "line", ["atomic = False", "run_before = [('venues', '0001_initial')]", "replaces = [('core', '0001_initial')]"]
)
def test_migrations_that_are_not_one_transaction_are_refused(bundle: Project, line: str) -> None:
    bundle._write(
        "core/migrations/0002_x.py",
        f"from tortoise import migrations\nclass Migration(migrations.Migration):\n    {line}\n"
        f"    dependencies = {FIRST!r}\n    operations = []\n",
    )
    with pytest.raises(BadMigrationError, match="one transaction"):
        load(bundle.apps())


def test_a_file_without_a_migration_is_refused(bundle: Project) -> None:
    bundle._write("core/migrations/0002_x.py", "Migration = None\n")
    with pytest.raises(BadMigrationError, match="expected a class Migration"):
        load(bundle.apps())


def test_files_that_begin_with_an_underscore_are_no_migrations(bundle: Project) -> None:
    bundle._write("core/migrations/_draft.py", "raise AssertionError\n")
    assert heads(bundle.apps())["core"] == "0001_initial"


def test_a_missing_package_is_refused_and_an_import_error_inside_it_is_not_hidden(project: Project) -> None:
    project.models("core", CORE)
    with pytest.raises(BadMigrationError, match=r"there is no package .*core\.migrations"):
        load(project.apps())
    project._write("core/migrations/__init__.py", "import nowhere_to_be_found\n")
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        load(project.apps())
