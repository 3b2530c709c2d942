"""What the test kit hands out is what a district is: as migrated and as composed, whoever had it before."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from linli.core.config import Configuration, load
from linli.core.districts import Platform
from linli.core.districts.migrating import migrate
from linli.core.districts.namespaces import schema_of
from linli.core.plugins.discovery import installed
from linli.schema.compose import compose
from linli.schema.testing import engines
from linli.schema.testing.plugin import Chosen, _installed, _toml
from linli.schema.testing.schemas import composed_once

PLUGINS = tuple(plugin.name for plugin in installed().choosable)
QUERIES = {
    "columns": "SELECT table_name, ordinal_position, column_name, data_type, udt_name, character_maximum_length,"
    " numeric_precision, collation_name, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = $1",
    "indexes": "SELECT tablename, indexname, replace(indexdef, $1, '') FROM pg_indexes WHERE schemaname = $1",
    "constraints": "SELECT conrelid::regclass::text, conname, contype::text, convalidated, condeferrable,"
    " pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = $1::text::regnamespace",
    "triggers": "SELECT tgrelid::regclass::text, tgfoid::regproc::text, tgtype, tgenabled::text, count(*)"
    " FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = $1::text::regnamespace"
    " GROUP BY 1, 2, 3, 4",
    "comments": "SELECT objoid::regclass::text, objsubid, description FROM pg_description"
    " JOIN pg_class c ON c.oid = objoid WHERE classoid = 'pg_class'::regclass"
    " AND relnamespace = $1::text::regnamespace",
    "others": "SELECT relkind::text, relpersistence::text, relreplident::text, count(*) FROM pg_class"
    " WHERE relnamespace = $1::text::regnamespace GROUP BY 1, 2, 3",
}
CASTS = re.compile(r"[()]|::character varying|::text|\[\]")
"""What PostgreSQL writes otherwise of a list of texts once it has read what it wrote: the same, cast elsewhere."""
COUNTS = "SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = $1::text::regnamespace AND relkind = 'r'"
CHANGES = [
    "ALTER TABLE core_person ADD COLUMN more text",
    "ALTER TABLE core_person ALTER COLUMN name DROP NOT NULL",
    "ALTER TABLE core_account ALTER COLUMN person_confirmed SET DEFAULT false",
    "ALTER TABLE core_event DISABLE TRIGGER ALL",
    "ALTER TABLE core_grant RENAME TO core_granted",
    "DROP TABLE core_token CASCADE",
    "CREATE TABLE more (id int)",
    "CREATE INDEX more ON core_person (name)",
    "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "COMMENT ON TABLE core_person IS 'people'",
    "ALTER TABLE core_person ENABLE ROW LEVEL SECURITY",
    "CREATE SEQUENCE more",
]

ROWS = """UPDATE core_migration SET version = '0'; DELETE FROM core_migration WHERE position = 1;
INSERT INTO core_migration (app, name, applied_at, position, version)
SELECT 'other', name, applied_at, position + 100, version FROM core_migration; DELETE FROM core_key_epoch"""


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., tuple[Configuration, str]]:
    """A configuration of a district on PostgreSQL, and its key."""
    url = engines.postgres_url()
    if url is None:
        pytest.skip("NO POSTGRESQL: set LINLI_TEST_POSTGRES to run this")

    def configure(plugins: tuple[str, ...]) -> tuple[Configuration, str]:
        key = f"t{uuid4().hex[:16]}"
        file = tmp_path / f"{key}.toml"
        file.write_text(_toml(key, str(url), Chosen(plugins)), "utf-8")
        return load(file, _installed()), key

    return configure


async def described(url: str, schema: str) -> dict[str, Any]:
    """Everything that a schema is made of, the migrations that were recorded, and how many rows each table has."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'SET search_path TO "{schema}"')
        found: dict[str, Any] = {
            name: sorted(CASTS.sub("", repr(tuple(row))) for row in await connection.fetch(sql, schema))
            for name, sql in QUERIES.items()
        }
        found["migrations"] = await connection.fetch(
            "SELECT app, name, version, position FROM core_migration ORDER BY position"
        )
        found["rows"] = {
            table: await connection.fetchval(f"SELECT count(*) FROM {table}")
            for (table,) in await connection.fetch(COUNTS, schema)
        }
    finally:
        await connection.close()
    return found


async def changed(url: str, schema: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'SET search_path TO "{schema}"; {sql}')
    finally:
        await connection.close()


@pytest.mark.parametrize("plugins", [(), PLUGINS])
async def test_a_schema_by_the_kit_is_the_one_that_is_migrated(
    configured: Callable[..., tuple[Configuration, str]], plugins: tuple[str, ...]
) -> None:
    configuration, key = configured(plugins)
    url = configuration.database_of(key).url
    engines.keep_master_key(configuration.folder)
    await migrate(configuration, _installed(), key)
    migrated = await described(url, schema_of(key))
    await engines.drop(url, schema_of(key))
    await engines.drop_left()
    assert len(migrated["indexes"]) > 50
    for _ in ("migrated, or by the script", "by the script", "of the one before"):
        configuration, key = configured(plugins)
        await engines.prepare(configuration, _installed(), key, plugins)
        made = await described(url, schema_of(key))
        assert [it for name in QUERIES for it in sorted(set(made[name]) ^ set(migrated[name]))] == []
        assert made == migrated
        await engines.leave(url, schema_of(key))


@pytest.mark.parametrize("change", CHANGES)
async def test_a_schema_that_a_test_altered_is_given_to_no_other(
    configured: Callable[..., tuple[Configuration, str]], change: str
) -> None:
    found = []
    for _ in range(2):
        configuration, key = configured(())
        url = configuration.database_of(key).url
        await engines.prepare(configuration, _installed(), key, ())
        found.append(await described(url, schema_of(key)))
        await changed(url, schema_of(key), change)
        await engines.leave(url, schema_of(key))
    assert found[0] == found[1]


async def test_rows_that_a_test_wrote_are_gone_for_the_next(
    configured: Callable[..., tuple[Configuration, str]],
) -> None:
    before, after = [], []
    for _ in range(2):
        configuration, key = configured(())
        url = configuration.database_of(key).url
        await engines.prepare(configuration, _installed(), key, ())
        before.append(await described(url, schema_of(key)))
        await changed(url, schema_of(key), ROWS)
        after.append(await described(url, schema_of(key)))
        await engines.leave(url, schema_of(key))
    assert before[0] == before[1] != after[0] == after[1]


@pytest.mark.linli(plugins=list(PLUGINS))
async def test_a_schema_composed_once_is_the_one_that_is_composed_and_the_districts_own(platform: Platform) -> None:
    (district,) = platform.districts.values()
    first, second = composed_once(district), composed_once(district)
    assert first.as_str() == second.as_str() == compose(district).as_str()
    assert first._schema.query_type is second._schema.query_type
    assert first.district is district
    assert second._schema._strawberry_schema is second  # type: ignore[attr-defined]
