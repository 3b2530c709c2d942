"""How long an operation is carried out: until its time is over, a statement takes too long, or nobody waits. 时限。"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request

from linli.core.config import Limits
from linli.core.errors import text
from linli.core.records.tally import Tally
from linli.core.tasks import spawn

from ..problems import ProblemError, too_slow

LOOK_AFTER = 0.25
"""After how many seconds one looks whether the client is still there: most are answered by then."""


class Patience:
    """Ends an operation through its timeout, which stops the statement in the database too; knows why it did."""

    def __init__(self, limits: Limits, most: int) -> None:
        """`most` are the seconds that the server allows at most."""
        self.limit = asyncio.timeout(None)
        self.gone = False
        self._seconds = min(limits.seconds, most)
        self._statement = limits.statement_seconds
        self._slow_statement = False

    def begin(self) -> None:
        """From now on it counts."""
        self.limit.reschedule(asyncio.get_running_loop().time() + self._seconds)

    @property
    def over(self) -> bool:
        """Whether it came to an end by this."""
        return self.limit.expired()

    @property
    def problem(self) -> ProblemError:
        """TIMEOUT, in words."""
        if not self._slow_statement:
            return too_slow(self._seconds)
        told = text("A statement took longer than {limit} seconds and was stopped; ask for less", limit=self._statement)
        return ProblemError("TIMEOUT", told)

    @contextmanager
    def statements(self, tally: Tally) -> Iterator[None]:
        """Look at the statements of a tally: one timer for all of them, however many there are."""
        loop = asyncio.get_running_loop()

        def look() -> None:
            left = self._statement - tally.running_for()
            if left <= 0:
                self._slow_statement = True
                self._end()
            else:
                timers[:] = [loop.call_later(left, look)]

        timers = [loop.call_later(self._statement, look)]
        try:
            yield
        finally:
            timers[0].cancel()

    @contextmanager
    def while_waited_for(self, request: Request) -> Iterator[None]:
        """End when the client goes away; it is looked for only where the answer takes a while."""
        watching: list[asyncio.Task[None]] = []
        timer = asyncio.get_running_loop().call_later(
            LOOK_AFTER, lambda: watching.append(spawn(lambda: _left(request, self._leave), name="a client that waits"))
        )
        try:
            yield
        finally:
            timer.cancel()
            for task in watching:
                task.cancel()

    def _leave(self) -> None:
        self.gone = True
        self._end()

    def _end(self) -> None:
        if not self.limit.expired():
            self.limit.reschedule(asyncio.get_running_loop().time())


async def _left(request: Request, then: Callable[[], None]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    then()
