"""Whether a job came further, for however many watch it in this process: one look for all. 进度。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID
from weakref import WeakKeyDictionary

from .. import clock
from ..records.store import Store
from .models import OPEN, Job
from .runs import TOLD_SECONDS

MOST_KNOWN = 1000


@dataclass
class _Known:
    """Versions of jobs, and when each was read."""

    versions: dict[UUID, tuple[float, int | None]] = field(default_factory=dict)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


_known: WeakKeyDictionary[Store, _Known] = WeakKeyDictionary()


async def version_of(store: Store, job_id: UUID, *, at_once: bool = False) -> int | None:
    """The version of a job, half a second old at most unless it is wanted `at_once`; None where there is none.

    The district is entered.
    """
    known = _known.setdefault(store, _Known())
    async with known.reading:
        read_at, version = known.versions.get(job_id, (None, None))
        if at_once or read_at is None or clock.monotonic() - read_at >= TOLD_SECONDS:
            found = await Job.filter(id=job_id).values_list("version", flat=True)
            version = found[0] if found else None  # type: ignore[assignment]  # flat
            if len(known.versions) >= MOST_KNOWN:
                known.versions.clear()
            known.versions[job_id] = clock.monotonic(), version
        return version


async def follow(job: Job) -> AsyncIterator[tuple[Job, float]]:
    """A job as it is found every half second until it has ended, each time with the seconds since its row changed.

    Whoever carries a job out writes something of it every few seconds, be it that it lives. The district is entered.
    """
    changed = clock.monotonic()
    while True:
        yield job, clock.monotonic() - changed
        if job.state not in OPEN:
            return
        await asyncio.sleep(TOLD_SECONDS)
        found = await Job.get(id=job.id)
        if (found.version, found.leased_until) != (job.version, job.leased_until):
            changed = clock.monotonic()
        job = found
