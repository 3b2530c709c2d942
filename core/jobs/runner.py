"""The runner of a district: carries jobs out, and takes over those of processes that died. 任务执行器。

Every process that serves the district runs one; a job is leased by one of them at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from .. import clock
from ..errors import RejectedError
from ..pauses import doubled
from ..records.record import new_id
from ..records.unit_of_work import transact
from ..tasks import spawn
from . import asking, leases
from .job_kinds import JobKind, JobKinds
from .models import Job, JobState
from .runs import JobLostError, Run

if TYPE_CHECKING:
    from ..districts import District

POLL_SECONDS = 2.0
"""How soon a job is seen that another process committed, or left behind."""
LOOK_SECONDS = 0.1
"""How often a run is looked after: whether something is to be written of it."""
AT_ONCE = 2
"""How many jobs of a district are at work at one time in a process."""
FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
GIVEN_UP = "INTERNAL_ERROR"

log = structlog.get_logger(__name__)


class Runner:
    """Carries out the jobs of one district until it is stopped; what it has not finished then is free for others."""

    def __init__(self, district: District, kinds: JobKinds | None = None) -> None:
        self.district = district
        self.id = new_id()
        self._kinds = district.job_kinds if kinds is None else kinds
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being carried out."""
        return bool(self._running)

    def start(self) -> None:
        """Begin to carry out in the background."""
        self._unsubscribe = asking.subscribe(self.district.store, self._woken.set)
        self._task = spawn(self._run, name=f"jobs of {self.district.key}")

    async def stop(self) -> None:
        """Let go of what is under way: another process goes on with it, or this one at its next start."""
        self._stopping = True
        self._woken.set()
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._task is not None:
            await asyncio.wait([self._task])
        running = list(self._running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def drain(self) -> int:
        """Carry out every job that waits, to its end or its first failure; how many those were."""
        count = 0
        while begun := await self._begin():
            count += begun
            await asyncio.wait(list(self._running.values()))
        return count

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                await self._begin()
            except Exception as error:  # a database that restarts must not end this for good
                log.error("jobs_not_begun", district=self.district.key, exc_info=error)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._woken.wait()

    async def _begin(self) -> int:
        """Begin what is free as long as there is room; how many jobs."""
        begun = 0
        with self.district.scope():
            while len(self._running) < AT_ONCE and not self._stopping:
                job = await self._taken() if await leases.any_free(self._kinds, self._running) else None
                if job is None:
                    break
                self._running[job.id] = spawn(partial(self._carry_out, job), name=f"job {job.id}")
                begun += 1
        return begun

    async def _taken(self) -> Job | None:
        return await transact(lambda unit: leases.take(unit, self.id, list(self._kinds), list(self._running)))

    async def _carry_out(self, job: Job) -> None:
        try:
            with self.district.scope():
                await self._to_its_end(job, self._kinds[job.kind])
        finally:
            del self._running[job.id]
            self._woken.set()

    async def _to_its_end(self, job: Job, kind: JobKind) -> None:
        run = Run(self.district, kind, job, self.id)
        try:
            if job.attempts > kind.attempts:  # begun so often, and whoever did never came further
                await run.finish(JobState.FAILED, GIVEN_UP)
                return
            await self._work(run)
            await run.finish(JobState.DONE)
        except JobLostError:
            log.info("job_lost", district=self.district.key, kind=job.kind, job=str(job.id))
        except asyncio.CancelledError:
            await self._let_go(job)
        except Exception as error:
            await self._failed(run, error)

    async def _work(self, run: Run) -> None:
        this = asyncio.current_task()
        assert this is not None, "runs in a task of its own"
        looking = spawn(partial(self._look_after, run, this), name=f"lease of job {run.job.id}")
        try:
            await run.kind.work(run)
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _look_after(self, run: Run, working: asyncio.Task[None]) -> None:
        """Write how far a run is and keep it leased while it lasts; end it where it is lost."""
        renewed = clock.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            renew = clock.monotonic() - renewed >= leases.RENEW_SECONDS
            try:
                with self.district.scope():
                    await run.keep(renew=renew)
            except JobLostError:
                working.cancel()
                return
            except Exception as error:  # the lease holds for a while; a database that restarts is back before long
                log.warning("job_not_kept", district=self.district.key, job=str(run.job.id), exc_info=error)
            if renew:
                renewed = clock.monotonic()

    async def _let_go(self, job: Job) -> None:
        """This process ends, or the job is somebody else's by now."""
        if self._stopping:
            await transact(lambda _unit: leases.give_back(job, self.id, begun=False))

    async def _failed(self, run: Run, error: Exception) -> None:
        kind, job = run.kind, await Job.get(id=run.job.id)
        refused = isinstance(error, RejectedError)
        given_up = refused or job.attempts >= kind.attempts
        log.error(
            "job_failed" if given_up else "job_stopped",
            district=self.district.key,
            kind=job.kind,
            job=str(job.id),
            attempts=job.attempts,
            exc_info=error,
        )
        with suppress(JobLostError):
            if given_up:
                await run.finish(JobState.FAILED, error.code if isinstance(error, RejectedError) else GIVEN_UP)
            else:
                pause = doubled(job.attempts, FIRST_SECONDS, LONGEST_SECONDS)
                await transact(lambda _unit: leases.give_back(job, self.id, pause))
