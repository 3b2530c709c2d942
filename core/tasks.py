"""Background tasks, started here and nowhere else; and waiting no longer than that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import Context
from types import coroutine
from typing import Any, TypeVar

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")
_running: set[asyncio.Task[Any]] = set()


def spawn(work: Callable[[], Coroutine[Any, Any, None]], *, name: str) -> asyncio.Task[None]:
    """Start `work` in a fresh context: it sees no district and no open transaction of whoever starts it.

    Its failure is logged; the task is kept alive until it ends.
    """
    fresh = Context()
    task: asyncio.Task[None] = asyncio.get_running_loop().create_task(fresh.run(work), name=name, context=fresh)
    _running.add(task)
    task.add_done_callback(_finished)
    return task


def _finished(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task_failed", task=task.get_name(), exc_info=error)


async def stop_all() -> None:
    """Cancel what still runs, and what that starts while it ends, and wait for it: for the end of a process or test.

    A task that calls this is left out: it cannot wait for itself.
    """
    this = asyncio.current_task()
    while tasks := [task for task in _running if task is not this]:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def within(work: Awaitable[T], seconds: float) -> T:
    """Await `work`; raises TimeoutError when it takes longer than `seconds`."""
    steps = work.__await__()
    try:
        waiting = next(steps)
    except StopIteration as done:  # nothing to wait for, as nearly always: a timer would cost 10 microseconds
        result: T = done.value
        return result
    async with asyncio.timeout(seconds):
        return await _carry_on(steps, waiting)


@coroutine
def _carry_on(steps: Generator[Any, Any, T], waiting: Any) -> Generator[Any, Any, T]:
    """Await the rest of what was begun by hand and waits for `waiting`."""
    try:
        while True:
            try:
                yield waiting
            except BaseException as error:  # a cancellation is for the work to see
                waiting = steps.throw(error)
            else:
                waiting = next(steps)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
