"""The class of a field's values, as a directive in the SDL: `phone: String @class(is: PERSONAL)`. 字段分级。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import FieldDefinitionNode, GraphQLSchema, ObjectTypeDefinitionNode, ObjectTypeExtensionNode, parse
from strawberry.schema_directive import Location

from linli.core.records.classes import FieldClass

from ..enums import enum

enum(
    "How much a value tells about somebody. 个人信息分级。",
    PUBLIC="For anybody who sees the record. 公开。",
    INTERNAL="For those who see the record by a role. 内部。",
    PERSONAL="About a natural person, masked unless revealed. 个人信息，默认脱敏。",
    SENSITIVE="Id numbers, health, tracks, minors: masked, and encrypted where kept. 敏感个人信息。",
)(FieldClass)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="class",
    description="How much the values of a field tell about somebody. 字段分级。",
)
class Classified:
    """Stands at every field that shows a column."""

    is_: FieldClass = strawberry.directive_field(name="is")


def annotated(sdl: str, schema: GraphQLSchema) -> str:
    """An SDL of types of `schema` with the class behind every field that has one."""
    parts, done = list[str](), 0
    for end, found in _places(sdl, schema):
        parts += [sdl[done:end], f" @class(is: {found.value})"]
        done = end
    return "".join([*parts, sdl[done:]])


def _places(sdl: str, schema: GraphQLSchema) -> Iterator[tuple[int, FieldClass]]:
    for definition in parse(sdl).definitions:
        if isinstance(definition, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            known: Any = schema.type_map[definition.name.value]
            for field in definition.fields or ():
                found = _class_of(known.fields[field.name.value])
                if found is not None:
                    yield _end(field), found


def _class_of(field: Any) -> FieldClass | None:
    declared = (field.extensions or {}).get("strawberry-definition")
    marks = (mark.is_ for mark in getattr(declared, "directives", ()) if isinstance(mark, Classified))
    return next(marks, None)


def _end(field: FieldDefinitionNode) -> int:
    assert field.type.loc is not None, "the SDL was parsed with places"
    return field.type.loc.end
