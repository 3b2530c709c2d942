"""Orders and cursors: where a page begins is told by the values of the row before it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Optional
from uuid import UUID

import orjson
from tortoise.exceptions import BaseORMException
from tortoise.expressions import Q, RawSQL

from linli.core.errors import invalid
from linli.core.records.conditions import where
from linli.core.records.indexes import empty_value, or_empty

from ..enums import enum
from ..scalars import MAX_SAFE
from .inputs import input_type

if TYPE_CHECKING:
    from tortoise.models import Model

    from .node import Node


@enum("Which way to order. 排序方向。", ASC="From the smallest. 升序。", DESC="From the greatest. 降序。")
class Direction(StrEnum):
    """Ascending or descending."""

    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True)
class Key:
    """One column to order by; a column that may be null counts as empty there, the same on both engines."""

    column: str
    descending: bool = False
    nullable: bool = False

    @property
    def name(self) -> str:
        """What the statement orders by: the column, or its value with null made empty."""
        return f"{self.column}_or_empty" if self.nullable else self.column


def order_type(node: Node) -> type | None:
    """The order input of a declared type; None when it can be ordered by nothing."""
    names = {node.graphql_name(name): name for name in node.orderable()}
    if not names:
        return None
    texts = {_screaming(graphql): node.fields[name].description or "" for graphql, name in names.items()}
    members = {_screaming(graphql): name for graphql, name in names.items()}
    made: type[StrEnum] = StrEnum(f"{node.name}OrderField", members)  # type: ignore[misc]  # made at run time
    field = enum(f"What {node.name} can be ordered by. 可排序字段。", **texts)(made)
    return input_type(
        f"{node.name}Order",
        f"How to order {node.name}. 排序。",
        {
            "field": (field, "By what. 排序字段。"),
            "direction": (Optional[Direction], "Which way, ascending where not said. 排序方向。"),
        },
    )


def _screaming(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)


def keys(node: Node, given: Sequence[dict[str, Any]] | None, within: Q) -> tuple[Key, ...]:
    """The columns to order by: as asked, else as the type declares; the id decides between equals.

    It goes the way of the last of them, so that an index is read from either end. Where the list's own condition
    leaves no null in a column, the order is that of the column itself.
    """
    asked = tuple(
        Key(node.order_column(str(one["field"])), one.get("direction") == Direction.DESC) for one in given or ()
    )
    if len({key.column for key in asked}) < len(asked):
        raise invalid("orderBy", "REPEATED", "A field is named twice")
    chosen = asked or tuple(Key(column.lstrip("-"), column.startswith("-")) for column in node.order)
    known, held = node.model._meta.fields_map, _never_null(within)
    named = [replace(key, nullable=known[key.column].null and key.column not in held) for key in chosen]
    return (*named, Key("id", descending=bool(named) and named[-1].descending))


def _never_null(within: Q) -> set[str]:
    """The columns that a condition wants to hold a value."""
    if within._is_negated or within.join_type == Q.OR:
        return set()
    given: Mapping[str, Any] = within.filters
    wanted = {lookup.removesuffix("__isnull") for lookup in given if lookup.endswith("__isnull") and not given[lookup]}
    return wanted.union(*(_never_null(part) for part in within.children))


def computed_columns(order: Sequence[Key], model: type[Model]) -> dict[str, RawSQL]:
    """What a statement must compute to be ordered so; `OrderIndex` holds the same."""
    known, table = model._meta.fields_map, model._meta.db_table
    return {key.name: RawSQL(or_empty(known[key.column], table)) for key in order if key.nullable}


def order_by(order: Sequence[Key], *, backwards: bool) -> list[str]:
    """The order as Tortoise spells it."""
    return [("-" if key.descending != backwards else "") + key.name for key in order]


def encode(order: Sequence[Key], row: Model) -> str:
    """The cursor of a row under an order."""
    values = [_plain(getattr(row, key.column)) for key in order]
    return base64.urlsafe_b64encode(orjson.dumps([name_of(order), values])).decode()


def _plain(value: Any) -> Any:
    return (
        value.astimezone(UTC).isoformat()
        if isinstance(value, datetime)
        else str(value)
        if isinstance(value, UUID | date)
        else value
    )


def name_of(order: Sequence[Key]) -> str:
    """What a cursor says of the order that it belongs to."""
    return ",".join(("-" if key.descending else "") + key.column for key in order)


def decode(order: Sequence[Key], cursor: str, argument: str, node: Node) -> list[Any]:
    """The values in a cursor; a ValidationError when it was not made under this order."""
    refused = invalid(argument, "INVALID_CURSOR", "This cursor does not belong to this list in this order")
    try:
        name, values = orjson.loads(base64.urlsafe_b64decode(cursor))
        if name != name_of(order) or any(isinstance(value, int) and abs(value) > MAX_SAFE for value in values):
            raise refused
        columns = node.model._meta.fields_map
        typed = [_typed(columns[key.column], value) for key, value in zip(order, values, strict=True)]
        for key, value in zip(order, typed, strict=True):
            columns[key.column].to_db_value(value, node.model)
    except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError, AttributeError, OverflowError, OSError):
        raise refused from None
    except BaseORMException:
        raise refused from None
    return typed


def _typed(column: Any, value: Any) -> Any:
    return empty_value(column) if value is None and column.null else column.to_python_value(value)


def beyond(order: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Q:
    """The rows after (before) the one with these values: greater in the first column where they differ.

    That the first column is no less follows from it; said by itself it is where an index begins to be read.
    """
    ways = []
    for index, key in enumerate(order):
        same = [where(other.name, value) for other, value in zip(order[:index], values[:index], strict=True)]
        way = _way(key, backwards)
        ways.append(Q(*same, where(f"{key.name}__{way}", values[index])))
    bound = where(f"{order[0].name}__{_way(order[0], backwards)}e", values[0])
    return Q(bound, Q(*ways, join_type=Q.OR))


def _way(key: Key, backwards: bool) -> str:
    return "lt" if key.descending != backwards else "gt"
