"""Input types made from declarations: their values arrive as plain dictionaries under GraphQL's names."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

InputFields = Mapping[str, tuple[Any, str]]


def input_type(name: str, description: str, fields: InputFields) -> type:
    """An input type of optional fields: name -> (python type, description)."""
    made = types.new_class(name)
    made.__module__ = __name__
    strawberry.input(made, name=name, description=description)
    made.__strawberry_definition__.from_input = lambda _cls, value, _context: dict(value)  # type: ignore[attr-defined]
    add_fields(made, fields)
    return made


def add_fields(made: type, fields: InputFields) -> None:
    """Add fields to an input type that others refer to already: for types that refer to each other."""
    made.__strawberry_definition__.fields.extend(  # type: ignore[attr-defined]
        StrawberryField(
            python_name=name,
            graphql_name=name,
            type_annotation=StrawberryAnnotation(annotation),
            description=text,
            default=strawberry.UNSET,
            origin=made,
        )
        for name, (annotation, text) in fields.items()
    )
