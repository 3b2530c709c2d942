"""What a plugin adds to the schema, as SDL: the reviewed file beside its GraphQL module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    lexicographic_sort_schema,
    print_type,
)
from graphql.utilities.print_schema import print_enum, print_interface, print_object

from .declare.classes import annotated


def added(base: GraphQLSchema, composed: GraphQLSchema) -> str:
    """The types that `composed` has and `base` has not, and the fields and values that it adds to those of both."""
    known, sorted_schema = base.type_map, lexicographic_sort_schema(composed)
    parts = [
        print_type(type_) if name not in known else _extension(known[name], type_)
        for name, type_ in sorted(sorted_schema.type_map.items())
    ]
    return annotated("\n\n".join(part for part in parts if part) + "\n", composed)


def _extension(old: GraphQLNamedType, new: GraphQLNamedType) -> str:
    if isinstance(old, GraphQLEnumType) and isinstance(new, GraphQLEnumType):
        values = _new(old.values, new.values)
        return "extend " + print_enum(GraphQLEnumType(new.name, values)) if values else ""
    if isinstance(old, GraphQLObjectType) and isinstance(new, GraphQLObjectType):
        fields = _new(old.fields, new.fields)
        return "extend " + print_object(GraphQLObjectType(new.name, fields)) if fields else ""
    if isinstance(old, GraphQLInterfaceType) and isinstance(new, GraphQLInterfaceType):
        fields = _new(old.fields, new.fields)
        return "extend " + print_interface(GraphQLInterfaceType(new.name, fields)) if fields else ""
    return ""


def _new(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in new.items() if name not in old}


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """Everything that lacks a description in both languages: types, fields, arguments, enum values."""
    for name, type_ in sorted(schema.type_map.items()):
        if not name.startswith("__") and name not in BUILT_IN:
            yield from _undescribed_type(name, type_)


BUILT_IN = frozenset({"String", "Int", "Float", "Boolean", "ID"})


def _undescribed_type(name: str, type_: GraphQLNamedType) -> Iterator[str]:
    if not _both(type_.description):
        yield name
    for kind in ("fields", "values"):
        for member, value in getattr(type_, kind, {}).items():
            if not _both(value.description):
                yield f"{name}.{member}"
            yield from (
                f"{name}.{member}({argument})"
                for argument, given in getattr(value, "args", {}).items()
                if not _both(given.description)
            )


def _both(description: str | None) -> bool:
    """English first, then Chinese, each ending as a sentence does."""
    text = description or ""
    return text.rstrip().endswith("。") and ". " in text
