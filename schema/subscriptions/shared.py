"""Rows that an event leads to, read once for all to whom it is delivered in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.models import Model

from linli.core.records.models import Event


class SharedRows:
    """Rows by id, whoever may see them: whoever takes one judges that for its viewer, see `Loaders`."""

    def __init__(self) -> None:
        self._found: dict[tuple[type[Model], UUID], Any] = {}
        self._reading = asyncio.Lock()

    async def of(self, model: type[Model], ids: Sequence[UUID]) -> Mapping[UUID, Any]:
        """The rows of these ids, as they were when somebody first asked."""
        async with self._reading:
            missing = [id_ for id_ in ids if (model, id_) not in self._found]
            if missing:
                rows = {row.pk: row for row in await model.filter(id__in=missing)}
                self._found |= {(model, id_): rows.get(id_) for id_ in missing}
        return {id_: row for id_ in ids if (row := self._found[model, id_]) is not None}


async def shared_rows(_event: Event) -> SharedRows:
    """The rows of one event; for `Told.fact`."""
    return SharedRows()
