"""Background tasks: started here and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

import structlog

log = structlog.get_logger(__name__)
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
