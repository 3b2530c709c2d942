"""What the values of enums are called, for people."""

from __future__ import annotations

import re
from typing import Any

import strawberry
from graphql import GraphQLEnumType

from linli.core.errors import invalid

from ..context import Info

MAX_ENUMS = 50
_BOUNDARY = re.compile(r"(?<=\.)\s+(?=[^.]*[\u3400-\u9fff])")


@strawberry.type(description="What a value of an enum is called. 枚举值名称。")
class EnumLabel:
    """A value and its text."""

    enum: str = strawberry.field(description="The enum's name. 枚举名。")
    value: str = strawberry.field(description="The value. 枚举值。")
    text: str = strawberry.field(description="In the caller's language. 名称。")


def in_language(description: str, language: str) -> str:
    """One half of a description "English. 中文。" without its full stop; all of it where it has only one."""
    english, *chinese = _BOUNDARY.split(description, maxsplit=1)
    return (chinese[0] if chinese and language.startswith("zh") else english).strip().rstrip(".。")


def labels(_root: Any, info: Info, enums: list[str]) -> list[EnumLabel]:
    """The texts of these enums' values, in the order of the schema."""
    if len(enums) > MAX_ENUMS:
        raise invalid("enums", "OUT_OF_RANGE", "At most {count} values in a list", count=MAX_ENUMS)
    known, language = info.context.schema._schema.type_map, info.context.language
    found = []
    for name in enums:
        type_ = known.get(name)
        if not isinstance(type_, GraphQLEnumType) or name.startswith("__"):
            raise invalid("enums", "UNKNOWN", "There is no enum {found}", found=name)
        found += [
            EnumLabel(enum=name, value=value, text=in_language(one.description or value, language))
            for value, one in type_.values.items()
        ]
    return found
