"""Enums with a description for every value."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import strawberry

E = TypeVar("E", bound=type[StrEnum])


def enum(description: str, **values: str) -> Callable[[E], E]:
    """Make a StrEnum an enum of the API; `values` describe its members, English then Chinese, all of them."""

    def describe(cls: E) -> E:
        missing = set(cls.__members__) ^ set(values)
        if missing:
            raise TypeError(f"{cls.__name__}: describe exactly its members; look at {sorted(missing)}")
        strawberry.enum(cls, description=description)
        for value in cls.__strawberry_definition__.values:  # type: ignore[attr-defined]
            value.description = values[value.name]
        return cls

    return describe
