"""Field classes: how much a value tells about somebody, declared on every column."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

F = TypeVar("F")


class FieldClass(StrEnum):
    """How a value may be shown (PIPL art. 28-31 and 51; 个人信息分类).

    PUBLIC to anybody, INTERNAL to those who see the record, PERSONAL and SENSITIVE masked unless revealed.
    """

    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    PERSONAL = "PERSONAL"
    SENSITIVE = "SENSITIVE"


def _classify(column: F, field_class: FieldClass) -> F:
    column.field_class = field_class  # type: ignore[attr-defined]  # Tortoise copies a field's attributes along
    return column


def public(column: F) -> F:
    """Anybody who may see the record may see this."""
    return _classify(column, FieldClass.PUBLIC)


def internal(column: F) -> F:
    """For those who see the record by a role; never in logs of other districts, never in open data."""
    return _classify(column, FieldClass.INTERNAL)


def personal(column: F) -> F:
    """Tells about a natural person: masked by default. 个人信息。"""
    return _classify(column, FieldClass.PERSONAL)


def sensitive(column: F) -> F:
    """Id numbers, health, tracks, minors: masked and encrypted. 敏感个人信息。"""
    return _classify(column, FieldClass.SENSITIVE)


def class_of(column: Any) -> FieldClass | None:
    """The class that a column was declared with, None when its author forgot."""
    found = getattr(column, "field_class", None)
    return found if isinstance(found, FieldClass) else None
