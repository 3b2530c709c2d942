from __future__ import annotations

import pytest

from linli.core.records.migrations import check
from tests.core.records.migrations.projects import CORE, VENUES, Project

OWNER = 'owner = fields.ForeignKeyField("core.Person", related_name=False, on_delete=fields.RESTRICT)'
ID = "id = fields.UUIDField(primary_key=True)"


def test_what_is_well_has_no_problems(bundle: Project) -> None:
    assert check(bundle.apps()) == []


@pytest.mark.parametrize(
    ("found", "wanted", "problem"),
    [
        ("venues_venue", "venue", "venues.Venue: its table is 'venue'; expected Meta.table = 'venues_...'"),
        ('table = "venues_venue"', "abstract = False", "venues.Venue: its table is 'venue'; expected"),
        (
            "venues_venue",
            f"venues_{'v' * 60}",
            f"venues.Venue: the table's name is longer than 63 bytes: 'venues_{'v' * 60}'",
        ),
        (
            'table = "venues_venue"',
            'table = "venues_venue"\n        schema = "other"',
            "venues.Venue: Meta.schema = 'other'; a district's namespace is chosen by its connection",
        ),
        (
            ID,
            "id = fields.IntField(primary_key=True)",
            "venues.Venue: its primary key is a IntField; expected a UUIDField",
        ),
        (ID, "", "venues.Venue: its primary key is a IntField; expected a UUIDField"),
        (
            'table = "venues_venue"',
            'table = "venues_venue"\n        constraints = (UniqueConstraint(fields=("name",)),)',
            "venues.Venue: UniqueConstraint(fields=('name',), name=None, condition=None) in Meta.constraints"
            " needs a name",
        ),
        (
            OWNER,
            OWNER.replace("RESTRICT", "CASCADE"),
            "venues.Venue.owner: on_delete is CASCADE towards core.Person; expected fields.RESTRICT",
        ),
        (
            OWNER,
            OWNER.replace(", on_delete=fields.RESTRICT", ""),
            "venues.Venue.owner: on_delete is CASCADE towards core.Person; expected fields.RESTRICT",
        ),
        (
            OWNER,
            OWNER.replace("related_name=False", 'related_name="venues"'),
            "venues.Venue.owner: related_name is 'venues' towards core.Person; expected False",
        ),
        (
            OWNER,
            OWNER.replace("related_name=False, ", ""),
            "venues.Venue.owner: related_name is None towards core.Person; expected False",
        ),
        (
            OWNER,
            'owners = fields.ManyToManyField("core.Person", through="venues_owner", related_name="owned")',
            "venues.Venue.owners: many-to-many with core.Person would cascade;"
            " make a model of its own with two RESTRICT keys",
        ),
        (
            OWNER,
            OWNER + '\n    near = fields.ManyToManyField("venues.Venue", through="near", related_name="nearby")',
            "venues.Venue.near: its table is 'near'; expected through='venues_...'",
        ),
    ],
)
def test_models_that_break_a_rule_are_named(project: Project, found: str, wanted: str, problem: str) -> None:
    project.models("core", CORE)
    project.make("core", "initial")
    assert found in VENUES
    project.models("venues", VENUES.replace(found, wanted))
    project._write("venues/migrations/__init__.py", "")
    problems = check(project.apps())
    assert any(one.startswith(problem) for one in problems), problems


def test_tables_may_be_named_whose_key_is_no_uuid(project: Project) -> None:
    project.models("core", CORE.replace(ID, "id = fields.BigIntField(primary_key=True)"))
    project.make("core", "initial")
    assert check(project.apps()) == ["core.Person: its primary key is a BigIntField; expected a UUIDField"]
    assert check(project.apps(), other_primary_keys={"core_person"}) == []


def test_a_key_into_an_app_that_the_plugin_does_not_depend_on_is_named(bundle: Project) -> None:
    bundle.models("aged", VENUES.replace("venues_venue", "aged_venue").replace("core.Person", "venues.Venue"))
    bundle._write("aged/migrations/__init__.py", "")
    assert "aged.Venue.owner: points at venues.Venue, but the app does not depend on 'venues'" in check(bundle.apps())


def test_t1_a_migration_without_its_dependency_is_named(bundle: Project) -> None:
    path = bundle.folder / bundle.root / "venues/migrations/0001_initial.py"
    bundle._write(
        "venues/migrations/0001_initial.py",
        path.read_text().replace("[('core', '0001_initial')]", "[]"),
    )
    assert check(bundle.apps()) == [
        "venues.0001_initial: points at core.Person without depending on the migration that makes it;"
        " add ('core', '0001_initial')"
    ]


def test_a_dependency_on_an_earlier_migration_than_the_one_that_makes_the_model_is_named(bundle: Project) -> None:
    bundle.models("core", CORE + CORE.replace("Person", "Unit").replace("person", "unit"))
    bundle.make("core", "unit")
    bundle.models("venues", VENUES.replace("core.Person", "core.Unit"))
    written = bundle.make("venues", "owned by units")
    assert written
    bundle._write("venues/migrations/0002_owned_by_units.py", written.replace(", ('core', '0002_unit')", ""))
    assert check(bundle.apps()) == [
        "venues.0002_owned_by_units: points at core.Unit without depending on the migration that makes it;"
        " add ('core', '0002_unit')"
    ]


def test_changes_that_no_migration_carries_are_named(bundle: Project) -> None:
    bundle.models("core", CORE.replace("    class Meta", "    phone = Text(null=True)\n\n    class Meta"))
    assert check(bundle.apps()) == [
        "core: the models have changes that no migration carries (Add field phone to Person); make one"
    ]


def test_changes_that_cannot_be_made_are_named(bundle: Project) -> None:
    bundle.models("venues", VENUES.replace("venues_venue", "venues_place"))
    assert check(bundle.apps()) == [
        "venues.Venue: its table 'venues_venue' cannot be renamed to 'venues_place'; keep Meta.table"
    ]


@pytest.mark.parametrize(
    "operation",
    [
        "ops.RunSQL('SELECT 1; SELECT 2')",
        "ops.RunSQL('SELECT 1;')",
        "ops.RunSQL(['SELECT 1', 'SELECT 1; SELECT 2'])",
        "ops.RunSQL([('SELECT 1; SELECT 2', [])])",
        "ops.RunSQL('SELECT 1', 'SELECT 1; SELECT 2')",
    ],
)
def test_several_statements_in_one_are_named(bundle: Project, operation: str) -> None:
    bundle.migration("core", "0002_sql", operation, dependencies=[("core", "0001_initial")])
    [problem] = check(bundle.apps())
    assert problem.startswith("core.0002_sql: RunSQL: expected exactly one sqlite statement without ';'")


@pytest.mark.parametrize("operation", ["ops.RunSQL(\"SELECT ';'\")", "ops.RunSQL('SELECT 1', ops.RunSQL.noop)"])
def test_single_statements_are_well(bundle: Project, operation: str) -> None:
    bundle.migration("core", "0002_sql", operation, dependencies=[("core", "0001_initial")])
    assert check(bundle.apps()) == []


def test_what_cannot_be_loaded_is_the_only_problem(bundle: Project) -> None:
    bundle.migration("core", "0002_x", "ops.CreateSchema('x')", dependencies=[("core", "0001_initial")])
    [problem] = check(bundle.apps())
    assert problem.startswith("core.0002_x: a district has one namespace")
    [problem] = check(bundle.apps("venues"))
    assert problem == "venues depends on 'core', which is not here; there are: venues"
