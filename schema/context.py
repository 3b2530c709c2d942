"""What every resolver can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import strawberry
from tortoise.expressions import Q
from tortoise.models import Model

from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.districts import District
from linli.core.errors import NotFoundError, text
from linli.core.records.record import Record

from .declare.loaders import Loaders
from .scalars import global_id, parse_global_id

if TYPE_CHECKING:
    from .compose import DistrictSchema


@dataclass
class Context:
    """One request: who asks, in which district, in which language."""

    district: District
    schema: DistrictSchema
    viewer: Viewer = PUBLIC
    language: str = "zh-CN"
    request_key: str | None = None
    operation: str = ""

    def __post_init__(self) -> None:
        self.loaders = Loaders(self)

    def sees(self, model: type[Model], prefix: str = "") -> Q:
        """The rows of `model` that the viewer sees, `prefix` in front of every look-up."""
        return self.district.sight.condition(model, self.viewer, prefix)

    def global_id(self, row: Record) -> strawberry.ID:
        """The id by which clients know a row."""
        return strawberry.ID(global_id(self.schema.type_name(type(row)), row.id))

    def local_id(self, value: str, type_name: str) -> UUID | None:
        """The row's id behind a global id of this type; None when it is not one."""
        parsed = parse_global_id(value)
        return parsed[1] if parsed is not None and parsed[0] == type_name else None

    def required_id(self, value: str, type_name: str, argument: str) -> UUID:
        """Like `local_id`, for inputs: what is not such an id is as if there were no such record."""
        found = self.local_id(value, type_name)
        if found is None:
            raise NotFoundError(text("There is no such record, or you may not see it"), path=(argument,))
        return found


Info: TypeAlias = strawberry.Info[Context, None]
