"""Telling handlers again: of what was given up, or of events of the past. 重试与重放。"""

from __future__ import annotations

from collections.abc import Callable

from .. import clock
from ..errors import NotFoundError, RejectedError, invalid, text
from ..graph.sql import execute
from ..records import events, outbox
from ..records.delivery_models import Delivery
from ..records.unit_of_work import UnitOfWork, current_unit, transact
from .event_types import HANDLER, REPLAYED, RETRIED, Replayed, Retried, subject_of
from .handlers import EventHandler, Handlers

BATCH = 500

_ANEW = (
    "UPDATE core_delivery SET state = 'PENDING', attempts = 0, done_at = NULL, problem = NULL, "
    "next_at = $2::timestamptz "
)
BY_ID = _ANEW + "WHERE id = $1::uuid AND state = 'DEAD'"
BY_HANDLER = _ANEW + "WHERE handler = $1 AND state = 'DEAD'"
BY_EVENT = _ANEW + "WHERE handler = $1 AND event_id = $3::uuid AND state <> 'PENDING'"

Progress = Callable[[int, int], None]


def handler_of(handlers: Handlers, name: str) -> EventHandler:
    """The handler of this name. Raises NotFoundError."""
    if name not in handlers:
        known = ", ".join(sorted(handlers)) or "-"
        raise NotFoundError(text("No handler {found} is on here; there are: {allowed}", found=name, allowed=known))
    return handlers[name].handler


async def retry(delivery: Delivery) -> Delivery:
    """Have a delivery that was given up tried anew. Raises RejectedError (NOT_DEAD) for one that was not."""
    unit = current_unit()
    if not await execute(BY_ID, delivery.id, clock.now()):
        raise RejectedError(text("This delivery was not given up"), code="NOT_DEAD", path=("deliveryId",))
    await _told_anew(unit, delivery.handler, 1)
    return await Delivery.get(id=delivery.id)


async def retry_all(handler: str) -> int:
    """Have everything tried anew that was given up of one handler; how many that are."""
    unit = current_unit()
    count = await execute(BY_HANDLER, handler, clock.now())
    if count:
        await _told_anew(unit, handler, count)
    return count


async def _told_anew(unit: UnitOfWork, handler: str, count: int) -> None:
    await events.append(RETRIED, HANDLER, subject_of(handler), Retried(handler=handler, count=count))
    unit.after_commit.append(lambda: outbox.tell(unit.store))


async def span(first: int, last: int | None) -> int:
    """The last event of a replay, the newest where it is not said. Raises ValidationError (OUT_OF_RANGE)."""
    newest = await events.newest_sequence()
    end = newest if last is None else last
    if not 1 <= first <= end <= newest:
        raise invalid("first", "OUT_OF_RANGE", "Events are numbered from {least} to {most}", least=1, most=newest)
    return end


async def replay(handler: EventHandler, first: int, last: int | None = None, progress: Progress | None = None) -> int:
    """Tell a handler of the sealed events from `first` to `last`, also of those that it was told of; how many.

    It runs in short units of work of its own, in order; one that was cut off is told again from where it was. What is
    still waiting stays as it is. Raises ValidationError (OUT_OF_RANGE) where there are no such events.
    """
    end = await span(first, last)
    count, told = 0, first - 1
    while told < end:
        numbers = await transact(lambda _unit: tell_batch(handler, told, end))  # noqa: B023  awaited at once
        count += len(numbers)
        told = numbers[-1] if len(numbers) == BATCH else end
        if progress is not None:
            progress(told - first + 1, end - first + 1)
    return count


async def tell_batch(handler: EventHandler, after: int, end: int) -> list[int]:
    """One batch of a replay, in a unit of work: the numbers of its events."""
    unit = current_unit()
    found = await events.sealed_events(after=after, types=handler.on).filter(sequence__lte=end).limit(BATCH)
    for event in found:
        await execute(BY_EVENT, handler.name, clock.now(), event.id)
    rows = [{"id": it.id, "type": it.type, "subject_id": it.subject_id, "sequence": it.sequence} for it in found]
    await outbox.insert(unit, [(row, handler.name) for row in rows])
    numbers = [event.sequence or 0 for event in found]
    if numbers:
        told = Replayed(handler=handler.name, first=numbers[0], last=numbers[-1], count=len(numbers))
        await events.append(REPLAYED, HANDLER, subject_of(handler.name), told)
        unit.after_commit.append(lambda: outbox.tell(unit.store))
    return numbers
