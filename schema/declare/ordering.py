"""Orders and cursors: where a page begins is told by the values of the row before it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Optional
from uuid import UUID

import orjson
from tortoise.exceptions import BaseORMException
from tortoise.expressions import Q
from tortoise.functions import Coalesce

from linli.core.errors import invalid
from linli.core.records.conditions import where

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
    empty: str | int | None = None

    @property
    def name(self) -> str:
        """What the statement orders by: the column, or its value with null made empty."""
        return self.column if self.empty is None else f"{self.column}_or_empty"


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


def keys(node: Node, given: Sequence[dict[str, Any]] | None) -> tuple[Key, ...]:
    """The columns to order by: as asked, else as the type declares; the id decides between equals."""
    asked = tuple(
        Key(node.order_column(str(one["field"])), one.get("direction") == Direction.DESC) for one in given or ()
    )
    if len({key.column for key in asked}) < len(asked):
        raise invalid("orderBy", "REPEATED", "A field is named twice")
    chosen = asked or tuple(Key(column.lstrip("-"), column.startswith("-")) for column in node.order)
    known = node.model._meta.fields_map
    return (*(replace(key, empty=_empty(known[key.column])) for key in chosen), Key("id"))


def _empty(column: Any) -> str | int | None:
    """What null counts as in an order by this column; None where there is no null."""
    if not column.null:
        return None
    return "" if issubclass(column.field_type, str) else -1


def computed_columns(order: Sequence[Key]) -> dict[str, Coalesce]:
    """What a statement must compute to be ordered so."""
    return {key.name: Coalesce(key.column, key.empty) for key in order if key.empty is not None}


def order_by(order: Sequence[Key], *, backwards: bool) -> list[str]:
    """The order as Tortoise spells it."""
    return [("-" if key.descending != backwards else "") + key.name for key in order]


def encode(order: Sequence[Key], row: Model) -> str:
    """The cursor of a row under an order."""
    values = [_plain(getattr(row, key.name)) for key in order]
    return base64.urlsafe_b64encode(orjson.dumps([_name(order), values])).decode()


def _plain(value: Any) -> Any:
    return (
        value.astimezone(UTC).isoformat()
        if isinstance(value, datetime)
        else str(value)
        if isinstance(value, UUID | date)
        else value
    )


def _name(order: Sequence[Key]) -> str:
    return ",".join(("-" if key.descending else "") + key.column for key in order)


def decode(order: Sequence[Key], cursor: str, argument: str, node: Node) -> list[Any]:
    """The values in a cursor; a ValidationError when it was not made under this order."""
    refused = invalid(argument, "INVALID_CURSOR", "This cursor does not belong to this list in this order")
    try:
        name, values = orjson.loads(base64.urlsafe_b64decode(cursor))
        if name != _name(order) or any(isinstance(value, int) and abs(value) > MAX_SAFE for value in values):
            raise refused
        columns = node.model._meta.fields_map
        typed = [columns[key.column].to_python_value(value) for key, value in zip(order, values, strict=True)]
        for key, value in zip(order, typed, strict=True):
            columns[key.column].to_db_value(value, node.model)
    except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError, AttributeError, OverflowError, OSError):
        raise refused from None
    except BaseORMException:
        raise refused from None
    return typed


def beyond(order: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Q:
    """The rows after (before) the one with these values: greater in the first column where they differ."""
    ways = []
    for index, key in enumerate(order):
        same = [where(other.name, value) for other, value in zip(order[:index], values[:index], strict=True)]
        way = "lt" if key.descending != backwards else "gt"
        ways.append(Q(*same, where(f"{key.name}__{way}", values[index])))
    return Q(*ways, join_type=Q.OR)
