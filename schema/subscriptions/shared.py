"""What is read and answered once for all to whom an event is delivered in this process. 事件共享。"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.models import Model

from linli.core.access.asked import Asked, asking
from linli.core.access.viewer import Viewer
from linli.core.feed import Told

from ..execution import Answer


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


@dataclass(frozen=True)
class Made:
    """An answer, None where nothing is delivered, and what its viewer was asked for it."""

    answer: Answer | None
    asked: Asked


Making = Callable[[Viewer], Awaitable[Answer | None]]


class Alike:
    """The answers for viewers who may do the same at the same places, and ask for the same in the same language.

    The first one's is made, and serves all who would have said the same about themselves. Of those who would not, the
    first to say something else makes one for all who say that too; whoever differs even so has one made alone. So
    nobody waits for more than two others.
    """

    def __init__(self) -> None:
        self._first: asyncio.Future[Made | None] | None = None
        self._seconds: dict[tuple[Hashable, ...], asyncio.Future[Made | None]] = {}

    async def answer(self, viewer: Viewer, make: Making) -> Answer | None:
        """The answer for this viewer."""
        while self._first is not None:
            first = await asyncio.shield(self._first)
            if first is not None:
                return first.answer if first.asked.suits(viewer) else await self._second(first, viewer, make)
        self._first = asyncio.get_running_loop().create_future()
        return await _led(self._first, viewer, make, self._forget_first)

    async def _second(self, first: Made, viewer: Viewer, make: Making) -> Answer | None:
        key = first.asked.by(viewer)
        while key in self._seconds:
            made = await asyncio.shield(self._seconds[key])
            if made is not None:
                return made.answer if made.asked.suits(viewer) else (await _made(viewer, make)).answer
        self._seconds[key] = asyncio.get_running_loop().create_future()
        return await _led(self._seconds[key], viewer, make, lambda: self._seconds.pop(key))

    def _forget_first(self) -> None:
        self._first = None


async def _led(
    future: asyncio.Future[Made | None], viewer: Viewer, make: Making, forget: Callable[[], object]
) -> Answer | None:
    """Make it for those who wait as well; where that fails, or its client goes meanwhile, another of them does it."""
    try:
        made = await _made(viewer, make)
    except BaseException:
        forget()
        future.set_result(None)
        raise
    future.set_result(made)
    return made.answer


async def _made(viewer: Viewer, make: Making) -> Made:
    noting, asked = asking(viewer)
    return Made(await make(noting), asked)


class SharedEvent:
    """An event as it is delivered for a moment: its rows, and its answers by what they depend on beside the viewer."""

    def __init__(self, told: Told, turn: int, at: float) -> None:
        self.told, self.turn, self.at = told, turn, at
        self.rows = SharedRows()
        self._answers: dict[Hashable, Alike] = {}

    def alike(self, key: Hashable) -> Alike:
        """The answers with this key."""
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = Alike()
        return found
