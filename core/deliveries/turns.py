"""Whose turn it is: the first delivery of a handler that may be carried out now, kept from other processes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from .. import clock
from ..graph.sql import execute, fetch
from ..pauses import doubled
from ..records.delivery_models import DeliveryState
from ..records.store import Dialect

ERASED = "ERASED"
"""What came of a delivery whose event tells nothing any more."""
FIRST_SECONDS = 1.0
LONGEST_SECONDS = 300.0

_TURN = (
    "SELECT id FROM core_delivery AS one WHERE handler = $1 AND state = 'PENDING' AND sequence IS NOT NULL "
    "AND next_at <= $2::timestamptz AND NOT EXISTS (SELECT 1 FROM core_delivery AS earlier "
    "WHERE earlier.subject_id = one.subject_id AND earlier.handler = one.handler AND earlier.state = 'PENDING' "
    "AND earlier.sequence < one.sequence) ORDER BY sequence LIMIT {most}"
)
# Somebody else's turn is passed over; SQLite has one writer, and this is asked by whoever may write.
TURN: dict[Dialect, str] = {"sqlite": _TURN, "postgres": _TURN + " FOR UPDATE SKIP LOCKED"}
DONE = (
    "UPDATE core_delivery SET state = 'DONE', done_at = $2::timestamptz, problem = $3::text, "
    "attempts = attempts + 1 WHERE id = $1::uuid AND state = 'PENDING'"
)
# A lease: whoever works outside of the district holds no lock meanwhile.
LEASE = "UPDATE core_delivery SET next_at = $2::timestamptz WHERE id = $1::uuid AND state = 'PENDING'"
END = (
    "UPDATE core_delivery SET state = 'DONE', done_at = $2::timestamptz, problem = 'ENDED' "
    "WHERE handler = $1 AND state = 'PENDING'"
)
LATER = (
    "UPDATE core_delivery SET attempts = $2::int, state = $3::text, next_at = $4::timestamptz, problem = $5::text "
    "WHERE id = $1::uuid AND state = 'PENDING'"
)


def pause(attempts: int) -> timedelta:
    """How long a delivery is left alone after so many failures: a second, then twice as long, 5 minutes at most."""
    return timedelta(seconds=doubled(attempts, FIRST_SECONDS, LONGEST_SECONDS))


async def whose(handler: str, dialect: Dialect, most: int) -> Sequence[UUID]:
    """The deliveries of a handler that may be carried out now, in the order of their events; one of each subject."""
    rows = await fetch(TURN[dialect].format(most=most), handler, clock.now())
    return [UUID(str(row["id"])) for row in rows]


async def any_waits(handler: str) -> bool:
    """Whether it may be somebody's turn: a look without a transaction, since mostly it is nobody's."""
    return bool(await fetch(_TURN.format(most=1), handler, clock.now()))


async def lease(delivery_ids: Iterable[UUID], seconds: float) -> None:
    """Keep deliveries from others for so long; a process that dies gives them back by that."""
    until = clock.now() + timedelta(seconds=seconds)
    for delivery_id in delivery_ids:
        await execute(LEASE, delivery_id, until)


async def done(delivery_id: UUID, outcome: str | None = None) -> bool:
    """Note that a delivery was carried out, or came to nothing for a reason; False where somebody else did."""
    return bool(await execute(DONE, delivery_id, clock.now(), outcome))


async def end_all(handler: str) -> None:
    """Nobody is told of what still waits for a handler: it has ended."""
    await execute(END, handler, clock.now())


async def failed(delivery_id: UUID, attempts: int, most: int, problem: str) -> DeliveryState:
    """Note a failure: it is tried again after a pause, or given up."""
    state = DeliveryState.DEAD if attempts >= most else DeliveryState.PENDING
    await execute(LATER, delivery_id, attempts, state.value, clock.now() + pause(attempts), problem)
    return state
