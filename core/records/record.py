"""What every table has."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.models import Model, ModelMeta
from uuid_utils.compat import uuid7

from .. import clock
from .classes import public
from .encrypted import encrypted_names
from .fields import Instant


def new_id() -> UUID:
    """A new UUIDv7. It carries no meaning and is never a sort key for time."""
    return uuid7()


class _Kind(ModelMeta):
    """Makes the classes of records; their fields are described by `description` alone.

    For comments on fields Tortoise reads and parses the whole module once per class: a tenth of what a start takes.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> _Kind:
        made: _Kind = super().__new__(cls, name, bases, {"_no_comments": True, **attrs})  # type: ignore[assignment]
        return made


class Record(Model, metaclass=_Kind):
    """An immutable row with an id. 记录。"""

    id: UUID = public(fields.UUIDField(primary_key=True, default=new_id))

    class Meta:
        abstract = True

    @classmethod
    def _init_from_db(cls, **kwargs: Any) -> Self:
        """Every record that is read is made here: its encrypted values learn of which row they are."""
        made = super()._init_from_db(**kwargs)
        for name in encrypted_names(cls):
            value = made.__dict__.get(name)
            if value is not None and "id" in made.__dict__:
                value.row = made.id
        return made


class MutableRecord(Record):
    """A row that changes: `version` counts its changes from 1, for optimistic locking. 可变记录。"""

    version = public(fields.IntField(default=1))
    created_at = public(Instant(default=clock.now))
    updated_at = public(Instant(default=clock.now))

    class Meta:
        abstract = True
