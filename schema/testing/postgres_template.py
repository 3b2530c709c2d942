"""A migrated PostgreSQL schema as one script, which makes another like it in one round trip.

Migrating asks the server some hundred times and builds every state of the models in between: most of a test's time.
The script holds what PostgreSQL's catalogue says of the schema that the migrations left: tables with their comments
and rows, constraints, indexes. A schema that holds anything else has no script, and is migrated each time.
"""

from __future__ import annotations

from typing import Any

PLACE = "linli_template_place"
"""Stands in a script for the name of the schema that it makes; schema names of test districts need no quotes."""
END = ";\n\n"

# functions, triggers, views, sequences, types of its own, and whatever else this module does not write down
_OTHERS = """
SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = $1::regnamespace AND (relkind NOT IN ('r', 'i', 't')
           OR relkind = 'r' AND (reloptions IS NOT NULL OR relacl IS NOT NULL OR relpersistence <> 'p'
           OR relispartition OR relhassubclass OR relrowsecurity OR relhastriggers AND EXISTS (
               SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal))))
    OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = $1::regnamespace)
    OR EXISTS (SELECT FROM pg_type WHERE typnamespace = $1::regnamespace AND typtype NOT IN ('b', 'c'))
    OR EXISTS (SELECT FROM pg_statistic_ext WHERE stxnamespace = $1::regnamespace)
    OR EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE attnum > 0
               AND relnamespace = $1::regnamespace AND (attidentity <> '' OR attgenerated <> '' OR attacl IS NOT NULL))
"""
_COLUMNS = """
SELECT c.oid::regclass::text AS "table", quote_ident(a.attname) AS "column",
       format_type(a.atttypid, a.atttypmod)
           || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END
           || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
           || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END AS type
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' ORDER BY 1, a.attnum
"""
_COMMENTS = """
SELECT 'COMMENT ON ' || CASE WHEN objsubid = 0 THEN 'TABLE ' || c.oid::regclass
       ELSE 'COLUMN ' || c.oid::regclass || '.' || quote_ident(attname) END || ' IS ' || quote_literal(description)
FROM pg_description JOIN pg_class c ON c.oid = objoid AND classoid = 'pg_class'::regclass
LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum = objsubid AND objsubid > 0
WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY 1
"""
_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
WHERE relnamespace = $1::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint
    WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x')) ORDER BY 1
"""
# foreign keys last: they stand on the keys of other tables; PostgreSQL 18 lists NOT NULL ('n'), which columns say
_CONSTRAINTS = """
SELECT 'ALTER TABLE ' || conrelid::regclass || ' ' || string_agg('ADD CONSTRAINT ' || quote_ident(conname) || ' '
       || pg_get_constraintdef(oid), ', ' ORDER BY conname)
FROM pg_constraint WHERE connamespace = $1::regnamespace AND contype IN ('c', 'f', 'p', 'u', 'x')
GROUP BY contype = 'f', conrelid ORDER BY contype = 'f', 1
"""


async def script_of(connection: Any, schema: str) -> str | None:
    """The script that makes what `schema` holds now; None where it holds what no script is written for."""
    await connection.execute(f'SET search_path TO "{schema}"')
    if await connection.fetchval(_OTHERS, schema):
        return None
    tables: dict[str, dict[str, str]] = {}
    for row in await connection.fetch(_COLUMNS, schema):
        tables.setdefault(row["table"], {})[row["column"]] = row["type"]
    statements = [f"CREATE SCHEMA {PLACE}", f"SET search_path TO {PLACE}"]
    statements += [_table(name, columns) for name, columns in tables.items()]
    statements += [row[0] for row in await connection.fetch(_COMMENTS, schema)]
    for name, columns in tables.items():
        statements += await _rows(connection, name, columns)
    for query in (_INDEXES, _CONSTRAINTS):
        statements += [row[0].replace(f" {schema}.", f" {PLACE}.") for row in await connection.fetch(query, schema)]
    return END.join(statements)


async def run(connection: Any, script: str, schema: str) -> None:
    """Make a schema by a script, whole or not at all."""
    await connection.execute(script.replace(PLACE, schema))


def rows_of(script: str) -> list[str]:
    """The statements of a script that write rows."""
    return [statement for statement in script.split(END) if statement.startswith("INSERT ")]


def _table(name: str, columns: dict[str, str]) -> str:
    return f"CREATE TABLE {name} ({', '.join(f'{column} {type_}' for column, type_ in columns.items())})"


async def _rows(connection: Any, table: str, columns: dict[str, str]) -> list[str]:
    """What migrations wrote: who ran, the first keys, what a plugin starts with."""
    values = " || ', ' || ".join(f"quote_nullable({column}::text)" for column in columns)
    found = await connection.fetch(f"SELECT {values} FROM {table} ORDER BY ctid")  # noqa: S608  names as quoted above
    return [f"INSERT INTO {table} VALUES ({row[0]})" for row in found]  # noqa: S608  values as quoted above
