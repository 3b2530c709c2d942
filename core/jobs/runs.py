"""One run of a job: its steps, and how far it is, told seldom. 任务执行。"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from .. import clock, kept_texts
from ..errors import Text
from ..records.unit_of_work import UnitOfWork, current_unit, transact
from . import asking, leases
from .models import Job, JobState

if TYPE_CHECKING:
    from ..districts import District
    from .job_kinds import JobKind

T = TypeVar("T")

TOLD_SECONDS = 0.5
"""How often at most it is written how far a job is, between its steps."""


class JobLostError(Exception):
    """This job is no longer this runner's: somebody cancelled it, or took it over."""


class Run:
    """What a job's work is given: what was asked for, where it stands, and the ways to come further. 一次执行。"""

    def __init__(self, district: District, kind: JobKind, job: Job, runner: UUID) -> None:
        self.district, self.kind, self.job = district, kind, job
        self._runner = runner
        self._turn = asyncio.Lock()
        self._written_at = clock.monotonic()
        self._unwritten = False

    @cached_property
    def input(self) -> Any:
        """What was asked for, as the kind's `input`."""
        return self.kind.input.model_validate(self.job.input)

    @property
    def cursor(self) -> Mapping[str, Any]:
        """How far the last step that was committed left it; empty at the beginning."""
        return self.job.cursor

    def note(
        self,
        done: int | None = None,
        total: int | None = None,
        message: Text | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> None:
        """Say how far it is; what is None stays. Kept by the step in which it is said, else within half a second.

        The `cursor`, plain JSON, is said in steps alone: it is what they have done. Nothing here tells of a person.
        """
        self.job.done = self.job.done if done is None else done
        self.job.total = self.job.total if total is None else total
        self.job.message = self.job.message if message is None else kept_texts.plain(message)
        if cursor is not None:
            current_unit()
            self.job.cursor = dict(cursor)
        self._unwritten = True

    async def step(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Do `work` in a unit of work of whoever asked for the job, with how far it is then: both or neither.

        Raises JobLostError where somebody else has the job by now: then nothing was done.
        """
        async with self._turn:
            before = self._standing()

            async def once(unit: UnitOfWork) -> T:
                self._stand(before)
                await self.hold()
                found = await work(unit)
                await self._write()
                return found

            try:
                found = await transact(once, self.job.account_id)
            except BaseException:
                self._stand(before)
                raise
            self._written()
            return found

    async def hold(self) -> None:
        """In a unit of work of one's own: keep the job from being cancelled or taken over until that ends.

        Raises JobLostError where it was already.
        """
        current_unit()
        if not await leases.hold(self.job, self._runner):
            raise JobLostError

    async def keep(self, *, renew: bool) -> None:
        """Write what is unwritten, or renew the lease; by whoever looks after the run. Raises JobLostError."""
        if self._turn.locked():
            return  # a step does both
        async with self._turn:
            if self._unwritten and clock.monotonic() - self._written_at >= TOLD_SECONDS:
                self._written()
                await transact(lambda _unit: self._write())
            elif renew and not await transact(lambda _unit: leases.renew(self.job, self._runner)):
                raise JobLostError

    async def finish(self, state: JobState, failure: str | None = None) -> None:
        """Note how it ended. Raises JobLostError."""

        async def once(_unit: UnitOfWork) -> None:
            await self._write()
            await asking.end(self.district, await Job.get(id=self.job.id), state, failure)

        async with self._turn:
            await transact(once, self.job.account_id)

    def _standing(self) -> tuple[Any, ...]:
        return self.job.done, self.job.total, self.job.message, self.job.cursor

    def _stand(self, standing: tuple[Any, ...]) -> None:
        self.job.done, self.job.total, self.job.message, self.job.cursor = standing

    async def _write(self) -> None:
        if not await leases.note(self.job, self._runner):
            raise JobLostError

    def _written(self) -> None:
        self._written_at, self._unwritten = clock.monotonic(), False
