"""Looking at something for many at once: whoever asks is answered by a look that began after the asking. 合并查询。"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ..tasks import spawn

T = TypeVar("T")


class Rounds(Generic[T]):
    """`look` is carried out once for all who ask while the look before is under way."""

    def __init__(self, look: Callable[[], Awaitable[T]], name: str) -> None:
        self._look, self._name = look, name
        self._next: asyncio.Future[T] | None = None
        self._running = False

    async def ask(self) -> T:
        """What is seen from now on; raises what the look raises."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            if not self._running:
                self._running = True
                spawn(self._run, name=self._name)
        return await asyncio.shield(self._next)

    async def _run(self) -> None:
        try:
            while self._next is not None:
                asked, self._next = self._next, None
                await self._answer(asked)
        finally:
            self._running = False

    async def _answer(self, asked: asyncio.Future[T]) -> None:
        try:
            asked.set_result(await self._look())
        except Exception as error:
            asked.set_exception(error)
            asked.exception()  # whoever asked may have gone
        except BaseException:  # the process ends
            asked.cancel()
            raise
