"""A district that was upgraded has the very tables of one that begins today, and still has its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

import pytest

from linli.core.records.migrations import AppMigrations, BadMigrationError, check, upgrade
from tests.core.records.migrations.databases import Database, IntegrityErrors
from tests.core.records.migrations.projects import Project

# without `_no_comments` Tortoise parses the whole file once per class
BASE = """
class Unit(Model):
    _no_comments = True
    id = fields.UUIDField(primary_key=True)
    name = Text()

    class Meta:
        table = "core_unit"


class Person(Model):
    _no_comments = True
    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=20)
    code = fields.CharField(max_length=20, null=True)
    born = fields.IntField(null=True)
    unit = fields.ForeignKeyField("core.Unit", related_name=False, on_delete=fields.CASCADE)
    parent = fields.ForeignKeyField("core.Person", related_name=False, on_delete=fields.CASCADE, null=True)
{fields}
    class Meta:
        table = "core_person"
{meta}

class Pet(Model):
    _no_comments = True
    id = fields.UUIDField(primary_key=True)
    keeper = fields.ForeignKeyField("core.Person", related_name=False, on_delete=fields.CASCADE)

    class Meta:
        table = "core_pet"
"""
NAME = "name = fields.CharField(max_length=20)"
CODE = "code = fields.CharField(max_length=20, null=True)"
UNIT = 'unit = fields.ForeignKeyField("core.Unit", related_name=False, on_delete=fields.CASCADE)'
PET_ID = "id = fields.UUIDField(primary_key=True)\n    keeper"
OLD, CHILD = UUID(int=1), UUID(int=2)


def models(*replacements: tuple[str, str], fields: str = "", meta: str = "") -> str:
    text = BASE
    for found, wanted in replacements:
        assert found in text
        text = text.replace(found, wanted)
    return text.format(fields=_block(fields, 4), meta=_block(meta, 8))


def _block(lines: str, indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in lines.splitlines())


CHECK = 'CheckConstraint(check="born > 0", name="core_born")'
UNIQUE = 'UniqueConstraint(fields=("name", "born"), name="core_nb")'
PARTIAL = 'UniqueConstraint(fields=("unit", "code"), name="core_uc", condition="born IS NULL")'
INDEX = 'Index(fields=("unit", "name"))'
ORDER = 'OrderIndex(fields=("code", "born", "id"), name="core_by_code")'
TOGETHER = 'unique_together = (("unit", "code"),)'
KEY = 'fields.ForeignKeyField("core.{}", related_name=False, on_delete=fields.{}, null=True{})'

CREW = """units = fields.ManyToManyField("core.Unit", through="core_person_unit", related_name='crew')"""

CHANGES = {
    "nothing": (models(), models()),
    "add nullable": (models(), models(fields="note = Text(null=True)")),
    "add with default": (models(), models(fields="note = Text(db_default=\"it's; here\")")),
    "add bool with default": (models(), models(fields="on = fields.BooleanField(db_default=True)")),
    "add bytes with default": (models(), models(fields="blob = fields.BinaryField(db_default=b'a\\x00')")),
    "add number with default": (models(), models(fields="n = fields.IntField(db_default=7)")),
    "add with default now": (
        models(),
        models(fields="from tortoise.fields.db_defaults import Now\nat = Instant(db_default=Now())"),
    ),
    "add indexed": (models(), models(fields="n = fields.IntField(null=True, db_index=True)")),
    "add unique": (models(), models(fields="n = fields.IntField(null=True, unique=True)")),
    "add described": (models(), models(fields="n = fields.IntField(null=True, description=\"it's; 说明\")")),
    "add custom": (models(), models(fields="note = Text(null=True)\nat = Instant(null=True)")),
    "add key": (models(), models(fields=f"other = {KEY.format('Unit', 'RESTRICT', '')}")),
    "add indexed key": (models(), models(fields=f"other = {KEY.format('Unit', 'RESTRICT', ', db_index=True')}")),
    "add key in another column": (
        models(),
        models(fields=f"other = {KEY.format('Unit', 'RESTRICT', ', source_field=' + repr('belongs'))}"),
    ),
    "add key without constraint": (
        models(),
        models(fields=f"other = {KEY.format('Unit', 'NO_ACTION', ', db_constraint=False')}"),
    ),
    "add key to itself": (models(), models(fields=f"other = {KEY.format('Person', 'SET_NULL', '')}")),
    "add one to one": (
        models(),
        models(
            fields='twin = fields.OneToOneField("core.Person", related_name=False,'
            " on_delete=fields.RESTRICT, null=True)"
        ),
    ),
    "add many to many": (
        models(),
        models(fields=CREW),
    ),
    "remove column": (models(), models((CODE, ""))),
    "remove key": (models(), models((UNIT, ""))),
    "remove indexed": (models(fields="n = fields.IntField(null=True, db_index=True)"), models()),
    "remove unique": (models(fields="n = fields.IntField(null=True, unique=True)"), models()),
    "remove member of uniqueness": (
        models(fields="n = fields.IntField(null=True)", meta='unique_together = (("name", "n"),)'),
        models(meta='unique_together = (("name", "born"),)'),
    ),
    "remove many to many": (
        models(fields=CREW),
        models(),
    ),
    "rename": (models(), models((CODE, "sign = fields.CharField(max_length=20, null=True)"))),
    "rename primary key": (models(), models((PET_ID, PET_ID.replace("id =", "number =")))),
    "rename indexed": (
        models((CODE, "code = fields.CharField(max_length=20, null=True, db_index=True)")),
        models((CODE, "sign = fields.CharField(max_length=20, null=True, db_index=True)")),
    ),
    "another column": (models(), models((CODE, CODE.replace("null", 'source_field="sign", null')))),
    "widen": (models(), models((NAME, "name = fields.CharField(max_length=90)"))),
    "widen number": (
        models(fields="n = fields.IntField(null=True)"),
        models(fields="n = fields.BigIntField(null=True)"),
    ),
    "collate": (models(), models((NAME, "name = Text()"))),
    "loosen": (models(), models((NAME, "name = fields.CharField(max_length=20, null=True)"))),
    "tighten": (models(), models((CODE, "code = fields.CharField(max_length=20)"))),
    "make unique": (models(), models((CODE, "code = fields.CharField(max_length=20, null=True, unique=True)"))),
    "make not unique": (models((CODE, "code = fields.CharField(max_length=20, null=True, unique=True)")), models()),
    "make indexed": (models(), models((CODE, "code = fields.CharField(max_length=20, null=True, db_index=True)"))),
    "make not indexed": (models((CODE, "code = fields.CharField(max_length=20, null=True, db_index=True)")), models()),
    "give default": (models(), models((CODE, "code = fields.CharField(max_length=20, null=True, db_default='x')"))),
    "take default": (models((CODE, "code = fields.CharField(max_length=20, null=True, db_default='x')")), models()),
    "describe": (models(), models((CODE, "code = fields.CharField(max_length=20, null=True, description='代码')"))),
    "key restricts": (models(), models((UNIT, UNIT.replace("CASCADE", "RESTRICT")))),
    "key may be null": (models(), models((UNIT, UNIT.replace("CASCADE", "CASCADE, null=True")))),
    "key becomes indexed": (models(), models((UNIT, UNIT.replace("CASCADE", "CASCADE, db_index=True")))),
    "key loses its constraint": (models(), models((UNIT, UNIT.replace("CASCADE", "CASCADE, db_constraint=False")))),
    "add index": (models(), models(meta=f"indexes = ({INDEX},)")),
    "add index by names": (models(), models(meta='indexes = (("unit", "born"),)')),
    "add partial index": (
        models(),
        models(meta='indexes = (PartialIndex(fields=("code",), condition={"born": 3}),)'),
    ),
    "add order index": (models(), models(meta=f"indexes = ({ORDER},)")),
    "remove order index": (models(meta=f"indexes = ({ORDER},)"), models()),
    "plain index becomes order index": (
        models(meta=f"indexes = ({ORDER.replace('OrderIndex', 'Index')},)"),
        models(meta=f"indexes = ({ORDER},)"),
    ),
    "order index kept by an unrelated change": (
        models(meta=f"indexes = ({ORDER},)"),
        models((NAME, "name = Text(null=True)"), meta=f"indexes = ({ORDER},)"),
    ),
    "remove index": (models(meta=f"indexes = ({INDEX},)"), models()),
    "remove index by names": (models(meta='indexes = (("unit", "born"),)'), models()),
    "rename index": (
        models(meta='indexes = (Index(fields=("unit",), name="core_a"),)'),
        models(meta='indexes = (Index(fields=("unit",), name="core_b"),)'),
    ),
    "add together": (models(), models(meta='unique_together = (("unit", "code"),)')),
    "remove together": (models(meta='unique_together = (("unit", "code"),)'), models()),
    "add check": (models(), models(meta=f"constraints = ({CHECK},)")),
    "remove check": (models(meta=f"constraints = ({CHECK},)"), models()),
    "rename check": (
        models(meta=f"constraints = ({CHECK},)"),
        models(meta=f"constraints = ({CHECK.replace('core_born', 'core_birth')},)"),
    ),
    "add unique constraint": (models(), models(meta=f"constraints = ({UNIQUE},)")),
    "remove unique constraint": (models(meta=f"constraints = ({UNIQUE},)"), models()),
    "rename unique constraint": (
        models(meta=f"constraints = ({UNIQUE},)"),
        models(meta=f"constraints = ({UNIQUE.replace('core_nb', 'core_bn')},)"),
    ),
    "add partial unique": (models(), models(meta=f"constraints = ({PARTIAL},)")),
    "remove partial unique": (models(meta=f"constraints = ({PARTIAL},)"), models()),
    "rename partial unique": (
        models(meta=f"constraints = ({PARTIAL},)"),
        models(meta=f"constraints = ({PARTIAL.replace('core_uc', 'core_cu')},)"),
    ),
    "many to many in another table": (
        models(fields=CREW),
        models(fields=CREW.replace("core_person_unit", "core_crew").replace("'crew')", "'crew', forward_key='at')")),
    ),
    "many at once": (
        models(meta=f'unique_together = (("unit", "code"),)\nindexes = ({INDEX},)\nconstraints = ({CHECK}, {PARTIAL})'),
        models(
            (NAME, "name = Text(null=True)"),
            (UNIT, UNIT.replace("CASCADE", "RESTRICT")),
            fields="n = fields.IntField(null=True, db_index=True)",
            meta='unique_together = (("unit", "code"), ("n", "born"))\n'
            f"indexes = ({INDEX},)\nconstraints = ({UNIQUE}, {PARTIAL})",
        ),
    ),
    "kept by an unrelated change": (
        models(meta=f"{TOGETHER}\nindexes = ({INDEX},)\nconstraints = ({CHECK}, {UNIQUE}, {PARTIAL})"),
        models(
            ("born = fields.IntField(null=True)", "born = fields.BigIntField(null=True)"),
            meta=f"{TOGETHER}\nindexes = ({INDEX},)\nconstraints = ({CHECK}, {UNIQUE}, {PARTIAL})",
        ),
    ),
}  # fmt: skip


KINDS = sorted({name.partition(" ")[0] for name in CHANGES})


@pytest.mark.parametrize("kind", KINDS)
async def test_an_upgraded_district_has_the_tables_of_a_new_one_and_its_rows(
    project: Project, database: Database, second: Database, kind: str
) -> None:
    changes = {name: change for name, change in CHANGES.items() if name.partition(" ")[0] == kind}
    before, after = (together(change[side] for change in changes.values()) for side in (0, 1))
    project.models("core", before)
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    for number in range(len(changes)):
        await fill(database, number)

    project.models("core", after)
    project.make("core", "change")
    assert check(project.apps()) == []
    await upgrade(database.namespace, project.apps())
    await upgrade(second.namespace, [anew(project, after)])

    tables = await second.tables()
    assert await database.tables() == tables
    upgraded, new = await database.schema(*tables), await second.schema(*tables)
    for number, name in enumerate(changes):
        for table in tables:
            if re.fullmatch(rf"\D+{number}", table):
                assert upgraded[table] == new[table], name
        assert len(await database.query(numbered("SELECT * FROM core_person", number))) == 2, name
        assert len(await database.query(numbered("SELECT * FROM core_pet", number))) == 1, name


def together(texts: Iterable[str]) -> str:
    """The models of several changes in one file."""
    return "".join(numbered(text, number) for number, text in enumerate(texts))


def numbered(text: str, number: int | None) -> str:
    """Put a number after every name that must not meet another."""
    return text if number is None else re.sub(r"\b(Unit|Person|Pet|core_\w+)\b", rf"\g<1>{number}", text)


async def fill(database: Database, number: int | None = None) -> None:
    """Two persons, one the other's parent and the keeper of a pet."""
    person = "INSERT INTO core_person (id, name, code, born, unit_id, parent_id) VALUES (?, ?, ?, ?, ?, ?)"
    await database.query(numbered("INSERT INTO core_unit (id, name) VALUES (?, 'u')", number), OLD)
    await database.query(numbered(person, number), OLD, "old", "x", 1, OLD, None)
    await database.query(numbered(person, number), CHILD, "child", "y", 2, OLD, OLD)
    await database.query(numbered("INSERT INTO core_pet (id, keeper_id) VALUES (?, ?)", number), CHILD, CHILD)


def anew(project: Project, text: str) -> AppMigrations:
    """The same models in a project without a past."""
    other = Project(project.folder)
    other.models("core", text)
    other.make("core", "initial")
    return other.app("core")


async def test_a_column_cannot_be_tightened_over_rows_without_a_value(project: Project, database: Database) -> None:
    project.models("core", models())
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    await fill(database)
    await database.query("UPDATE core_person SET code = NULL WHERE name = 'old'")
    before = await database.schema("core_person")
    project.models("core", models((CODE, "code = fields.CharField(max_length=20, default='z')")))
    project.make("core", "tighten")
    with pytest.raises(Exception, match=r"(NOT NULL constraint failed|null value|null values)"):
        await upgrade(database.namespace, project.apps())
    assert await database.schema("core_person") == before
    assert await database.applied() == ["core.0001_initial"]


async def test_a_column_cannot_become_something_else(project: Project, database: Database) -> None:
    project.models("core", models())
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    project.models("core", models((CODE, "code = fields.IntField(null=True)")))
    project.make("core", "number")
    with pytest.raises(BadMigrationError, match="code: a <class 'str'> cannot become a <class 'int'> in place"):
        await upgrade(database.namespace, project.apps())


async def test_constraints_hold(project: Project, database: Database) -> None:
    project.models("core", models(meta=f"constraints = ({CHECK}, {PARTIAL})"))
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    await fill(database)
    add = "INSERT INTO core_person (id, name, code, born, unit_id) VALUES (?, 'n', 'c', ?, ?)"
    with pytest.raises(IntegrityErrors):
        await database.query(add, UUID(int=8), 0, OLD)
    await database.query(add, UUID(int=5), 3, OLD)
    await database.query(add, UUID(int=6), None, OLD)
    with pytest.raises(IntegrityErrors):
        await database.query(add, UUID(int=7), None, OLD)


async def test_a_description_is_a_comment_where_there_are_comments(project: Project, database: Database) -> None:
    project.models("core", models())
    project.migration(
        "core",
        "0001_initial",
        "ops.CreateModel('Dog', [('id', fields.UUIDField(primary_key=True, description='it\\'s; /* its'))],"
        " {'table': 'core_dog', 'table_description': 'a \"dog\"; it\\'s'})",
    )
    await upgrade(database.namespace, project.apps())
    if database.engine == "postgres":
        comments = await database.query(
            "SELECT obj_description(to_regclass('core_dog')) AS on_table,"
            " col_description(to_regclass('core_dog'), 1) AS on_id"
        )
        assert comments == [{"on_table": 'a "dog"; it\'s', "on_id": "it's; /* its"}]


async def test_an_index_that_somebody_dropped_cannot_be_removed_in_silence(
    project: Project, database: Database
) -> None:
    project.models("core", models(meta=f"constraints = ({PARTIAL},)"))
    project.make("core", "initial")
    await upgrade(database.namespace, project.apps())
    await database.query("DROP INDEX core_uc")
    project.models("core", models())
    project.make("core", "remove")
    with pytest.raises(Exception, match=r'(Person has no UniqueConstraint|"core_uc" does not exist)'):
        await upgrade(database.namespace, project.apps())
