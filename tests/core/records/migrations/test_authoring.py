from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from linli.core.records.migrations import BadMigrationError, make, upgrade
from tests.core.records.migrations.databases import Database
from tests.core.records.migrations.projects import CORE, POINTS, VENUES, Project

PERSON = CORE
WITH_PHONE = CORE.replace("    class Meta", "    phone = Text(null=True)\n\n    class Meta")


def test_t1_and_row_5_the_migrations_of_other_apps_are_depended_on(bundle: Project) -> None:
    written = (bundle.folder / bundle.root / "volunteer_points/migrations/0001_initial.py").read_text()
    assert "dependencies = [('core', '0001_initial'), ('venues', '0001_initial')]" in written


def test_row_5_nothing_is_left_to_make_once_every_app_was_made(bundle: Project) -> None:
    assert [bundle.make(label, "again") for label in bundle.labels()] == [None, None, None]


def test_row_6_an_app_is_made_with_what_it_depends_on_and_nothing_else(project: Project) -> None:
    project.models("core", CORE)
    project.models("venues", VENUES)
    project.make("core", "initial")
    project.models("volunteer_points", "raise AssertionError")
    path = make(project.apps(), "venues", "initial")
    assert path == project.folder / project.root / "venues/migrations/0001_initial.py"
    assert (path.parent / "__init__.py").exists()


def test_an_app_cannot_be_made_before_what_it_points_at(project: Project) -> None:
    project.models("core", CORE)
    project._write("core/migrations/__init__.py", "")
    project.models("venues", VENUES)
    with pytest.raises(BadMigrationError, match=r"core\.Person, which no migration makes yet: make core's first"):
        project.make("venues", "initial")
    assert not list((project.folder / project.root / "venues/migrations").glob("0*"))


def test_a_change_is_written_with_the_next_number_after_the_last_migration(bundle: Project) -> None:
    bundle.models("core", WITH_PHONE)
    written = bundle.make("core", "Add the phone!")
    assert written
    assert written.startswith('"""core.0002_add_the_phone: add field phone to Person."""\n')
    assert "dependencies = [('core', '0001_initial')]" in written
    assert "initial" not in written.partition("class Migration")[2].replace("0001_initial", "")
    assert bundle.make("core", "again") is None


def test_the_first_migration_says_so(bundle: Project) -> None:
    assert "initial = True" in (bundle.folder / bundle.root / "core/migrations/0001_initial.py").read_text()


def test_a_later_key_depends_on_the_migration_that_made_its_model_not_on_the_newest(bundle: Project) -> None:
    bundle.models("core", WITH_PHONE)
    bundle.make("core", "phone")
    bundle.models(
        "venues",
        VENUES.replace(
            "    class Meta",
            '    keeper = fields.ForeignKeyField("core.Person", related_name=False,'
            " on_delete=fields.RESTRICT, null=True)\n\n    class Meta",
        ),
    )
    written = bundle.make("venues", "keeper")
    assert written
    assert "dependencies = [('venues', '0001_initial'), ('core', '0001_initial')]" in written


def test_field_classes_are_imported_from_where_they_stand(project: Project) -> None:
    project.models(
        "core",
        """
        class Meeting(Model):
            id = fields.UUIDField(primary_key=True)
            title = Text()
            begins = Instant(null=True)
            lasts = Minutes(unit=15)

            class Meta:
                table = "core_meeting"
        """,
    )
    written = project.make("core", "initial")
    assert written
    assert f"from {project.root}.fields import Instant, Minutes, Text\n" in written
    assert "Minutes(unit=15)" in written


def test_a_docstring_is_no_part_of_the_schema(bundle: Project) -> None:
    bundle.models("core", CORE.replace("class Person(Model):", 'class Person(Model):\n    """Somebody."""\n'))
    assert bundle.make("core", "docstring") is None


def test_a_key_with_a_column_of_its_own_is_carried_over(project: Project) -> None:
    project.models("core", CORE)
    project.make("core", "initial")
    project.models("venues", VENUES.replace("RESTRICT)", 'RESTRICT, source_field="belongs_to")'))
    written = project.make("venues", "initial")
    assert written
    assert "source_field='belongs_to'" in written
    assert project.make("venues", "again") is None


def test_a_key_that_points_elsewhere_is_noticed(bundle: Project) -> None:
    bundle.models("core", CORE + CORE.replace("Person", "Unit").replace("person", "unit"))
    bundle.make("core", "unit")
    bundle.models("venues", VENUES.replace("core.Person", "core.Unit"))
    written = bundle.make("venues", "owned by units")
    assert written
    assert "ops.AlterField(" in written
    assert "dependencies = [('venues', '0001_initial'), ('core', '0002_unit')]" in written


CIRCLE = """
class Hall(Model):
    id = fields.UUIDField(primary_key=True)
    desk = fields.ForeignKeyField("core.Desk", related_name=False, on_delete=fields.RESTRICT, null={hall})
    parent = fields.ForeignKeyField("core.Hall", related_name=False, on_delete=fields.RESTRICT, null=True)

    class Meta:
        table = "core_hall"
        {meta}


class Desk(Model):
    id = fields.UUIDField(primary_key=True)
    hall = fields.ForeignKeyField("core.Hall", related_name=False, on_delete=fields.RESTRICT, null={desk})

    class Meta:
        table = "core_desk"
"""


@pytest.mark.parametrize(("hall", "desk", "first"), [(True, False, "Hall"), (False, True, "Desk")])
def test_models_that_point_at_each_other_are_made_in_two_steps(
    project: Project, hall: bool, desk: bool, first: str
) -> None:
    project.models("core", CIRCLE.format(hall=hall, desk=desk, meta=""))
    written = project.make("core", "initial")
    assert written
    assert written.index(f"name='{first}'") < written.index("ops.AddField(")
    assert written.count("ops.CreateModel(") == 2
    assert project.make("core", "again") is None


@pytest.mark.parametrize(
    ("hall", "meta", "message"),
    [
        (False, "", "point at each other and none can be made first: .*let one of the keys be null"),
        (True, 'unique_together = (("id", "desk"),)', "desk closes a circle of keys .*needs a migration of its own"),
        (True, 'indexes = (Index(fields=("desk_id",), name="core_d"),)', "desk closes a circle"),
    ],
)
def test_circles_that_cannot_be_opened_are_refused(project: Project, hall: bool, meta: str, message: str) -> None:
    project.models("core", CIRCLE.format(hall=hall, desk=False, meta=meta))
    with pytest.raises(BadMigrationError, match=message):
        project.make("core", "initial")


async def test_models_that_go_go_after_those_that_point_at_them(project: Project, database: Database) -> None:
    project.models("core", CORE + CIRCLE.format(hall=True, desk=False, meta="").replace("core.Desk", "core.Person"))
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    project.models("core", CORE)
    written = project.make("core", "fewer")
    assert written
    assert written.index("DeleteModel(name='Desk')") < written.index("DeleteModel(name='Hall')")
    await upgrade(database.namespace, project.apps())
    assert await database.tables() == {"core_migration", "core_person"}


def test_models_that_point_at_each_other_do_not_go_at_once(project: Project) -> None:
    project.models("core", CORE + CIRCLE.format(hall=True, desk=False, meta=""))
    project.make("core", "initial")
    project.models("core", CORE)
    with pytest.raises(BadMigrationError, match="cannot be deleted at once: .*remove one of the keys"):
        project.make("core", "fewer")


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (CORE.replace("class Person", "class Human").replace("core_person", "core_human"), "looks renamed to Human"),
        (CORE.replace("class Person", "class Human"), "core.Person looks renamed to Human: keep the class's name"),
        (CORE.replace("core_person", "core_people"), "'core_person' cannot be renamed to 'core_people'"),
    ],
)
def test_renamed_models_and_tables_are_refused(project: Project, models: str, message: str) -> None:
    project.models("core", CORE)
    project.make("core", "initial")
    project.models("core", models)
    with pytest.raises(BadMigrationError, match=message):
        project.make("core", "rename")


def test_a_key_to_a_model_that_does_not_exist_is_refused(bundle: Project) -> None:
    bundle.models("venues", VENUES.replace("core.Person", "core.Human"))
    with pytest.raises(BadMigrationError, match="No model with name 'Human' registered in app 'core'"):
        bundle.make("venues", "x")


def test_a_file_that_would_not_bring_the_tables_to_the_models_is_not_left_behind(project: Project) -> None:
    forgetful = """
        class Forgetful(fields.CharField):
            def deconstruct(self):
                path, args, kwargs = super().deconstruct()
                return path, args, kwargs | {"max_length": 9}

        class Person(Model):
            id = fields.UUIDField(primary_key=True)
            name = Forgetful(max_length=20)

            class Meta:
                table = "core_person"
    """
    project.models("core", forgetful)
    with pytest.raises(BadMigrationError, match="Alter field name on Person is left; does a field class lose"):
        project.make("core", "initial")
    assert [path.name for path in (project.folder / project.root / "core/migrations").glob("*.py")] == ["__init__.py"]


def test_two_field_classes_of_one_name_are_refused(project: Project) -> None:
    project.models(
        "core",
        """
        class Event(Model):
            id = fields.UUIDField(primary_key=True)
            at = Instant(null=True)
            until = other.Instant(null=True)

            class Meta:
                table = "core_event"
        """,
    )
    project._write("other.py", "from tortoise import fields\nclass Instant(fields.DatetimeField):\n    pass\n")
    models = project.folder / project.root / "core/models.py"
    project._write("core/models.py", f"from {project.root} import other\n" + models.read_text(encoding="utf-8"))
    with pytest.raises(BadMigrationError, match=r"Instant is imported from \w+\.fields and from \w+\.other; give one"):
        project.make("core", "initial")


def test_an_option_and_an_index_changed_together_are_written_once(bundle: Project) -> None:
    bundle.models(
        "core",
        CORE.replace("    class Meta:", '    class Meta:\n        indexes = (Index(fields=("born",), name="b"),)'),
    )
    bundle.make("core", "index")
    written = (bundle.folder / bundle.root / "core/migrations/0002_index.py").read_text()
    assert written.count("Index(fields=['born'], name='b')") == 1
    assert bundle.make("core", "again") is None


def test_an_import_that_fails_inside_the_models_is_not_hidden(bundle: Project) -> None:
    bundle.models("core", "import nowhere_to_be_found")
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        bundle.make("core", "x")


def test_an_unknown_app_is_refused(bundle: Project) -> None:
    with pytest.raises(BadMigrationError, match="no app 'venue'; did you mean 'venues'"):
        bundle.make("venue", "x")


def test_what_is_written_passes_the_linter_and_the_type_checker(bundle: Project, tmp_path: Path) -> None:
    bundle.models("volunteer_points", POINTS.replace("minutes = fields.IntField()", "minutes = Minutes(unit=5)"))
    bundle.make("volunteer_points", "unit")
    files = sorted(str(path) for path in tmp_path.glob("*/*/migrations/0*.py"))
    rules = ["--isolated", "--select", "E,F,I,W,UP,RUF", "--ignore", "E501,RUF012", "--target-version", "py311"]
    ruff = [sys.executable, "-m", "ruff", "check", *rules, "--config", f'src = ["{tmp_path}"]']
    found = subprocess.run([*ruff, *files], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
