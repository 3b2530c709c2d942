"""Asking for long work, and calling it off; in units of work. 提交与取消任务。"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel

from .. import clock
from ..errors import InvalidTransitionError, RejectedError, text
from ..records import events
from ..records.listeners import Listeners
from ..records.store import Store
from ..records.unit_of_work import current_unit
from .job_events import JOB, JOB_ASKED, JOB_ENDED, JobAsked, JobEnded
from .models import OPEN, Job, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..districts import District
    from .job_kinds import JobKind

_waiting = Listeners[[]]()


def subscribe(store: Store, wake: Callable[[], None]) -> Callable[[], None]:
    """Have `wake` called when this process commits a job; the answer ends that."""
    return _waiting.subscribe(store, wake)


async def ask(
    kind: JobKind,
    given: BaseModel,
    *,
    org_id: UUID,
    account_id: UUID | None,
    subject: tuple[str, UUID] | None = None,
    total: int | None = None,
) -> Job:
    """Have a job done once the open unit of work is committed; it is told of as a job at the organisation `org_id`.

    `account_id` is who asks, None for an operator; `subject` the type and id of the record that it is about.
    """
    if type(given) is not kind.input:
        raise TypeError(f"job {kind.name} takes {kind.input.__name__}, not {type(given).__name__}")
    unit = current_unit()
    subject_type, subject_id = subject or (None, None)
    job = await Job.create(
        kind=kind.name,
        org_id=org_id,
        account_id=account_id,
        subject_type=subject_type,
        subject_id=subject_id,
        input=given.model_dump(mode="json"),
        total=total,
        next_at=clock.now(),
    )
    await events.append(JOB_ASKED, JOB, job.id, JobAsked(kind=kind.name), org_id=org_id)
    unit.after_commit.append(partial(_waiting.tell, unit.store))
    return job


async def cancel(district: District, job: Job) -> Job:
    """Call a job off: what its steps wrote stays, and whoever carries it out stops.

    Raises InvalidTransitionError for one that has ended, RejectedError NOT_CANCELLABLE.
    """
    held = await Job.filter(id=job.id).select_for_update().get()
    if held.state not in OPEN:
        raise InvalidTransitionError(text("This job has ended"), path=("jobId",))
    if not district.job_kinds[held.kind].cancellable:
        raise RejectedError(text("Such a job runs to its end"), code="NOT_CANCELLABLE", path=("jobId",))
    return await end(district, held, JobState.CANCELLED)


async def end(district: District, held: Job, state: JobState, failure: str | None = None) -> Job:
    """Note how a job that is held ended, and let its kind tidy up after one that was not done."""
    now = clock.now()
    changed: dict[str, Any] = {
        "state": state.value,
        "failure": failure,
        "ended_at": now,
        "updated_at": now,
        "runner": None,
        "leased_until": None,
        "version": held.version + 1,
    }
    await Job.filter(id=held.id).update(**changed)
    held.update_from_dict(changed)
    kind = district.job_kinds.get(held.kind)
    if state is not JobState.DONE and kind is not None and kind.ended is not None:
        await kind.ended(district, held)
    told = JobEnded(kind=held.kind, state=held.state, done=held.done, failure=failure)
    await events.append(JOB_ENDED, JOB, held.id, told, org_id=held.org_id)
    return held
