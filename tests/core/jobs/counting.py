"""A job that leaves a row for each of its steps, and how one starts it. For tests of jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from linli.core.districts import District
from linli.core.districts.migrating import ensure_root
from linli.core.errors import text
from linli.core.jobs import asking
from linli.core.jobs.job_kinds import JobKind
from linli.core.jobs.models import Job
from linli.core.jobs.runs import Run
from linli.core.people.models import Person
from linli.core.records.event_types import Internal
from linli.core.records.unit_of_work import transact

STEPS = 12


class Counting(BaseModel):
    """How many rows are to be left."""

    steps: Internal[int] = STEPS


Between = Callable[[Run, int], Awaitable[None]]


async def _go_on(_run: Run, _done: int) -> None:
    """Nothing happens between steps."""


def counting(between: Between = _go_on, **more: Any) -> JobKind:
    """A kind of jobs that leave as many people as there are steps; `between` is done before each of them."""

    async def count(run: Run) -> None:
        for place in range(run.cursor.get("done", 0), run.input.steps):
            await between(run, place)

            async def leave(_unit: object, place: int = place) -> None:
                await Person.create(name=f"{run.job.id} {place}", name_key="")
                run.note(place + 1, run.input.steps, text("{count} left", count=place + 1), {"done": place + 1})

            await run.step(leave)

    return JobKind("test.count", text("Counting"), Counting, count, "core.delivery.write", "Counts.", **more)


async def slowly(_run: Run, _done: int) -> None:
    """So that a test finds it at work."""
    await asyncio.sleep(0.05)


async def asked(district: District, kind: JobKind, steps: int = STEPS, account_id: UUID | None = None) -> Job:
    """Ask for one."""
    root = await ensure_root(district)
    with district.scope():
        return await transact(
            lambda _unit: asking.ask(kind, Counting(steps=steps), org_id=root.id, account_id=account_id)
        )


async def left(district: District) -> list[int]:
    """The steps of which a row is there, in order."""
    with district.scope():
        return sorted(int(person.name.split()[1]) for person in await Person.all())


async def job_of(district: District, job: Job) -> Job:
    """As it is now."""
    with district.scope():
        return await Job.get(id=job.id)
