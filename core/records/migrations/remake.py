"""Making a SQLite table anew, without losing anything. 重建表。

The new table is made exactly as a new district's would be; rows, row ids, AUTOINCREMENT, triggers and the indexes
that no model declares come along (sqlite.org, "Making Other Kinds Of Table Schema Changes"). Runs in a transaction
with `foreign_keys` off.
"""

from __future__ import annotations

import re

from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from .columns import column_of, columns
from .definitions import Definitions
from .statements import SQLITE, split

_INDEX_NAME = re.compile(r'CREATE (?:UNIQUE )?INDEX "([^"]+)"')


async def remake(editor: Definitions, before: type[Model], after: type[Model]) -> bool:
    """Turn the table of one model into that of the other; False, and nothing done, when they are alike."""
    old, *old_indexes = split(editor._get_model_sql_data(before).table_sql, SQLITE)
    new, *new_indexes = split(editor._get_model_sql_data(after).table_sql, SQLITE)
    if old == new:
        return False
    table = after._meta.db_table
    kept = await _undeclared(editor, before, after, old_indexes)
    sequence = await _sequence(editor, table)
    await editor._run_sql(new.replace(f'CREATE TABLE "{table}"', f'CREATE TABLE "new__{table}"', 1))
    await editor._run_sql(_copy(before, after))
    await editor._run_sql(f'DROP TABLE "{table}"')
    await editor._run_sql("PRAGMA legacy_alter_table = ON")  # else views of the table stop the renaming
    await editor._run_sql(f'ALTER TABLE "new__{table}" RENAME TO "{table}"')
    await editor._run_sql("PRAGMA legacy_alter_table = OFF")
    for statement in (*sequence, *new_indexes):
        await editor._run_sql(statement)
    for statement in kept:
        await editor.client.execute_query(statement)  # a trigger has semicolons inside
    return True


def _copy(before: type[Model], after: type[Model]) -> str:
    table, fields = after._meta.db_table, after._meta.fields_map
    computed = {column_of(after, name) for name, field in fields.items() if field.generated and not field.pk}
    listed = ", ".join(["rowid", *(f'"{column}"' for column in sorted(columns(before) & columns(after) - computed))])
    return f'INSERT INTO "new__{table}" ({listed}) SELECT {listed} FROM "{table}"'  # noqa: S608


async def _sequence(editor: Definitions, table: str) -> list[str]:
    """Statements that put an AUTOINCREMENT where it was, so that no number is given twice."""
    if not await editor.client.execute_query_dict("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
        return []
    rows = await editor.client.execute_query_dict("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])
    return [
        statement
        for row in rows
        for statement in (
            f"DELETE FROM sqlite_sequence WHERE name = '{table}'",  # noqa: S608
            f"INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {row['seq']})",  # noqa: S608
        )
    ]


async def _undeclared(editor: Definitions, before: type[Model], after: type[Model], declared: list[str]) -> list[str]:
    """CREATE statements of the triggers and indexes that stand on the table and in no model."""
    names = {match.group(1) for statement in declared if (match := _INDEX_NAME.match(statement))}
    over = _declared_columns(before)
    existing = await editor.existing_indexes(before._meta.db_table)
    dropped = {index.name for index in existing if index.name in names or index.columns in over}
    gone = columns(before) - columns(after)
    rows = await editor.client.execute_query_dict(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name = ? ORDER BY type, name",
        [before._meta.db_table],
    )
    return [
        row["sql"]
        for row in rows
        if row["name"] not in dropped and not (row["type"] == "index" and _mentions(row["sql"], gone))
    ]


def _declared_columns(model: type[Model]) -> set[tuple[str, ...]]:
    """The columns of every plain index and uniqueness that the model declares."""
    meta = model._meta
    declared = [
        *((name,) for name, field in meta.fields_map.items() if field.index or field.unique),
        *(tuple(index.fields) if isinstance(index, Index) else tuple(index) for index in meta.indexes),
        *(tuple(fields) for fields in meta.unique_together),
        *(c.fields for c in meta.constraints if isinstance(c, UniqueConstraint) and not c.condition),
    ]
    return {tuple(column_of(model, name) for name in fields) for fields in declared if fields}


def _mentions(sql: str, gone: set[str]) -> bool:
    return any(re.search(rf"\b{re.escape(column)}\b", sql) for column in gone)
