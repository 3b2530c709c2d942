"""Loaders: the rows that one operation points at, fetched together and only where the viewer sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from strawberry.dataloader import DataLoader

if TYPE_CHECKING:
    from tortoise.models import Model

    from linli.schema.context import Context


class _Shielded(DataLoader[UUID, Any]):
    """A loader whose answers outlive whoever asked first.

    Two branches of an operation await one future; when an error elsewhere cancels the one, the other still waits.
    """

    def load(self, key: UUID) -> Awaitable[Any]:
        return asyncio.shield(super().load(key))


class Loaders:
    """The loaders of one request, one per model."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_id: dict[type[Model], DataLoader[UUID, Any]] = {}

    def by_id(self, model: type[Model]) -> DataLoader[UUID, Any]:
        """Loads visible rows by id; None for those that the viewer does not see."""
        if model not in self._by_id:
            self._by_id[model] = _Shielded(load_fn=lambda ids: self._load(model, ids))
        return self._by_id[model]

    async def _load(self, model: type[Model], ids: list[UUID]) -> list[Any]:
        rows = await model.filter(self._context.sees(model), id__in=ids)
        found = {row.pk: row for row in rows}
        return [found.get(id_) for id_ in ids]
