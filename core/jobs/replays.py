"""Telling a handler of past events again, as a job: batch after batch. 重放任务。"""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel

from ..deliveries import replaying
from ..deliveries.handlers import EventHandler
from ..errors import text
from ..records.event_types import Internal
from .job_kinds import JobKind
from .runs import Run

WRITE = "core.delivery.write"


class Replay(BaseModel):
    """Which handler, and of which events: from `first` to `last` by their sequence."""

    handler: Internal[str]
    first: Internal[int]
    last: Internal[int]


async def _replay(run: Run) -> None:
    given: Replay = run.input
    handler = replaying.handler_of(run.district.event_handlers, given.handler)
    told = run.cursor.get("told", given.first - 1)
    while told < given.last:
        told = await run.step(partial(_batch, run, handler, told))


async def _batch(run: Run, handler: EventHandler, told: int, unit: object) -> int:
    given: Replay = run.input
    numbers = await replaying.tell_batch(handler, told, given.last)
    reached = numbers[-1] if len(numbers) == replaying.BATCH else given.last
    run.note(reached - given.first + 1, given.last - given.first + 1, cursor={"told": reached})
    return reached


REPLAY = JobKind(
    "core.replay",
    text("A handler is told of past events"),
    Replay,
    _replay,
    WRITE,
    "Tells a handler of past events again, 500 at a time. 重放事件。",
)
