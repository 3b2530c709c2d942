"""What every resolver can ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import strawberry
from tortoise.expressions import Q
from tortoise.models import Model

from linli.core.access.origin import Origin
from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.districts import District
from linli.core.errors import ForbiddenError, NotFoundError, RejectedError, text
from linli.core.graph.models import OrgNode
from linli.core.graph.paths import ancestor_paths, subtree_range
from linli.core.records.conditions import Unindexed
from linli.core.records.record import Record

from .declare.batches import Batches
from .declare.loaders import Loaders
from .scalars import global_id, parse_global_id

if TYPE_CHECKING:
    from .compose import DistrictSchema
    from .subscriptions.shared import SharedRows


@dataclass
class Context:
    """One request: who asks, in which district, in which language."""

    district: District
    schema: DistrictSchema
    viewer: Viewer = PUBLIC
    language: str = "zh-CN"
    request_key: str | None = None
    operation: str = ""
    origin: Origin = field(default_factory=Origin)
    shared: SharedRows | None = None
    """Where an event is delivered to many: rows that were read for all of them."""

    def __post_init__(self) -> None:
        self.loaders = Loaders(self)
        self.batches = Batches(self.schema.large_tables)
        self.denied: list[str] = []
        self.instant: datetime | None = None
        """The present of what must be asked for at one instant."""
        self.positions = 0
        """How many corners of outlines were answered so far."""

    def require_asked(self, argument: str) -> None:
        """Raise RejectedError where a subscription answers: what is recorded when it is shown is asked for at hand.

        The record of it is an event, which would bring forth the next answer, and that the next record.
        """
        if self.shared is not None:
            told = text("A subscription neither reveals nor searches by personal values: ask for that by a query")
            raise RejectedError(told, code="NOT_BY_SUBSCRIPTION", path=(argument,))

    def sees(self, model: type[Model], prefix: str = "") -> Q:
        """The rows of `model` that the viewer sees, `prefix` in front of every look-up.

        Among rows that other conditions find: where this one must find them, ask `district.sight`.
        """
        return Unindexed(self.district.sight.condition(model, self.viewer, prefix))

    def beneath(self, node: OrgNode) -> Q:
        """The nodes beneath one; resolvers ask here, so that a statement can ask for those beneath each of its rows."""
        low, high = subtree_range(node.path)
        return Q(path__gt=low, path__lt=high)

    def above(self, node: OrgNode) -> Q:
        """The nodes above one."""
        return Q(path__in=ancestor_paths(node.path))

    def sees_beneath(self, node: OrgNode) -> Q:
        """Which of the nodes beneath one the viewer sees."""
        return self.district.sight.beneath(OrgNode, self.viewer, node.path)

    async def shows(self, model: type[Model], row: Any, column: str) -> bool:
        """Whether the viewer, who sees a row, sees this column of it: of rows that a plugin makes public only some."""
        known = self.district.sight.shows(model, self.viewer, row, column)
        return await self.loaders.shows(model, column).load(row.id) if known is None else known

    def note_refusal(self, rejection: RejectedError, otherwise: str) -> None:
        """Keep in mind that a permission is lacking, to be recorded once the operation is over."""
        if rejection.code == ForbiddenError.code:
            self.denied.append(str(rejection.details.get("permission", otherwise)))

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
