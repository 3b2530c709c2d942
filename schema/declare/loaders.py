"""Loaders: the rows that one operation points at, fetched together and only where the viewer sees them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader
from tortoise.expressions import Q

from linli.core.access.rows_seen import sees
from linli.core.access.searches import Search, record
from linli.core.graph.models import OrgBoundary
from linli.core.graph.queries import boundaries_at, successions
from linli.core.graph.successions import Successions
from linli.core.people.merged import standing
from linli.core.people.models import Person
from linli.core.records.events import payloads

from .revealing import Reveal, carry_out

if TYPE_CHECKING:
    from pydantic import BaseModel
    from tortoise.models import Model

    from linli.core.records.models import Event
    from linli.schema.context import Context


K = TypeVar("K")
V = TypeVar("V")


class Shielded(DataLoader[K, V]):
    """A loader whose answers outlive whoever asked first.

    Two branches of an operation await one future; when an error elsewhere cancels the one, the other still waits.
    """

    def load(self, key: K) -> Awaitable[V]:
        return asyncio.shield(super().load(key))


class Loaders:
    """The loaders of one request, one per model."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_id: dict[type[Model], DataLoader[UUID, Any]] = {}
        self._own: dict[type[Model], DataLoader[UUID, bool]] = {}
        self._shown: dict[tuple[type[Model], str], DataLoader[UUID, bool]] = {}
        self.payloads: DataLoader[Event, BaseModel | None] = Shielded(load_fn=self._load_payloads)
        self.reveals: DataLoader[Reveal, None] = Shielded(load_fn=lambda asked: carry_out(context, asked))
        self._others: dict[Any, DataLoader[Any, Any]] = {}
        self._successions: DataLoader[None, Successions] = Shielded(load_fn=self._load_successions)
        self.outlines: DataLoader[tuple[UUID, datetime], OrgBoundary | None] = Shielded(load_fn=_load_outlines)
        self._searches: DataLoader[Search, None] = Shielded(load_fn=self._record)

    def by_id(self, model: type[Model]) -> DataLoader[UUID, Any]:
        """Loads visible rows by id; None for those that the viewer does not see."""
        if model not in self._by_id:
            self._by_id[model] = Shielded(load_fn=lambda ids: self._load(model, ids))
        return self._by_id[model]

    async def first(self, model: type[Model], condition: Q, *order: str) -> Any:
        """The first row in an order of those that fulfil a condition, which says whether the viewer sees them too."""
        return await model.filter(condition).order_by(*order).first()

    async def all(self, model: type[Model], condition: Q, *order: str) -> Any:
        """The few rows that fulfil a condition, which says whether the viewer sees them too, in an order."""
        return await model.filter(condition).order_by(*order)

    def of(self, load: Callable[[Context, list[K]], Awaitable[list[V]]]) -> DataLoader[K, V]:
        """A loader of one's own: `load(context, keys)` is a function of a module, by which the loader is known."""
        if load not in self._others:
            self._others[load] = Shielded(load_fn=lambda keys: load(self._context, keys))
        return self._others[load]

    def own(self, model: type[Model]) -> DataLoader[UUID, bool]:
        """Loads, by the id of a row, whether it is the viewer's own, to be shown in full."""
        if model not in self._own:
            self._own[model] = Shielded(load_fn=lambda ids: self._load_own(model, ids))
        return self._own[model]

    def shows(self, model: type[Model], column: str) -> DataLoader[UUID, bool]:
        """Loads, by the id of a row that the viewer sees, whether the viewer sees a column of it."""
        if (model, column) not in self._shown:
            self._shown[model, column] = Shielded(load_fn=lambda ids: self._load_shown(model, column, ids))
        return self._shown[model, column]

    async def successions(self) -> Successions:
        """Who succeeded whom, read once for the request."""
        return await self._successions.load(None)

    async def recorded(self, searches: Iterable[Search]) -> None:
        """Return once these are committed, with what else is searched for at this moment; each of them once.

        Raises RejectedError NOT_BY_SUBSCRIPTION.
        """
        wanted = list(searches)
        if wanted:
            self._context.require_asked("filter")
        await asyncio.gather(*(self._searches.load(search) for search in wanted))

    async def _load_successions(self, asked: list[None]) -> list[Successions]:
        return [await successions()] * len(asked)

    async def _record(self, searches: list[Search]) -> list[None]:
        account_id = self._context.viewer.account_id
        assert account_id is not None, "a permission to reveal is an account's"
        await record(searches, account_id)
        return [None] * len(searches)

    async def _load_shown(self, model: type[Model], column: str, ids: list[UUID]) -> list[bool]:
        seen = self._context.district.sight.condition(model, self._context.viewer, column=column)
        found = set(await model.filter(seen, id__in=ids).values_list("id", flat=True))
        return [id_ in found for id_ in ids]

    async def _load_own(self, model: type[Model], ids: list[UUID]) -> list[bool]:
        own = self._context.district.sight.own(model, self._context.viewer)
        found = set() if own is None else set(await model.filter(own, id__in=ids).values_list("id", flat=True))
        return [id_ in found for id_ in ids]

    async def _load_payloads(self, rows: list[Event]) -> list[BaseModel | None]:
        found = await payloads(rows, self._context.district.event_types)
        return [found[row.id] for row in rows]

    async def _load(self, model: type[Model], ids: list[UUID]) -> list[Any]:
        shared = self._context.shared
        if shared is None:
            return await self._load_seen(model, ids)
        rows = await shared.of(model, ids)
        judged = {id_: self._judge(model, rows.get(id_)) for id_ in ids}
        unsure = [id_ for id_, seen in judged.items() if seen is None]
        asked = dict(zip(unsure, await self._load_seen(model, unsure), strict=True)) if unsure else {}
        return [rows[id_] if judged[id_] else asked.get(id_) for id_ in ids]

    def _judge(self, model: type[Model], row: Any) -> bool | None:
        """Whether the viewer sees a row; None where the database has to tell, as of a person merged into another."""
        if model is Person and (row is None or row.merged_into is not None):
            return None
        if row is None:
            return False
        paths = {"": row.path} if hasattr(row, "path") else {}
        return sees(self._context.district.sight, self._context.viewer, row, paths)

    async def _load_seen(self, model: type[Model], ids: list[UUID]) -> list[Any]:
        rows = await model.filter(self._context.sees(model), id__in=ids)
        found = {row.pk: row for row in rows}
        missing = [id_ for id_ in ids if id_ not in found]
        if missing and model is Person:  # who was merged into another is that one
            kept = await standing(missing)
            shown = await self._load_seen(model, list(set(kept.values()))) if kept else []
            there = {row.pk: row for row in shown if row is not None}
            found |= {id_: there[into] for id_, into in kept.items() if into in there}
        return [found.get(id_) for id_ in ids]


async def _load_outlines(asked: list[tuple[UUID, datetime]]) -> list[OrgBoundary | None]:
    """The outlines of organisations at instants."""
    at: dict[datetime, list[UUID]] = defaultdict(list)
    for node_id, instant in asked:
        at[instant].append(node_id)
    found = {instant: await boundaries_at(ids, instant) for instant, ids in at.items()}
    return [found[instant].get(node_id) for node_id, instant in asked]
