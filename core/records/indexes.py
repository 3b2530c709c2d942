"""Orders in which null has a place, the same on both engines, and the indexes that lists ordered so are read from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from tortoise.backends.base.schema_generator import BaseSchemaGenerator
from tortoise.fields.base import Field
from tortoise.indexes import Index
from tortoise.models import Model

_EMPTY: tuple[tuple[type, str, Any], ...] = (
    (str, "''", ""),
    (datetime, "'0001-01-02 00:00:00+00:00'", datetime(1, 1, 2, tzinfo=UTC)),
    (date, "'0001-01-02'", date(1, 1, 2)),
    (int, "-9223372036854775807", -(2**63) + 1),
)
"""The second day of the calendar: asyncpg takes the first for minus infinity."""


def _empty(column: Field[Any]) -> tuple[str, Any]:
    for of, literal, value in _EMPTY:
        if issubclass(column.field_type, of) and column.field_type is not bool:
            return literal, value
    raise LookupError(f"{column.model_field_name}: lists are not ordered by {column.field_type.__name__} with null")


def empty_value(column: Field[Any]) -> Any:
    """What null counts as where rows are ordered by this column: less than any value it holds."""
    return _empty(column)[1]


def or_empty(column: Field[Any], table: str | None = None) -> str:
    """The SQL of a column with null counted as empty; spelled alike in orders and indexes, so that they meet."""
    of_table = "" if table is None else f'"{table}".'
    return f'COALESCE({of_table}"{column.source_field or column.model_field_name}",{_empty(column)[0]})'


class OrderIndex(Index):
    """An index for lists that are ordered by these columns, of which some may be null.

    Any column that is declared `orderable` and may be null needs one, with the id last, to be fast:
    `OrderIndex(fields=("code", "id"), name="core_org_node_by_code")`.
    """

    INDEX_TYPE = "ORDER"
    """For the editors of migrations, who spell it; no engine knows it by this name."""

    def get_sql(self, schema_generator: BaseSchemaGenerator, model: type[Model], safe: bool) -> str:
        return schema_generator._get_index_sql(model, spelled(model, self.fields), safe, index_name=self.name)


def spelled(model: type[Model], fields: Sequence[str]) -> list[str]:
    """What an OrderIndex over these fields holds."""
    columns = model._meta.fields_map
    return [or_empty(columns[name]) if columns[name].null else name for name in fields]
