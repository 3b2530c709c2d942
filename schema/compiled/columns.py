"""Columns: the JSON of one, as the schema's scalars print it, and only where the viewer sees it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLField, GraphQLNonNull, get_nullable_type
from tortoise import fields as models

from ..declare.fields import DeclaredField
from ..declare.node import plainly_shown
from ..scalars import MAX_SAFE
from .dialects import BAIL, Dialect, column_kind, literal
from .standins import Row

if TYPE_CHECKING:
    from .statements import Writer

_INT = 2**31


def column_json(writer: Writer, row: Row, field: DeclaredField, definition: GraphQLField) -> str | None:
    """The SQL of a column's JSON; None where only Python knows how it is shown."""
    source = field.declared.source or field.python_name
    if source == "id" and field.python_name == "id":
        return writer.dialect.global_id(row.node.name, row.column("id"))
    if not plainly_shown(field):
        return None
    column = row.node.model._meta.fields_map[source]
    of = get_nullable_type(definition.type)
    made = _encoded(writer.dialect, of, column, row.column(source), writer.schema.district.zone.key)
    if made is None:
        return None
    if column.null and isinstance(definition.type, GraphQLNonNull):
        made = f"CASE WHEN {row.column(source)} IS NULL THEN {literal(BAIL)} ELSE {made} END"
    return made if field.resolver is None else _where_shown(writer, row, source, column, made)


def _encoded(  # noqa: PLR0911  one for each scalar
    dialect: Dialect, of: Any, column: Any, sql: str, zone: str
) -> str | None:
    kind = column_kind(column)
    if isinstance(of, GraphQLEnumType):
        names = {str(_plain(value.value)): name for name, value in of.values.items()}
        return dialect.enum(sql, names) if kind == "text" else None
    match (getattr(of, "name", ""), kind):
        case ("ID", "uuid"):
            return dialect.quoted(sql)
        case ("String", "text"):
            return dialect.text(sql)
        case ("Boolean", "boolean"):
            return dialect.boolean(sql)
        case ("Int", "number"):
            small = dialect.name == "postgres" and not isinstance(column, models.BigIntField)
            return dialect.small_number(sql) if small else dialect.number(sql, -_INT, _INT - 1)
        case ("Long" | "Fen", "number"):
            return dialect.number(sql, -MAX_SAFE, MAX_SAFE)
        case ("LocalTime", "number"):
            return dialect.local_time(sql)
        case ("DateTime", "instant"):
            return dialect.instant(sql, zone)
        case ("Date", "date"):
            return dialect.date(sql)
        case ("JSON", "json"):
            return dialect.json(sql)
        case _:
            return None


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _where_shown(writer: Writer, row: Row, source: str, column: Any, made: str) -> str:
    """The column where the viewer sees it, else what stands for it: of rows that a plugin makes public only some."""
    context, model = writer.context, row.node.model
    sight = context.district.sight
    if all(source in one.columns for one in sight.public_rows.get(model, ())):
        return made
    shown = sight.condition(model, context.viewer, column=source)
    if shown == sight.known(model):
        return made
    query = writer.of_id(row, model.filter(shown))
    hidden = "null" if column.null else "{}"
    return f"CASE WHEN EXISTS ({query}) THEN {made} ELSE {literal(hidden)} END"
