"""Fields and columns of a model, and models with a part taken away, as the schema editors need them."""

from __future__ import annotations

from copy import copy
from types import SimpleNamespace
from typing import Any, cast

from tortoise.fields.base import Field
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from .errors import BadMigrationError

Constraint = UniqueConstraint | CheckConstraint


def column_of(model: type[Model], field_name: str) -> str:
    """The column of a field, also of a foreign key by either of its names; anything else is returned as it is."""
    field = model._meta.fields_map.get(field_name)
    if isinstance(field, ForeignKeyFieldInstance):
        return column_of(model, field.source_field or f"{field_name}_id")
    return (field.source_field or field_name) if field is not None else field_name


def key_field(model: type[Model], field_name: str) -> Field[Any]:
    """The field that has the column: the field itself, or a foreign key's `<name>_id`."""
    field = model._meta.fields_map[field_name]
    if isinstance(field, ForeignKeyFieldInstance):
        return model._meta.fields_map[field.source_field or f"{field_name}_id"]
    return field


def columns(model: type[Model]) -> set[str]:
    """All columns of a model's table."""
    return set(model._meta.fields_db_projection.values())


def refuse_other_type(old: Field[Any], new: Field[Any]) -> None:
    """Refuse to alter a column's meaning in place."""
    if old.field_type != new.field_type:
        raise BadMigrationError(
            f"{new.model_field_name}: a {old.field_type} cannot become a {new.field_type} in place;"
            " add a field, move the data with RunPython, then remove the old one"
        )


def variant(model: type[Model], **changes: object) -> type[Model]:
    """The model with other metadata; good for a schema editor and nothing else."""
    meta = copy(model._meta)
    for name, value in changes.items():
        setattr(meta, name, value)
    return cast(type[Model], SimpleNamespace(_meta=meta, __name__=model.__name__))


def without_field(model: type[Model], field_name: str) -> type[Model]:
    """The model without a field, and without the indexes and uniquenesses that need it."""
    names = {field_name, key_field(model, field_name).model_field_name}
    meta = model._meta
    return variant(
        model,
        fields_map={name: field for name, field in meta.fields_map.items() if name not in names},
        fields_db_projection={n: c for n, c in meta.fields_db_projection.items() if n not in names},
        unique_together=tuple(fields for fields in meta.unique_together if names.isdisjoint(fields)),
        indexes=tuple(i for i in meta.indexes if names.isdisjoint(i.fields if isinstance(i, Index) else i)),
        constraints=tuple(c for c in meta.constraints if isinstance(c, CheckConstraint) or names.isdisjoint(c.fields)),
    )


def with_column(model: type[Model], field_name: str, column: str) -> type[Model]:
    """The model with a field in another column."""
    meta = model._meta
    field = copy(meta.fields_map[field_name])
    field.source_field = column
    return variant(
        model,
        fields_map={**meta.fields_map, field_name: field},
        fields_db_projection={**meta.fields_db_projection, field_name: column},
    )


def without_constraint(model: type[Model], constraint: Constraint) -> type[Model]:
    """The model without a constraint; one without a name is a member of unique_together."""
    if constraint.name:
        left = tuple(c for c in model._meta.constraints if c.name != constraint.name)
        return variant(model, constraints=left)
    fields = constraint.fields if isinstance(constraint, UniqueConstraint) else ()
    return variant(model, unique_together=tuple(u for u in model._meta.unique_together if tuple(u) != fields))
