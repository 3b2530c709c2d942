"""How a model becomes a table, completed: what Tortoise's editors leave out or name differently each time.

Tortoise 1.1.9 drops `Meta.constraints` when it creates a model, takes the fields of an index for columns (so an
index over a foreign key names a column that does not exist), makes no index for an added field, ignores
`db_constraint=False` and escapes text defaults as MySQL would.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_editor.data import ModelSqlData
from tortoise.models import Model

from ..indexes import OrderIndex, spelled
from .columns import Constraint, column_of, variant
from .statements import split


@dataclass(frozen=True)
class ExistingIndex:
    """An index that CREATE INDEX made; `columns` is empty unless it is over plain columns and all rows."""

    name: str
    columns: tuple[str, ...]
    unique: bool


class Definitions(BaseSchemaEditor, ABC):
    """The part of the schema editor that both engines share."""

    _clauses: Sequence[str] = ()

    @abstractmethod
    async def existing_indexes(self, table: str) -> list[ExistingIndex]:
        """The indexes of a table, without those that a constraint in its definition brings."""

    async def _run_sql(self, sql: str) -> None:
        for statement in split(sql, self.DIALECT):
            await self.client.execute_script(statement)

    def _get_model_sql_data(self, model: type[Model]) -> ModelSqlData:
        partial = [c for c in model._meta.constraints if isinstance(c, UniqueConstraint) and c.condition]
        self._clauses = [self.clause(model, c) for c in model._meta.constraints if c not in partial]
        data = super()._get_model_sql_data(model)
        data.table_sql = "\n".join([data.table_sql, *(self.unique_index_sql(model, c) for c in partial)])
        return data

    def _get_inner_statements(self) -> list[str]:
        return list(self._clauses)

    def clause(self, model: type[Model], constraint: Constraint) -> str:
        """A constraint as it stands inside CREATE TABLE."""
        if isinstance(constraint, CheckConstraint):
            return self.CHECK_CONSTRAINT_CREATE_TEMPLATE.format(name=constraint.name, check=constraint.check)
        return self.UNIQUE_CONSTRAINT_CREATE_TEMPLATE.format(
            index_name=self._constraint_name_for_model(model, constraint),
            fields=self._listed(model, constraint.fields),
        )

    def unique_index_sql(self, model: type[Model], constraint: UniqueConstraint) -> str:
        """CREATE UNIQUE INDEX for a constraint, with its condition."""
        name = self.quote(self._constraint_name_for_model(model, constraint))
        where = f" WHERE {constraint.condition}" if constraint.condition else ""
        listed = self._listed(model, constraint.fields)
        return f"CREATE UNIQUE INDEX {name} ON {self.quote(model._meta.db_table)} ({listed}){where};"

    def _listed(self, model: type[Model], fields: Sequence[str]) -> str:
        return ", ".join(self.quote(column_of(model, name)) for name in fields)

    def _resolve_fields_to_columns(self, model: type[Model], field_names: tuple[str, ...] | list[str]) -> list[str]:
        return [column_of(model, name) for name in field_names]

    def _constraint_name_for_model(self, model: type[Model], constraint: UniqueConstraint) -> str:
        columns = self._resolve_fields_to_columns(model, constraint.fields)
        return constraint.name or self._generate_index_name("uid", model, columns)

    def _index_name_for_model(self, model: type[Model], index: Index) -> str:
        index.resolve_expressions(model)
        columns = self._resolve_fields_to_columns(model, index.field_names)
        return index.name or self._generate_index_name("idx", model, columns)

    def _generate_index_name(self, prefix: str, model: type[Model], field_names: list[str]) -> str:
        name = super()._generate_index_name(prefix, model, field_names)
        return re.sub(r"\W", "_", name)  # an expression would be part of the name, quotes and all

    def _get_unique_constraint_sql(self, model: type[Model], field_names: list[str]) -> str:
        return super()._get_unique_constraint_sql(model, self._resolve_fields_to_columns(model, field_names))

    def _get_index_sql(  # noqa: PLR0917  the signature is Tortoise's
        self,
        model: type[Model],
        field_names: Sequence[str],
        safe: bool = False,
        index_name: str | None = None,
        index_type: str | None = None,
        extra: str | None = None,
    ) -> str:
        if index_type == OrderIndex.INDEX_TYPE:
            field_names, index_type = spelled(model, field_names), None
        columns = self._resolve_fields_to_columns(model, list(field_names))
        return super()._get_index_sql(model, columns, safe, index_name, index_type, extra)

    def _get_fk_field_definition(self, model: type[Model], key_field_name: str) -> str:
        key = model._meta.fields_map[key_field_name]
        if cast(ForeignKeyFieldInstance[Any], key.reference).db_constraint:
            return super()._get_fk_field_definition(model, key_field_name)
        sql_type = key.get_for_dialect(self.DIALECT, "SQL_TYPE")
        return self._get_field_sql(
            db_field=column_of(model, key_field_name),
            field_type=sql_type,
            nullable=key.null,
            unique=key.unique,
            is_pk=key.pk,
            comment="",
        )

    def _escape_default_value(self, default: object) -> str:
        if isinstance(default, str):
            return "'" + default.replace("'", "''") + "'"
        return super()._escape_default_value(default)

    async def add_field(self, model: type[Model], field_name: str) -> None:
        await super().add_field(model, field_name)
        field = model._meta.fields_map[field_name]
        if not isinstance(field, ManyToManyFieldInstance) and field.index:
            await self.add_index(model, Index(fields=(field_name,)))

    async def delete_model(self, model: type[Model]) -> None:
        fields = model._meta.fields_map
        own = {name for name in model._meta.m2m_fields if not getattr(fields[name], "_generated", False)}
        await super().delete_model(variant(model, m2m_fields=own))

    async def remove_index(self, model: type[Model], index: Index) -> None:
        await self._run_sql(self._drop_index_sql(model, await self._name_in_database(model, index)))

    async def _name_in_database(self, model: type[Model], index: Index) -> str:
        """The index's name, which is another where a column was renamed since it was made."""
        expected = self._index_name_for_model(model, index)
        columns = tuple(self._resolve_fields_to_columns(model, index.field_names))
        existing = await self.existing_indexes(model._meta.db_table)
        if any(found.name == expected for found in existing):
            return expected
        return next((found.name for found in existing if found.columns == columns and not found.unique), expected)
