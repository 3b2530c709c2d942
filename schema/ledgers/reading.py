"""Reading a ledger: as the API would, batch by batch, so that memory does not grow with it. 台账读取。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise.expressions import F, Q
from tortoise.models import Model

from linli.core.records.conditions import Unindexed
from linli.core.records.encrypted import Encrypted

from ..declare import ordering
from ..declare.ordering import Key
from ..declare.revealing import Places, places_of
from .declarations import Column
from .paths import Step, steps
from .values import Cell, Values

if TYPE_CHECKING:
    from ..context import Context, Info
    from .asking import Asked

BATCH = 200
"""Rows that are in memory at a time."""


@dataclass(frozen=True)
class Asking:
    """What a field's resolver asks of `info`."""

    context: Context


@dataclass
class Revealed:
    """What was shown in full so far: which fields, of how many people."""

    fields: set[str] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    """By the number that their id is: an int is a third of a UUID."""


class Reading:
    """One reading of a ledger for one viewer."""

    def __init__(self, context: Context, asked: Asked) -> None:
        self._context, self._asked = context, asked
        self._model = asked.node.model
        self.revealed = Revealed()
        self._order = [*(Key(column) for column in asked.ledger.order), Key("id")]
        self._values = Values(context)

    @property
    def within(self) -> Q:
        """The rows that are asked for and that the viewer sees."""
        sees = self._context.district.sight.condition(self._model, self._context.viewer)
        return Q(self._asked.within, Unindexed(sees))

    async def count(self, group: Q | None = None) -> int:
        """How many rows there are, in all or in a group."""
        return await self._model.filter(Q(self.within, group or Q())).count()

    async def batches(self, group: Q, most: int | None = None) -> AsyncIterator[list[list[Cell]]]:
        """The cells of a group's rows in order, 200 rows at a time; `most` rows in all."""
        after: list[Any] | None = None
        left = most
        while left is None or left > 0:
            size = BATCH if left is None else min(left, BATCH)
            rows = await self._rows(Q(self.within, group), after, size)
            if rows:
                yield await self._cells(rows)
            if len(rows) < size:
                return
            after = [self._key(rows[-1], key) for key in self._order]
            left = None if left is None else left - size

    async def _rows(self, within: Q, after: Sequence[Any] | None, size: int) -> list[Model]:
        joined = {_alias(key): F(key.column) for key in self._order if "__" in key.column}
        query = self._model.filter(within).annotate(**joined)
        if after is not None:
            query = query.filter(ordering.beyond(self._order, after, backwards=False))
        return list(await query.order_by(*(key.column for key in self._order)).limit(size))

    @staticmethod
    def _key(row: Model, key: Key) -> Any:
        return getattr(row, _alias(key) if "__" in key.column else key.column)

    async def _cells(self, rows: list[Model]) -> list[list[Cell]]:
        """A request of its own for each batch: what its loaders remember is forgotten with it."""
        context = replace(self._context)
        context.loaders.by_id(self._model).prime_many({row.pk: row for row in rows})
        info: Any = Asking(context)
        columns = await asyncio.gather(*(self._column(info, column, rows) for column in self._asked.columns))
        return [list(cells) for cells in zip(*columns, strict=True)]

    async def _column(self, info: Info, column: Column, rows: list[Model]) -> list[Cell]:
        if not isinstance(column.reads, str):
            found = await _all([column.reads(row, info) for row in rows])
            return [self._values.cell(column, None, value) for value in found]
        *above, last = steps(self._asked.node, column.reads)
        here: list[Any] = list(rows)
        for step in above:
            here = await _resolved(step, here, info)
        values = await _resolved(last, here, info)
        if self._asked.purpose is not None and last.declared.reveal is not None:
            values = await self._in_full(info, column, last, here, values)
        return [self._values.cell(column, last, value) for value in values]

    async def _in_full(self, info: Info, column: Column, step: Step, rows: list[Any], shown: list[Any]) -> list[Any]:
        """Whole values in the place of masked ones, of those rows where the viewer may see them; they are counted."""
        hidden = {row.id: row for row, value in zip(rows, shown, strict=True) if row is not None}
        places = await places_of(info.context, step.node.model, step.declared.reveal, hidden.keys())
        return [
            None if row is None else self._value(column, step, row, value, places)
            for row, value in zip(rows, shown, strict=True)
        ]

    def _value(self, column: Column, step: Step, row: Any, shown: Any, places: Places) -> Any:
        kept = getattr(row, step.source)
        if kept is None or row.id not in places.nodes:
            return shown
        whole = kept.decrypt() if isinstance(kept, Encrypted) else kept
        if shown != whole and places.nodes[row.id] is not None:  # one's own values are nobody's to record
            self.revealed.fields.add(column.key)
            self.revealed.people.add(_person_of(row).int)
        return whole


def _person_of(row: Any) -> UUID:
    """Whom a value tells of: the person of the row, or the row."""
    found: UUID | None = getattr(row, "person_id", None)
    return found or row.id


def _alias(key: Key) -> str:
    return f"by_{key.column}"


async def _resolved(step: Step, rows: list[Any], info: Info) -> list[Any]:
    """A field of each row, None where there is no row; those that wait for a loader are awaited together."""
    resolver = step.resolver
    if resolver is None:
        return [None if row is None else getattr(row, step.source) for row in rows]
    return await _all([None if row is None else resolver(row, info) for row in rows])


async def _all(found: list[Any]) -> list[Any]:
    waiting: Mapping[int, Any] = {place: one for place, one in enumerate(found) if isawaitable(one)}
    for place, value in zip(waiting, await asyncio.gather(*waiting.values()), strict=True):
        found[place] = value
    return found
