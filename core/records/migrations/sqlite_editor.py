"""The schema editor of SQLite, where most changes mean making the table anew."""

from __future__ import annotations

from typing import Any

from tortoise.fields.base import Field
from tortoise.fields.relational import ManyToManyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.schema_editor import SqliteSchemaEditor
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.models import Model

from .columns import (
    Constraint,
    column_of,
    key_field,
    refuse_other_type,
    variant,
    with_column,
    without_constraint,
    without_field,
)
from .definitions import Definitions, ExistingIndex
from .errors import BadMigrationError
from .remake import remake


class SqliteEditor(Definitions, SqliteSchemaEditor):
    """Tortoise's editor with a way of remaking tables that loses nothing."""

    def _get_table_comment_sql(self, table: str, comment: str) -> str:
        return ""  # SQLite keeps no comments

    def _get_column_comment_sql(self, table: str, column: str, comment: str) -> str:
        return ""

    def _escape_default_value(self, default: object) -> str:
        if isinstance(default, bytes):
            return f"X'{default.hex()}'"
        return super()._escape_default_value(default)

    async def add_field(self, model: type[Model], field_name: str) -> None:
        """Add a column in place where SQLite can, else remake the table."""
        field = model._meta.fields_map[field_name]
        if isinstance(field, ManyToManyFieldInstance):
            await super().add_field(model, field_name)
        elif _addable(key_field(model, field_name)):
            await BaseSchemaEditor.add_field(self, model, field_name)
            if field.index:
                await self.add_index(model, Index(fields=(field_name,)))
        else:
            await remake(self, without_field(model, field_name), model)

    async def remove_field(self, model: type[Model], field: Field[Any]) -> None:
        """Remake the table without the field."""
        if isinstance(field, ManyToManyFieldInstance):
            await super().remove_field(model, field)
        else:
            await remake(self, model, without_field(model, field.model_field_name))

    async def alter_field(self, old_model: type[Model], new_model: type[Model], field_name: str) -> None:
        """Remake the table with the field as it is now; its column's name and its index are changed in place."""
        old, new = old_model._meta.fields_map[field_name], new_model._meta.fields_map[field_name]
        if isinstance(new, ManyToManyFieldInstance):
            await super().alter_field(old_model, new_model, field_name)
            return
        refuse_other_type(old, new)
        before, after = column_of(old_model, field_name), column_of(new_model, field_name)
        if before != after:
            await self._rename_column(new_model, before, after)
            old_model = with_column(old_model, key_field(old_model, field_name).model_field_name, after)
        if not await remake(self, old_model, new_model) and old.index != new.index:
            change = self.add_index if new.index else self.remove_index
            await change(new_model, Index(fields=(field_name,)))

    async def add_constraint(self, model: type[Model], constraint: Constraint) -> None:
        """Add a uniqueness as an index, a check by remaking the table."""
        if isinstance(constraint, UniqueConstraint):
            await self._run_sql(self.unique_index_sql(model, constraint))
        else:
            await remake(self, without_constraint(model, constraint), model)

    async def remove_constraint(self, model: type[Model], constraint: Constraint) -> None:
        """Drop the index that a constraint is, or remake the table without it."""
        if isinstance(constraint, UniqueConstraint):
            columns = tuple(self._resolve_fields_to_columns(model, constraint.fields))
            name = self._constraint_name_for_model(model, constraint)
            for found in await self.existing_indexes(model._meta.db_table):
                if found.name == name or (found.unique and found.columns == columns and not constraint.condition):
                    await self._run_sql(f'DROP INDEX "{found.name}"')
                    return
        if not await remake(self, model, without_constraint(model, constraint)):
            raise BadMigrationError(f"{model.__name__} has no {constraint} to remove")

    async def rename_constraint(
        self, model: type[Model], old_constraint: Constraint, new_constraint: Constraint
    ) -> None:
        """Give a constraint another name; `model` has the new one."""
        if any(i.name == old_constraint.name for i in await self.existing_indexes(model._meta.db_table)):
            await self._run_sql(f'DROP INDEX "{old_constraint.name}"')
            await self.add_constraint(model, new_constraint)
            return
        others = without_constraint(model, new_constraint)
        await remake(self, variant(others, constraints=(*others._meta.constraints, old_constraint)), model)

    async def existing_indexes(self, table: str) -> list[ExistingIndex]:
        rows = await self.client.execute_query_dict(
            "SELECT name, \"unique\", partial FROM pragma_index_list(?) WHERE origin = 'c'", [table]
        )
        return [
            ExistingIndex(
                row["name"], () if row["partial"] else await self._plain_columns(row["name"]), bool(row["unique"])
            )
            for row in rows
        ]

    async def _plain_columns(self, index: str) -> tuple[str, ...]:
        rows = await self.client.execute_query_dict(
            'SELECT name, "desc", coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno', [index]
        )
        plain = all(row["name"] and not row["desc"] and row["coll"] == "BINARY" for row in rows)
        return tuple(row["name"] for row in rows) if plain else ()

    async def _rename_column(self, model: type[Model], before: str, after: str) -> None:
        table = self.quote(model._meta.db_table)
        await self._run_sql(self.RENAME_FIELD_TEMPLATE.format(table=table, old_column=before, new_column=after))


def _addable(field: Field[Any]) -> bool:
    """Whether ALTER TABLE ADD COLUMN takes it: no uniqueness, and NULL or a literal for the rows there are."""
    literal = field.has_db_default() and not hasattr(field.db_default, "get_sql")
    return not field.unique and not field.generated and (literal or (field.null and not field.has_db_default()))
