"""One call of one plugin's implementation: awaited where it must be, limited in time."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping

from .implementations import Implementation


async def call(implementation: Implementation, arguments: Mapping[str, object], limit: float | None) -> object:
    """What an implementation answers, whether it is `def` or `async def`.

    Raises TimeoutError when it waits for more than `limit` seconds, also when it swallows the cancellation.
    """
    answer = implementation.call(arguments)
    if not inspect.isawaitable(answer):
        return answer
    try:
        async with asyncio.timeout(limit) as scope:
            result: object = await answer
    except TimeoutError as error:
        if scope.expired():
            raise _overrun(limit) from error
        raise
    if scope.expired():
        raise _overrun(limit)
    return result


def call_now(implementation: Implementation, arguments: Mapping[str, object]) -> object:
    """What an implementation answers that must not be awaited; TypeError when it is awaitable."""
    answer = implementation.call(arguments)
    if inspect.isawaitable(answer):
        if inspect.iscoroutine(answer):
            answer.close()
        raise TypeError(f"{implementation.hook} must answer at once, not with something to await")
    return answer


def is_cancelled() -> bool:
    """Whether the running task is being cancelled, rather than only having awaited something that was."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _overrun(limit: float | None) -> TimeoutError:
    return TimeoutError(f"took longer than its limit of {limit} seconds")
