"""Who carries a job out: leased for seconds, renewed while it lives, free again when it does not. 任务租约。"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from .. import clock
from ..graph.sql import execute, fetch, json_text
from ..records.store import Dialect
from ..records.unit_of_work import UnitOfWork
from .models import Job

LEASE_SECONDS = 15.0
"""After how many seconds of silence others take a job over."""
RENEW_SECONDS = 4.0

# A lease that ends later than any given now was given by a clock that ran ahead, and counts no more.
_FREE = (
    "SELECT id FROM core_job WHERE state IN ('QUEUED', 'RUNNING') AND next_at <= $1::timestamptz "
    "AND (leased_until IS NULL OR leased_until <= $1::timestamptz OR leased_until > $2::timestamptz)"
    "{narrowed} ORDER BY created_at, id LIMIT 1"
)
FREE: dict[Dialect, str] = {"sqlite": _FREE, "postgres": _FREE + " FOR UPDATE SKIP LOCKED"}
TAKE = (
    "UPDATE core_job SET state = 'RUNNING', runner = $2::uuid, leased_until = $3::timestamptz, "
    "started_at = COALESCE(started_at, $4::timestamptz), updated_at = $4::timestamptz, attempts = attempts + 1, "
    "version = version + 1 WHERE id = $1::uuid"
)
_MINE = " WHERE id = $1::uuid AND runner = $2::uuid AND state = 'RUNNING'"
# ruff: noqa: S608  statements of ours
RENEW = "UPDATE core_job SET leased_until = $3::timestamptz" + _MINE
HOLD = "UPDATE core_job SET leased_until = $3::timestamptz, attempts = 1" + _MINE
NOTE = (
    "UPDATE core_job SET leased_until = $3::timestamptz, updated_at = $4::timestamptz, done = $5::bigint, "
    "total = $6::bigint, message = $7::json, cursor = $8::json, version = version + 1" + _MINE
)
GIVE_BACK = (
    "UPDATE core_job SET runner = NULL, leased_until = NULL, next_at = $3::timestamptz, "
    "attempts = attempts - $4::int, version = version + 1" + _MINE
)


def _lease_end() -> datetime:
    return clock.now() + timedelta(seconds=LEASE_SECONDS)


def _narrowed(kinds: Collection[str], without: Collection[UUID], first: int) -> tuple[str, list[object]]:
    """The condition by kinds and against ids, as marks that both engines take."""
    values: list[object] = [*kinds, *without]
    marks = [f"${place}" for place in range(first, first + len(kinds))]
    told = f" AND kind IN ({', '.join(marks)})"
    if without:
        from_ = first + len(kinds)
        told += f" AND id NOT IN ({', '.join(f'${from_ + place}::uuid' for place in range(len(without)))})"
    return told, values


async def any_free(kinds: Collection[str], without: Collection[UUID]) -> bool:
    """Whether there may be a job to take: a look without a transaction, since mostly there is none."""
    if not kinds:
        return False
    told, values = _narrowed(kinds, without, 3)
    return bool(await fetch(_FREE.format(narrowed=told), clock.now(), _lease_end(), *values))


async def take(unit: UnitOfWork, runner: UUID, kinds: Collection[str], without: Collection[UUID]) -> Job | None:
    """Lease the oldest job that nobody carries out; in a unit of work. `without` are left alone."""
    now = clock.now()
    told, values = _narrowed(kinds, without, 3)
    rows = await fetch(FREE[unit.store.dialect].format(narrowed=told), now, _lease_end(), *values)
    if not rows:
        return None
    id_ = UUID(str(rows[0]["id"]))
    await execute(TAKE, id_, runner, _lease_end(), now)
    return await Job.get(id=id_)


async def renew(job: Job, runner: UUID) -> bool:
    """Keep a job for another while; False where it is this runner's no more."""
    return bool(await execute(RENEW, job.id, runner, _lease_end()))


async def hold(job: Job, runner: UUID) -> bool:
    """Keep others from a job until the open unit of work ends, with which it comes further; False where it is lost."""
    return bool(await execute(HOLD, job.id, runner, _lease_end()))


async def note(job: Job, runner: UUID) -> bool:
    """Write how far a job is, and keep it; False where it is this runner's no more."""
    told = (job.done, job.total, json_text(job.message), json_text(job.cursor))
    return bool(await execute(NOTE, job.id, runner, _lease_end(), clock.now(), *told))


async def give_back(job: Job, runner: UUID, pause: float = 0.0, *, begun: bool = True) -> None:
    """Let others have a job, after some seconds; an attempt that was not `begun` does not count."""
    await execute(GIVE_BACK, job.id, runner, clock.now() + timedelta(seconds=pause), 0 if begun else 1)
