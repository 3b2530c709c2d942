"""Filters: an input type per declared type, and the way from its value to a condition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core.errors import invalid
from linli.core.people.merged import standing_among
from linli.core.people.models import Person
from linli.core.records.conditions import Common, where

from ..scalars import Long, parse_global_id
from . import personal
from .inputs import add_fields, input_type

if TYPE_CHECKING:
    from linli.core.access.searches import Search
    from linli.schema.context import Context

    from .node import Node

MAX_LIST = 1000
MAX_TEXT = 1000
MAX_DEPTH = 5

_EQUALITY = {
    "eq": ("eq", "Equal. 等于。"),
    "ne": ("ne", "Not equal. 不等于。"),
    "in": ("in", "One of these, 1,000 at most. 属于。"),
}
_RANGE = {
    "gt": ("gt", "Greater. 大于。"),
    "gte": ("gte", "Greater or equal. 大于等于。"),
    "lt": ("lt", "Less. 小于。"),
    "lte": ("lte", "Less or equal. 小于等于。"),
}
_TEXT = {
    "contains": ("contains", "Contains, case matters. 包含。"),
    "startsWith": ("startswith", "Begins with, case matters. 以此开头。"),
}
_LOOKUPS = {name: lookup for group in (_EQUALITY, _RANGE, _TEXT) for name, (lookup, _) in group.items()}


def _operators(of: Any, *groups: Mapping[str, tuple[str, str]]) -> dict[str, tuple[Any, str]]:
    fields: dict[str, tuple[Any, str]] = {
        name: (Optional[list[of]] if name == "in" else Optional[of], description)
        for group in groups
        for name, (_, description) in group.items()
    }
    return {**fields, "isNull": (Optional[bool], "Has no value. 无值。")}


@cache
def personal_filter(shape: personal.Shape) -> type:
    """The filter for masked columns of this shape."""
    name, of, operators = shape
    described = {**_EQUALITY, **_TEXT, "in": ("in", f"One of these, {personal.MAX_VALUES} at most. 属于。")}
    fields: dict[str, tuple[Any, str]] = {
        one: (Optional[list[of]] if one == "in" else Optional[of], described[one][1])  # type: ignore[valid-type]
        for one in operators
    }
    told = "Conditions on a personal value, for who may see it in full; recorded. 个人信息条件（留痕）。"
    return input_type(name, told, fields)


def _is_enum(of: Any) -> bool:
    return isinstance(of, type) and issubclass(of, Enum)


@cache
def scalar_filter(of: Any) -> type | None:
    """The filter for a column of this Python type; None for types that are never filtered by."""
    if _is_enum(of):
        name = of.__strawberry_definition__.name
        return input_type(f"{name}Filter", f"Conditions on {name}. 枚举条件。", _operators(of, _EQUALITY))
    known: dict[Any, tuple[str, tuple[Mapping[str, tuple[str, str]], ...]]] = {
        str: ("StringFilter", (_EQUALITY, _RANGE, _TEXT)),
        int: ("IntFilter", (_EQUALITY, _RANGE)),
        Long: ("LongFilter", (_EQUALITY, _RANGE)),
        bool: ("BooleanFilter", ({"eq": _EQUALITY["eq"]},)),
        date: ("DateFilter", (_EQUALITY, _RANGE)),
        datetime: ("DateTimeFilter", (_EQUALITY, _RANGE)),
        strawberry.ID: ("IDFilter", (_EQUALITY,)),
    }
    if of not in known:
        return None
    name, groups = known[of]
    return input_type(name, f"Conditions on a value of this type. {name} 条件。", _operators(of, *groups))


def filter_type(node: Node) -> type:
    """The empty filter input of a declared type; `complete` fills it once all types are known."""
    return input_type(f"{node.name}Filter", f"Conditions on {node.name}; all of them must hold. 筛选条件。", {})


def complete(node: Node) -> None:
    """Fill the filter: columns, relations by nesting, and, or, not."""
    fields: dict[str, tuple[Any, str]] = {}
    for name, declared in node.fields.items():
        described = declared.declared.description
        if declared.declared.kind == "column" and declared.declared.filterable:
            made = scalar_filter(node.python_type(name))
            if made is not None:
                fields[node.graphql_name(name)] = (Optional[made], described)
        elif declared.declared.kind == "masked" and declared.declared.filterable:
            shape = personal.shape(node, name)
            if shape is not None:
                fields[node.graphql_name(name)] = (Optional[personal_filter(shape)], described)
        elif declared.declared.kind == "relation" and node.stands_on_key(name):
            fields[node.graphql_name(name)] = (Optional[node.related(name).filter], described)
    fields["and"] = (Optional[list[node.filter]], "All of these hold. 且。")  # type: ignore[name-defined]
    fields["or"] = (Optional[list[node.filter]], "At least one of these holds. 或。")  # type: ignore[name-defined]
    fields["not"] = (Optional[node.filter], "This does not hold. 非。")
    add_fields(node.filter, fields)


class Conditions:
    """Turns filter values of one request into conditions.

    Related rows must be visible to count, and a row of which a column is not shown never matches a condition on it,
    neither the condition nor its negation: what is found, how many and in which order tells nothing of its value.
    What rests on a permission to reveal is among the `searches`, which are to be recorded before anything is read.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._regions: list[Q] = []
        self.searches: list[Search] = []

    def of(self, node: Node, value: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Q:
        """All entries of `value` must hold."""
        if depth > MAX_DEPTH:
            raise invalid("filter", "FILTER_TOO_DEEP", "Filters nest at most {depth} levels", depth=MAX_DEPTH)
        found = [self._entry(node, name, given, prefix, depth) for name, given in value.items() if given is not None]
        return Q(*found)

    def _entry(self, node: Node, name: str, given: Any, prefix: str, depth: int) -> Q:
        if name in ("and", "or"):
            parts = [self.of(node, part, prefix, depth + 1) for part in given]
            if not parts and name == "or":
                return where(f"{prefix}id__in", [])  # at least one of none never holds
            return Q(*parts, join_type=Q.AND if name == "and" else Q.OR)
        if name == "not":
            return self._negated(node, given, prefix, depth)
        field = node.python_name(name)
        if node.fields[field].declared.kind == "relation":
            return self._related(node, field, given, prefix, depth)
        return self._compared(node, field, {one: of for one, of in given.items() if of is not None}, prefix)

    def _negated(self, node: Node, given: Any, prefix: str, depth: int) -> Q:
        before = len(self._regions)
        inner = self.of(node, given, prefix, depth + 1)
        return Q(~inner, *self._regions[before:])

    def _related(self, node: Node, field: str, given: Any, prefix: str, depth: int) -> Q:
        column, related = prefix + (node.fields[field].declared.source or field), node.related(field)
        seen = self._context.sees(related.model, column + "__")
        there = where(f"{column}_id__isnull", value=False)
        return Q(there, seen, self.of(related, given, column + "__", depth + 1))

    def _compared(self, node: Node, field: str, given: Mapping[str, Any], prefix: str) -> Q:
        if not given:
            return Q()
        declared, compare = node.fields[field].declared, _comparison
        if declared.kind == "masked":
            region: Q | None = personal.region(self._context, node, field, prefix)
            compare = _personal_comparison
            self.searches += personal.searches(self._context, node, field, given)
            personal.check_values(self.searches)
        else:
            context, column = self._context, declared.source or field
            region = context.district.sight.showing(node.model, context.viewer, column, prefix)
        within = [] if region is None or not self._may_hide(node, field) else [region]
        self._regions += within
        found = (compare(prefix, operator, of, node, field) for operator, of in given.items())
        return Q(*within, *(map(Common, found) if self._is_common(node, field, prefix) else found))

    def _is_common(self, node: Node, field: str, prefix: str) -> bool:
        """Whether many rows of this type have the value of a column, and paths lead to fewer that the viewer sees."""
        if prefix or node.fields[field].declared.kind == "masked" or not _is_enum(node.python_type(field)):
            return False
        return self._context.district.sight.led_by_path(node.model, self._context.viewer)

    def _may_hide(self, node: Node, field: str) -> bool:
        """Whether a value of this column is ever kept from somebody who sees the row."""
        return node.fields[field].declared.kind == "masked" or node.column_of(field).null


def _personal_comparison(prefix: str, operator: str, given: Any, node: Node, field: str) -> Q:
    _check_list(operator, given, personal.MAX_VALUES, f"filter.{node.graphql_name(field)}")
    _check_texts(given, node, field)
    return personal.equal(node, field, prefix, operator, given)


def _check_list(operator: str, given: Any, most: int = MAX_LIST, path: str = "filter") -> None:
    if operator == "in" and len(given) > most:
        raise invalid(path, "FILTER_TOO_LONG", "At most {count} values in a list", count=most)


def _comparison(prefix: str, operator: str, given: Any, node: Node, field: str) -> Q:
    column = prefix + (node.fields[field].declared.source or field)
    if operator == "isNull":
        return where(f"{column}__isnull", given)
    _check_list(operator, given)
    _check_texts(given, node, field)
    if node.python_type(field) is strawberry.ID:
        given = [_uuid(one, node) for one in given] if operator == "in" else _uuid(given, node)
        if node.model is Person:
            return _standing(column, operator, given if operator == "in" else [given])
    lookup = _LOOKUPS[operator]
    if lookup == "eq":
        return where(column, given)
    if lookup == "ne":
        return Q(where(f"{column}__not", given), where(f"{column}__isnull", value=False))
    return where(f"{column}__{lookup}", given)


def _standing(column: str, operator: str, ids: list[Any]) -> Q:
    """The people whom these ids mean: who was merged into another is that one."""
    found = where(f"{column}__in", standing_among(ids)) if ids else where(f"{column}__in", [])
    return Q(~found, where(f"{column}__isnull", value=False)) if operator == "ne" else found


def _check_texts(given: Any, node: Node, field: str) -> None:
    """Refuse a text that is longer than the column can hold: nothing is equal to it, and databases complain."""
    longest = getattr(node.column_of(field), "max_length", MAX_TEXT)
    if any(isinstance(one, str) and len(one) > longest for one in (given if isinstance(given, list) else [given])):
        raise invalid("filter", "TEXT_TOO_LONG", "At most {limit} characters", limit=longest)


def _uuid(value: str, node: Node) -> Any:
    parsed = parse_global_id(value)
    if parsed is None or parsed[0] != node.name:
        raise invalid("filter", "INVALID_ID", "This is not the id of a {type}", type=node.name)
    return parsed[1]
