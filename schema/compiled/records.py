"""Records: made of the columns that a statement answered, just as if Tortoise had read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tortoise.models import Model

from linli.core.records.store import current_store

from .dialects import column_kind

_POSTGRES: Mapping[str, Callable[[Any], Any]] = {
    "uuid": UUID,
    "instant": lambda text: datetime.fromisoformat(text).astimezone(UTC),
    "date": date.fromisoformat,
}
"""What asyncpg makes of them: other columns are the same in JSON."""


def record_of(model: type[Model], values: Sequence[Any]) -> Model:
    """The record with these values in the order of the model's columns."""
    columns = model._meta.fields_db_projection
    made = dict(zip(columns.values(), values, strict=True))
    if current_store().dialect == "postgres":
        for name, column in columns.items():
            make = _POSTGRES.get(column_kind(model._meta.fields_map[name]) or "")
            if make is not None and made[column] is not None:
                made[column] = make(made[column])
    return model._init_from_db(**made)
