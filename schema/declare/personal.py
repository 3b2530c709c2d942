"""Filters on personal columns: for equality alone, and only among the rows that the viewer may see in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from linli.core.access.searches import Search
from linli.core.errors import ForbiddenError, invalid, text
from linli.core.records import visible
from linli.core.records.classes import FieldClass, class_of
from linli.core.records.conditions import where
from linli.core.records.encrypted import BlindIndex, EncryptedText, blinds

from ..problems import unauthenticated

if TYPE_CHECKING:
    from linli.schema.context import Context

    from .node import Node

Shape = tuple[str, Any, tuple[str, ...]]

MAX_VALUES = 20
"""How many values one filter compares with columns that are masked from others."""

SENSITIVE: Shape = ("SensitiveTextFilter", str, ("eq",))
ENCRYPTED: Shape = ("EncryptedTextFilter", str, ("eq", "in"))
PLAIN: Mapping[Any, Shape] = {
    str: ("PersonalTextFilter", str, ("eq", "in", "startsWith")),
    date: ("PersonalDateFilter", date, ("eq", "in")),
}


def shape(node: Node, name: str) -> Shape | None:
    """The filter of a masked field: name, type of values, operators; None where it has none.

    What is encrypted is found by its blind index, and of what is SENSITIVE nothing but that, one value at a time.
    """
    column = node.column_of(name)
    encrypted, sensitive = isinstance(column, EncryptedText), class_of(column) is FieldClass.SENSITIVE
    if encrypted and isinstance(node.model._meta.fields_map.get(_index(node, name)), BlindIndex):
        return SENSITIVE if sensitive else ENCRYPTED
    return None if encrypted or sensitive else PLAIN.get(node.python_type(name))


def _index(node: Node, name: str) -> str:
    return f"{node.fields[name].declared.source or name}_index"


def region(context: Context, node: Node, name: str, prefix: str) -> Q:
    """The rows of which the viewer may see this masked field in full, and so may ask for its value.

    Raises ForbiddenError for viewers without the permission anywhere, UNAUTHENTICATED for nobody.
    """
    if context.viewer.anonymous:
        raise unauthenticated()
    declared = node.fields[name].declared
    permissions = [one for one in (declared.reveal, declared.shown_by) if one is not None]
    within = context.district.sight.holding(node.model, context.viewer, permissions, prefix)
    if within is None:
        told = text("Only who may see this in full can filter by it")
        raise ForbiddenError(told, path=("filter", node.graphql_name(name)), details={"permission": declared.reveal})
    return within


def searches(context: Context, node: Node, name: str, given: Mapping[str, Any]) -> list[Search]:
    """What is to be kept of conditions on a masked field; nothing where the viewer sees all that it finds in full."""
    paths = _resting(context, node, name)
    if not paths:
        return []
    asked = ((operator, of if operator == "in" else [of]) for operator, of in given.items())
    type_, field = context.schema.type_name(node.model), node.graphql_name(name)
    return [Search(type_, field, operator, frozenset(values), paths) for operator, values in asked if values]


def _resting(context: Context, node: Node, name: str) -> tuple[str, ...]:
    """The paths beneath which a condition rests on the permission to reveal, and the value is not shown anyway."""
    declared, viewer = node.fields[name].declared, context.viewer
    paths: set[str] = set()
    for seen_by in visible.of(node.model).at.values():
        revealed = viewer.subtrees_of_both(seen_by, declared.reveal or "")
        shown = viewer.subtrees_of_both(seen_by, declared.shown_by) if declared.shown_by else ()
        paths.update(path for path in revealed if not path.startswith(shown))
    return tuple(sorted(paths))


def check_values(asked: Sequence[Search]) -> None:
    """Refuse one filter that tries many values."""
    if sum(len(search.values) for search in asked) > MAX_VALUES:
        told = "At most {count} personal values in a filter"
        raise invalid(f"filter.{asked[-1].field}", "FILTER_TOO_LONG", told, count=MAX_VALUES)


def equal(node: Node, name: str, prefix: str, operator: str, given: Any) -> Q:
    """The rows whose value is, is among, or begins with what is given."""
    column = node.fields[name].declared.source or name
    if isinstance(node.column_of(name), EncryptedText):
        values = given if operator == "in" else [given]
        kept = [blind for value in values for blind in blinds(node.model, column, value)]
        return where(f"{prefix}{_index(node, name)}__in", kept)
    return where(prefix + column + {"eq": "", "in": "__in", "startsWith": "__startswith"}[operator], given)
