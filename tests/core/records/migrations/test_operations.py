from __future__ import annotations

import pytest

from linli.core.records.migrations import RunDialectSQL, load, upgrade
from linli.core.records.migrations.states import project
from tests.core.records.migrations.databases import Database
from tests.core.records.migrations.projects import Project

FIRST = [("core", "0001_initial")]
SEARCH = """
RunDialectSQL(
    sqlite=["CREATE VIRTUAL TABLE core_search USING fts5(name)", "INSERT INTO core_search VALUES ('a;b')"],
    postgres=[
        "CREATE TABLE core_search (name TEXT)",
        '''DO $$ BEGIN INSERT INTO core_search VALUES ('a;b'); END $$''',
    ],
),
"""


async def test_each_engine_runs_its_own_statements(bundle: Project, database: Database) -> None:
    bundle.migration("core", "0002_search", SEARCH, dependencies=FIRST)
    await upgrade(database.namespace, bundle.apps())
    assert await database.query("SELECT name FROM core_search") == [{"name": "a;b"}]


async def test_an_engine_without_statements_runs_nothing(bundle: Project, database: Database) -> None:
    other = {"sqlite": "postgres", "postgres": "sqlite"}[database.engine]
    operation = "RunDialectSQL(OTHER=['SELECT nonsense FROM nowhere'])".replace("OTHER", other)
    bundle.migration("core", "0002_x", operation, dependencies=FIRST)
    await upgrade(database.namespace, bundle.apps())
    assert "core.0002_x" in await database.applied()


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["SELECT 1; SELECT 2"], "expected exactly one sqlite statement without ';'"),
        (["SELECT 1;"], "expected exactly one sqlite statement without ';'"),
        ([""], "expected exactly one sqlite statement"),
        (["-- nothing"], "expected exactly one sqlite statement"),
        (["SELECT 'a"], "never ends"),
        ("SELECT 1", "expected a list of sqlite statements, found one string"),
        (["COMMIT"], "may not end it"),
        ([" begin immediate"], "may not end it"),
        (["Rollback"], "may not end it"),
        (["SAVEPOINT a"], "may not end it"),
    ],
)
def test_what_is_not_a_list_of_single_statements_is_refused(statements: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RunDialectSQL(sqlite=statements)
    with pytest.raises(ValueError, match=message):
        RunDialectSQL(reverse_sqlite=statements)


def test_semicolons_inside_quotes_are_allowed() -> None:
    quoted = RunDialectSQL(sqlite=["SELECT ';'"], postgres=["DO $x$ BEGIN NULL; END $x$"])
    assert quoted.forward == {"sqlite": ("SELECT ';'",), "postgres": ("DO $x$ BEGIN NULL; END $x$",)}


@pytest.mark.parametrize(
    ("operation", "reversible"),
    [
        (RunDialectSQL(), True),
        (RunDialectSQL(sqlite=["SELECT 1"]), False),
        (RunDialectSQL(sqlite=["SELECT 1"], reverse_sqlite=["SELECT 2"]), True),
        (RunDialectSQL(sqlite=["SELECT 1"], postgres=["SELECT 1"], reverse_sqlite=["SELECT 2"]), False),
    ],
)
def test_it_is_reversible_when_every_engine_has_a_way_back(operation: RunDialectSQL, reversible: bool) -> None:
    assert operation.reversible is reversible
    assert operation.describe() == "Run SQL of the engine"


async def test_it_can_be_run_backwards_by_whoever_has_an_editor(bundle: Project, database: Database) -> None:
    making = "CREATE TABLE core_cat (id INT)"
    operation = RunDialectSQL(
        sqlite=[making],
        postgres=[making],
        reverse_sqlite=["DROP TABLE core_cat"],
        reverse_postgres=["DROP TABLE core_cat"],
    )
    state = project(load(bundle.apps()), [])
    async with database.namespace.migrating(patience=1, waiting=None) as session:
        await operation.database_forward("core", state, state, session.editor())
        assert await session.tables() == ["core_cat"]
        await operation.database_backward("core", state, state, None)
        await operation.database_backward("core", state, state, session.editor())
        assert await session.tables() == []
