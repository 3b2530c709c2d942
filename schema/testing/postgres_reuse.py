"""A schema that a test left, given to the next one: emptying it takes a tenth of making another.

Only where nothing but its rows changed. Every definition in PostgreSQL is a row of the catalogue, and whatever alters
one writes the row anew, with the number of another transaction (`xmin`).
"""

from __future__ import annotations

from typing import Any

from .postgres_template import rows_of

_RELATIONS = "SELECT oid FROM pg_class WHERE relnamespace = $1::regnamespace"
_DEFINITIONS = f"""
SELECT md5(string_agg(definition, ' ' ORDER BY definition)) FROM (
    SELECT concat('schema', nspowner, nspacl) FROM pg_namespace WHERE oid = $1::regnamespace
    UNION ALL SELECT concat('relation', oid, '.', xmin) FROM pg_class WHERE relnamespace = $1::regnamespace
    UNION ALL SELECT concat('column', attrelid, '.', attnum, '.', xmin) FROM pg_attribute
              WHERE attrelid IN ({_RELATIONS})
    UNION ALL SELECT concat('default', oid, '.', xmin) FROM pg_attrdef WHERE adrelid IN ({_RELATIONS})
    UNION ALL SELECT concat('index', indexrelid, '.', xmin) FROM pg_index WHERE indrelid IN ({_RELATIONS})
    UNION ALL SELECT concat('constraint', oid, '.', xmin) FROM pg_constraint WHERE connamespace = $1::regnamespace
    UNION ALL SELECT concat('trigger', oid, '.', xmin) FROM pg_trigger WHERE tgrelid IN ({_RELATIONS})
    UNION ALL SELECT concat('policy', oid, '.', xmin) FROM pg_policy WHERE polrelid IN ({_RELATIONS})
    UNION ALL SELECT concat('comment', objoid, '.', objsubid, '.', xmin) FROM pg_description
              WHERE classoid = 'pg_class'::regclass AND objoid IN ({_RELATIONS})
    UNION ALL SELECT concat('function', oid, '.', xmin) FROM pg_proc WHERE pronamespace = $1::regnamespace
    UNION ALL SELECT concat('type', oid, '.', xmin) FROM pg_type WHERE typnamespace = $1::regnamespace
    UNION ALL SELECT concat('statistics', oid, '.', xmin) FROM pg_statistic_ext WHERE stxnamespace = $1::regnamespace
) AS found (definition)
"""  # noqa: S608  of constants
_IN_USE = f"""
SELECT EXISTS (SELECT FROM pg_locks WHERE pid <> pg_backend_pid() AND relation IN ({_RELATIONS}))
"""  # noqa: S608  as above
_MAY_EMPTY = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
# foreign keys are not looked at meanwhile, which only a superuser may say: in the end all rows are gone
_EMPTY = """
DO $$ DECLARE one regclass; filled boolean; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %s', one); END IF;
    END LOOP;
END $$
"""


async def definitions(connection: Any, schema: str) -> str | None:
    """A digest of what a schema is made of; None where whoever is connected may not empty it."""
    if not await connection.fetchval(_MAY_EMPTY):
        return None
    digest: str | None = await connection.fetchval(_DEFINITIONS, schema)
    return digest


async def take_over(connection: Any, left: str, digest: str, script: str, schema: str) -> bool:
    """Make `schema` of one that was left, with the rows that the script has; False where it is not as it was made."""
    if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", left):
        return False
    if await connection.fetchval(_IN_USE, left) or await definitions(connection, left) != digest:
        return False
    renamed = f'ALTER SCHEMA "{left}" RENAME TO "{schema}"; SET search_path TO "{schema}"'
    await connection.execute("; ".join((renamed, _EMPTY, *rows_of(script))))
    return True
