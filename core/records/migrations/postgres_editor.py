"""The schema editor of PostgreSQL and Citus."""

from __future__ import annotations

from typing import Any, cast

from tortoise.fields.base import Field
from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor
from tortoise.models import Model

from .columns import Constraint, column_of, key_field, refuse_other_type
from .definitions import Definitions, ExistingIndex


class PostgresEditor(Definitions, AsyncpgSchemaEditor):
    """Tortoise's editor with its constraints looked up where they are: in the schema of the search_path."""

    # CASCADE would take other plugins' keys along in silence
    DELETE_TABLE_TEMPLATE = "DROP TABLE {table}"
    DELETE_FIELD_TEMPLATE = 'ALTER TABLE {table} DROP COLUMN "{column}"'

    def _escape_comment(self, comment: str) -> str:
        return comment.replace("'", "''")

    def _escape_default_value(self, default: object) -> str:
        if isinstance(default, bytes):
            return f"'\\x{default.hex()}'::bytea"
        return super()._escape_default_value(default)

    def _get_m2m_table_definition(self, model: type[Model], field: ManyToManyFieldInstance[Any]) -> str | None:
        created = super()._get_m2m_table_definition(model, field)
        if not created or not field.unique:
            return created
        # Citus cannot replicate updates of a table without primary key otherwise
        index = self._generate_index_name_for_table("uidx", field.through, [field.backward_key, field.forward_key])
        return f'{created}\nALTER TABLE "{field.through}" REPLICA IDENTITY USING INDEX "{index}";'

    async def add_field(self, model: type[Model], field_name: str) -> None:
        """Add a column with its index and its comment."""
        await super().add_field(model, field_name)
        await self._run_sql(self._post_table_hook())

    async def alter_field(self, old_model: type[Model], new_model: type[Model], field_name: str) -> None:
        """Change a column in place; of a foreign key also where it points and what deleting does."""
        old, new = old_model._meta.fields_map[field_name], new_model._meta.fields_map[field_name]
        if isinstance(new, ManyToManyFieldInstance):
            await super().alter_field(old_model, new_model, field_name)
            return
        refuse_other_type(old, new)
        await self._alter_field(new_model, key_field(old_model, field_name), key_field(new_model, field_name))
        if isinstance(new, ForeignKeyFieldInstance) and _target(old) != _target(new):
            await self._point_elsewhere(new_model, field_name)

    async def _alter_field(self, model: type[Model], old_field: Field[Any], new_field: Field[Any]) -> None:
        before = old_field.source_field or old_field.model_field_name
        after = new_field.source_field or new_field.model_field_name
        if before != after:
            # renamed first, for everything else goes by the new name
            await self._run_sql(
                self.RENAME_FIELD_TEMPLATE.format(
                    table=self.quote(model._meta.db_table), old_column=before, new_column=after
                )
            )
            old_field = old_field.__copy__()
            old_field.source_field = after
        await super()._alter_field(model, old_field, new_field)

    async def _point_elsewhere(self, model: type[Model], field_name: str) -> None:
        table, column = model._meta.db_table, column_of(model, field_name)
        for name in await self._constraints("f", table, [column]):
            await self._run_sql(self.DELETE_FK_TEMPLATE.format(table=self.quote(table), name=name))
        field = cast(ForeignKeyFieldInstance[Any], model._meta.fields_map[field_name])
        if field.db_constraint:
            to = field.to_field_instance.source_field or field.to_field_instance.model_field_name
            target = self.quote(field.related_model._meta.db_table)
            await self._run_sql(
                f'ALTER TABLE "{table}" ADD FOREIGN KEY ("{column}") REFERENCES {target} ("{to}")'
                f" ON DELETE {field.on_delete}"
            )

    async def add_constraint(self, model: type[Model], constraint: Constraint) -> None:
        """Add a check or a uniqueness; one with a condition is an index."""
        if isinstance(constraint, UniqueConstraint) and constraint.condition:
            await self._run_sql(self.unique_index_sql(model, constraint))
            return
        clause = self.clause(model, constraint)
        await self._run_sql(
            self.ADD_CONSTRAINT_TEMPLATE.format(table=self.quote(model._meta.db_table), constraint=clause)
        )

    async def rename_constraint(
        self, model: type[Model], old_constraint: Constraint, new_constraint: Constraint
    ) -> None:
        """Rename a constraint, or the index that one with a condition is."""
        if isinstance(old_constraint, UniqueConstraint) and old_constraint.condition:
            await self._run_sql(f'ALTER INDEX "{old_constraint.name}" RENAME TO "{new_constraint.name}"')
            return
        await super().rename_constraint(model, old_constraint, new_constraint)

    async def _resolve_constraint_name(self, model: type[Model], constraint: UniqueConstraint) -> str:
        columns = self._resolve_fields_to_columns(model, constraint.fields)
        found = await self._constraints("u", model._meta.db_table, columns)
        expected = self._constraint_name_for_model(model, constraint)
        return expected if expected in found or not found else found[0]

    async def _constraints(self, kind: str, table: str, columns: list[str]) -> list[str]:
        """Names of the table's constraints of a kind (`u` unique, `f` foreign key) over exactly these columns."""
        rows = await self.client.execute_query_dict(
            "SELECT k.conname::text AS name FROM pg_catalog.pg_constraint k"
            " WHERE k.conrelid = to_regclass($1) AND k.contype::text = $2 AND ARRAY("
            "  SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS c(number, position)"
            "  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.number"
            "  ORDER BY c.position) = $3::text[] ORDER BY 1",
            [self.quote(table), kind, columns],
        )
        return [row["name"] for row in rows]

    async def existing_indexes(self, table: str) -> list[ExistingIndex]:
        rows = await self.client.execute_query_dict(
            "SELECT c.relname::text AS name, i.indisunique AS unique,"
            " CASE WHEN i.indpred IS NULL AND i.indexprs IS NULL THEN ARRAY("
            "  SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, position)"
            "  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number"
            "  ORDER BY k.position) ELSE ARRAY[]::text[] END AS columns"
            " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = to_regclass($1)"
            " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)",
            [self.quote(table)],
        )
        return [ExistingIndex(row["name"], tuple(row["columns"]), row["unique"]) for row in rows]


def _target(field: Field[Any]) -> tuple[object, ...]:
    key = cast(ForeignKeyFieldInstance[Any], field)
    to = key.to_field_instance.model_field_name
    return key.related_model._meta.db_table, to, key.on_delete, key.db_constraint
