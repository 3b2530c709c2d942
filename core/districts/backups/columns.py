"""The tables and columns as the district's migrations made them, and how a value in a backup is written to one. 列。"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.fields import Field

from ...records.migrations.apps import AppMigrations
from ...records.migrations.history import Step, load
from ...records.migrations.states import project
from ...records.store import Dialect

Columns = Mapping[str, Field[Any]]
Write = Callable[[Any], Any]


def columns_after(apps: Iterable[AppMigrations], steps: Iterable[Step]) -> dict[str, Columns]:
    """The fields of each table's columns after these migrations: what the installed models lack or add is no matter."""
    state = project(load(apps), steps)
    found: dict[str, Columns] = {}
    for of_label in state.apps.apps.values():
        for model in of_label.values():
            meta = model._meta
            found[meta.db_table] = {column: meta.fields_map[name] for name, column in meta.fields_db_projection.items()}
    return found


def writer(field: Field[Any], dialect: Dialect) -> Write:
    """How a value, as JSON has it, becomes one that an engine's driver takes. It raises TypeError and ValueError."""
    write = _of_type(field, dialect)
    return lambda value: None if value is None else write(value)


def _of_type(field: Field[Any], dialect: Dialect) -> Write:
    sqlite = dialect == "sqlite"
    if isinstance(field, fields.UUIDField):
        return (lambda value: str(UUID(_text(value)))) if sqlite else (lambda value: UUID(_text(value)))
    if isinstance(field, fields.DatetimeField):
        return _instant_text if sqlite else _instant
    if isinstance(field, fields.DateField):
        return (lambda value: date.fromisoformat(value).isoformat()) if sqlite else date.fromisoformat
    if isinstance(field, fields.JSONField):
        return lambda value: str(field.encoder(value))
    if isinstance(field, fields.BinaryField):
        return lambda value: b64decode(value["base64"], validate=True)
    return _of_plain(field, sqlite=sqlite)


def _of_plain(field: Field[Any], *, sqlite: bool) -> Write:
    if isinstance(field, fields.BooleanField):
        return (lambda value: int(_exactly(bool, value))) if sqlite else (lambda value: _exactly(bool, value))
    if issubclass(field.field_type, int):
        return lambda value: _exactly(int, value)
    if issubclass(field.field_type, float):
        return lambda value: float(_exactly((int, float), value))
    if issubclass(field.field_type, str):
        return _text
    raise TypeError(f"{field.model_field_name}: a backup knows no {type(field).__name__}")


def _exactly(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"expected {kind}, found {type(value).__name__}")
    return value


def _text(value: Any) -> Any:
    return _exactly(str, value)


def _instant(value: Any) -> datetime:
    return datetime.fromisoformat(value)


def _instant_text(value: Any) -> str:
    # as the models write it, since SQLite compares instants as text
    return _instant(value).isoformat(" ")
